"""What is offered to begin with: tags for half a name, and artists whom the place lets in."""

import asyncio

from storage.records import Account, Community, Kind

NOW = 1_700_000_000


async def test_tags_come_by_how_many_artists_carry_them_and_decades_by_both_their_names(music):
    tags = music.welcome.tags
    # Six artists each, but only five of jazz have songs and with them a decade.
    assert await tags("", 3) == ["rock", "jazz", "1960s"]
    assert set(await tags("", 25)) >= {"rock", "jazz", "1970s"}
    assert await tags("90", 5) == await tags("1990", 5) == ["1990s"]
    assert await tags("JA", 5) == ["jazz"]
    assert await tags("nothing of the kind", 5) == []


async def test_new_tags_are_offered_once_they_are_learned_and_nobody_waits_for_it(music, ann):
    assert await music.welcome.tags("frob", 5) == []
    song = await music.names.add(ann, "Some Band", "Some Song")
    track = song.subject.track_id
    await music._write(lambda s: s.music.tag_track(track, s.music.ensure_tag("frobnicore"), "test", 1.0))
    await music.reactions.record(ann, song.subject, Kind.LIKE, key="so that there is something to learn")
    await music.train()
    assert await music.welcome.tags("frob", 5) == []  # what was counted before, while it is counted anew
    await asyncio.wait_for(music.welcome._counting, 10)
    assert await music.welcome.tags("frob", 5) == ["frobnicore"]


async def test_nobody_is_offered_to_begin_with_whom_the_place_has_blocked(music):
    room = Community("discord", "1", "server", "Cave")
    listener = await music.arrive(Account("discord", "1", "Ann"), room)
    before = await music.welcome.artists(listener.community_id)
    assert len(before) > 1
    await music.communities.block(listener.community_id, before[0].subject, blocked=True)
    assert await music.welcome.artists(listener.community_id) == before[1:]
    assert await music.welcome.artists() == before
