"""A session as a radio: what people play in a row counts for what comes next, and only then."""

from storage.records import Account, Event, Kind, Subject


def play_in_pairs(store):
    """Let three people play one song after another day after day, and return both with two others."""
    now = 1_700_000_000
    first = {}
    for track, artist, *_ in store.music.track_rows():
        first.setdefault(artist, track)
    artists = map(store.music.ensure_artist, ("rock 0", "jazz 7", "rock 3", "jazz 1"))
    songs = [Subject(artist, first[artist]) for artist in artists]
    for person in range(3):
        user = store.people.ensure(Account("world", f"player {person}", "x"), now=now)
        for day in range(40):
            pair = songs[:2] if day % 2 else songs[2:]
            for n, song in enumerate(pair):
                at = now - 86_400 * (60 - day) + 1000 * person + 200 * n
                event = Event(f"{person}-{day}-{n}", user, song, Kind.PLAY, "world", at)
                store.log.append(event, now=now)
    return songs


async def test_each_song_leads_to_the_next(music, someone):
    songs = await music._write(play_in_pairs)
    await music.train()
    ann = await someone("Ann", "jazz 0")
    live = await music.sessions.start(ann, "", "Friday", key="k")
    await music.sessions.request(ann, live.id, await music.names.song(songs[0]))
    await music.sessions.next(ann, live.id, key="a")
    apart = await music.sessions.look(live.id)
    tuned = await music.sessions.tune(ann, live.id, radio=True)
    assert tuned.now.song.subject == songs[0]
    assert songs[1] in [turn.song.subject for turn in tuned.next]
    assert tuned.next[0].song.subject == songs[1] != apart.next[0].song.subject
    off = await music.sessions.tune(ann, live.id, radio=False)
    assert [t.song for t in off.next] == [t.song for t in apart.next]
