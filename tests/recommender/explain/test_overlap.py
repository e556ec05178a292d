"""What a likeness goes by, and how many listen to both."""

import dataclasses

import pytest

from recommender.errors import NothingToDo
from recommender.types import Query
from storage.records import FEATURES
from storage.writer import Writer


async def near(music, listener, *names, **query):
    seeds = tuple([(await music.names.resolve(name)).song.subject for name in names])
    return await music.recommend(Query(listener.user_id, 5, listener.community_id, seeds=seeds, **query))


async def test_a_reason_tells_how_many_listen_to_both(music, ann):
    served = await near(music, ann, "rock 2")
    # Of ten fans everybody misses one of six artists: two miss rock 2, and one or two another.
    counts = {pick.song.artist: pick.explanation.count for pick in served.picks}
    assert set(counts.values()) <= {6, 7}


async def test_by_listeners_only_those_who_listen_speak(music, ann):
    served = await near(music, ann, "rock 2", by="listeners")
    scorers = {pick.explanation.scorer.partition(".")[2] for pick in served.picks}
    assert served.picks
    assert scorers == {"blend"}


async def test_by_words_only_descriptions_speak(music, ann):
    served = await near(music, ann, "rock 2", by="words")
    assert {pick.explanation.scorer.partition(".")[2] for pick in served.picks} == {"content"}


async def test_by_sound_a_song_of_another_camp_that_sounds_alike_comes_first(database, music, ann):
    sounds = {"rock 0 song 0": 0.1, "jazz 3 song 2": 0.12, "rock 1 song 1": 0.9, "jazz 1 song 0": 0.8}

    def heard(store):
        for title, energy in sounds.items():
            camp = title.partition(" song")[0]
            track = store.music.ensure_track(store.music.ensure_artist(camp), title)
            values = dict.fromkeys(FEATURES, 0.5) | {"energy": energy, "valence": 1 - energy}
            store.music.set_features(track, values)

    with Writer(database) as writer:
        writer.write(heard).result()
    await music.train()
    served = await near(music, ann, "rock 0 song 0", by="sound")
    assert served.picks[0].song.title == "jazz 3 song 2"
    assert {pick.song.title for pick in served.picks} <= set(sounds)


async def test_by_words_a_second_list_comes_after_the_first(music, ann):
    first = await near(music, ann, "rock 2", by="words")
    await music.shown(first.id)
    second = await near(music, ann, "rock 2", by="words")
    assert {p.song.subject for p in first.picks} != {p.song.subject for p in second.picks}


async def test_where_nothing_is_known_of_the_sound_that_is_said(music, ann):
    with pytest.raises(NothingToDo, match="how that sounds"):
        await near(music, ann, "rock 0", by="sound")


async def test_a_query_survives_being_stored(music, ann):
    away = (await music.names.resolve("jazz 1")).song.subject
    served = await near(music, ann, "rock 2", away=(away,), by="words")
    again = await music.slate(ann, served.id)
    assert dataclasses.astuple(again.query) == dataclasses.astuple(served.query)
    assert [song.artist for song in again.away] == ["jazz 1"]


async def test_away_from_an_artist_of_the_same_kind_takes_away(music, ann):
    away = (await music.names.resolve("rock 3")).song.subject
    served = await near(music, ann, "rock 2", away=(away,))
    assert "rock 3" not in {pick.song.artist for pick in served.picks}
