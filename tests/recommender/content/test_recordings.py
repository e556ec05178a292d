"""Which tracks are versions of one work."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.content.recordings import bare, versions
from recommender.service import MusicService
from recommender.types import Query
from storage.catalogue.versions import Versions
from storage.naming.text import fold
from storage.records import Account, Kind, TitleRow, VersionDecision
from storage.store import Store
from storage.writer import Writer


def rows(*songs):
    """Tracks 1, 2, ... of one artist: (title, seconds or None)."""
    return [
        TitleRow(number, 1, title, fold(title), seconds and int(1000 * seconds))
        for number, (title, seconds) in enumerate(songs, start=1)
    ]


def works(*songs, decisions=()):
    found = versions(rows(*songs), [VersionDecision(*decision) for decision in decisions])
    grouped = {}
    for one in found:
        grouped.setdefault(one.work_id, set()).add(one.track_id)
    return grouped


@pytest.mark.parametrize(
    ("title", "key", "is_same_music"),
    [
        ("Heroes - 2017 Remaster", "heroes", True),
        ("La Grange - 2005 Remastered Version", "la grange", True),
        ("Paint It, Black (Mono Version)", "paint it black", True),
        ("Crazy in Love (feat. Jay-Z)", "crazy in love", True),
        ("Lean On ft. M\u00d8", "lean on", True),
        ("Hurt - Live at Wembley", "hurt", False),
        ("Lovefool - Radio Edit", "lovefool", False),
        ("Journey Feat. Emma Carn - Radio Mix", "journey", False),
        ("One More Time (Short Club Remix)", "one more time short club remix", True),
        ("Another Brick in the Wall (Part 2)", "another brick in the wall part 2", True),
        ("Layla - Acoustic", "layla acoustic", True),
        ("Live Forever", "live forever", True),
        ("Stay (with Me)", "stay", False),
        ("50 Ft. Queenie", "50 ft queenie", True),
        ("(Live)", "live", True),
        ("From Me to You", "from me to you", True),
    ],
)
def test_what_a_version_is_called_is_no_part_of_the_work(title, key, is_same_music):
    found = bare(title)
    assert found[0] == key
    assert found[2] or not is_same_music


@given(st.text(max_size=60))
def test_no_title_is_left_with_nothing(title):
    assert bool(bare(title)[0]) == bool(fold(title))


def test_a_remaster_of_the_same_length_is_the_same_work():
    assert works(("Heroes", 371), ("Heroes - 2017 Remaster", 371.9), ("Heroes - Single Version", 213)) == {
        1: {1, 2}
    }


def test_versions_three_seconds_apart_are_one_work_and_four_are_two():
    assert works(("Song", 200), ("Song - Live", 203)) == {1: {1, 2}}
    assert works(("Song", 200), ("Song - Live", 204)) == {}


def test_lengths_form_no_chain():
    assert works(("Song", 200), ("Song - Live", 202.9), ("Song - Radio Edit", 205.8)) == {1: {1, 2}}


def test_without_a_length_only_what_changes_nothing_in_the_music_is_merged():
    assert works(("Song", None), ("Song - Remastered", 200), ("Song - Live", 300)) == {1: {1, 2}}


def test_a_remix_is_a_work_of_its_own():
    assert works(("Song", 200), ("Song - Somebody Remix", 200)) == {}


def test_the_plainest_title_stands_for_the_work():
    assert works(("Song (feat. B) - Radio Edit", 200), ("Song - Remastered", 200), ("Song", 200)) == {
        3: {1, 2, 3}
    }


def test_of_two_artists_nothing_is_merged():
    same = [TitleRow(1, 1, "Song", "song", 200_000), TitleRow(2, 2, "Song", "song", 200_000)]
    assert versions(same, []) == []


def test_an_operator_merges_and_splits_against_every_rule():
    assert works(("A", 100), ("B", 200), decisions=[(1, 2, "operator", True)]) == {1: {1, 2}}
    assert works(("A", 100), ("A - Mono", 100), decisions=[(1, 2, "operator", False)]) == {}


def test_an_id_given_for_two_titles_that_differ_is_not_believed():
    assert works(("A", 100), ("B", 100), decisions=[(1, 2, "isrc", True)]) == {}
    assert works(("A", 100), ("A - Live", 500), decisions=[(1, 2, "isrc", True)]) == {1: {1, 2}}


def test_an_id_given_for_two_tracks_is_remembered_and_an_operator_has_the_last_word(tmp_path):
    def told(store):
        artist = store.music.ensure_artist("Band")
        tracks = [store.music.ensure_track(artist, title) for title in ("Song", "Song - Live")]
        for track in tracks:
            store.music.add_track_id(track, "isrc", "GBUM71029604")
        Versions(store.db).decide(tracks[1], tracks[0], "operator", same=False)
        for track in tracks:
            store.music.add_track_id(track, "isrc", "GBUM71029604")
        return tracks

    with Writer(tmp_path / "m.db") as writer:
        tracks = writer.write(told).result()
    with Store.open(tmp_path / "m.db", readonly=True) as store:
        assert Versions(store.db).decisions() == [VersionDecision(*tracks, "operator", same=False)]


async def test_no_list_holds_two_versions_and_a_known_song_bars_its_versions(tmp_path):
    def world(store):
        tag = store.music.ensure_tag("rock", "genre")
        for n in range(4):
            artist = store.music.ensure_artist(f"band {n}")
            for title in ("Song", "Song - Remastered 2011", "Song (Live)"):
                track = store.music.ensure_track(artist, title, duration_ms=200_000 + n)
                store.music.tag_track(track, tag, "test", 1.0)

    with Writer(tmp_path / "m.db") as writer:
        writer.write(world).result()
    async with await MusicService.open(tmp_path / "m.db", seed=1) as music:
        ann = await music.arrive(Account("terminal", "ann", "Ann"))
        shown = (await music.recommend(Query(ann.user_id, 12))).picks
        assert sorted(pick.song.artist for pick in shown) == [f"band {n}" for n in range(4)]
        await music.reactions.record(ann, shown[0].song.subject, Kind.LIKE, key="like")
        shown = (await music.recommend(Query(ann.user_id, 12))).picks
        assert len({pick.song.artist for pick in shown}) == len(shown) == 3


def test_on_the_table_of_32_thousand_songs_merged_titles_differ_in_marks_alone(shared_data, tmp_path):
    from storage.imports import open_reader  # noqa: PLC0415
    from storage.ingest.importer import run_import  # noqa: PLC0415 - heavy

    with Writer(tmp_path / "m.db") as writer:
        run_import(writer, open_reader("spotify-tracks", shared_data / "spotify-songs-32k"))
    with Store.open(tmp_path / "m.db", readonly=True) as store:
        titles = list(Versions(store.db).titles())
        found = versions(titles, [])
    by_id = {row.track_id: row for row in titles}
    assert 26_000 < len(titles) < 26_200
    assert 550 <= len(found) <= 700
    lengths = [[by_id[one].duration_ms for one in (v.track_id, v.work_id)] for v in found]
    assert np.abs(np.diff(lengths)).max() <= 6_000
