"""What a mood and rarity leave of a catalogue."""

from bot.wishes.vocabulary import lexicon
from recommender.content.moods import MOODS
from recommender.service import MusicService
from recommender.types import Query, WishPart
from storage.records import FEATURES, Account, Event, Kind, Subject
from storage.writer import Writer


def test_every_mood_and_occasion_that_can_be_typed_has_a_meaning():
    parts = {part for entry in lexicon().values() for part in entry.parts}
    felt = {part.value for part in parts if part.kind in ("mood", "activity", "sound")}
    assert sorted(felt - set(MOODS)) == ["clean", "long", "short"], "nothing in a catalogue tells these"
    assert sorted(set(MOODS) - felt) == []
    assert all(set(mood.sound) <= set(FEATURES) for mood in MOODS.values())


async def test_songs_without_tags_are_found_by_their_sound(tmp_path):
    def world(store):
        for n in range(30):
            artist = store.music.ensure_artist(f"band {n}")
            track = store.music.ensure_track(artist, f"song {n}")
            loud = n / 30
            values = {"energy": loud, "loudness": -20 + 15 * loud, "tempo": 80 + 60 * loud}
            values["acousticness"] = 1 - loud
            store.music.set_features(track, dict.fromkeys(FEATURES, 0.5) | values)

    with Writer(tmp_path / "m.db") as writer:
        writer.write(world).result()
    async with await MusicService.open(tmp_path / "m.db", seed=1) as music:
        ann = await music.arrive(Account("terminal", "ann", "Ann"))
        wild = (await music.recommend(Query(ann.user_id, 5, wish=(WishPart("activity", "workout"),)))).picks
        calm = (await music.recommend(Query(ann.user_id, 5, wish=(WishPart("mood", "calm"),)))).picks
    assert min(int(pick.song.title.split()[1]) for pick in wild) >= 15
    assert max(int(pick.song.title.split()[1]) for pick in calm) < 15


async def test_discovering_leaves_out_what_many_play(database):
    def heard(store):
        for fan in range(8):
            user = store.people.ensure(Account("world", f"rock fan {fan}", "x"), now=1)
            for n in range(6):
                artist = store.music.ensure_artist(f"rock {n}")
                track = store.music.ensure_track(artist, f"rock {n} song 0")
                liked = Event(f"{fan}-{n}", user, Subject(artist, track), Kind.LIKE, "world")
                store.log.append(liked, now=1)

    with Writer(database) as writer:
        writer.write(heard).result()
    async with await MusicService.open(database, seed=1) as music:
        ann = await music.arrive(Account("terminal", "ann", "Ann"))
        everything = await music.recommend(Query(ann.user_id, 20))
        rare = await music.recommend(Query(ann.user_id, 20, wish=(WishPart("known", "deep"),)))
    known = {f"rock {n} song 0" for n in range(6)}
    assert known & {pick.song.title for pick in everything.picks}
    assert rare.picks
    assert not known & {pick.song.title for pick in rare.picks}


async def test_a_query_for_a_mood_survives_being_stored(music, ann):
    served = await music.recommend(Query(ann.user_id, 3, wish=(WishPart("genre", "jazz"),)))
    again = await music.slate(ann, served.id)
    assert again.query == served.query
    assert again.query.wish == (WishPart("genre", "jazz"),)
