"""A portrait: where a user is on the map of music, and how their songs sound."""

import numpy as np
import pytest

from recommender.feedback.matrix import IdIndex
from recommender.scorers import Profile
from recommender.service import MusicService
from recommender.service.portraits import SOUNDS, sounds
from storage.records import FEATURES, Account, Kind, Subject
from storage.store import Store

TRACKS = 101


class Learned:
    """The parts of a snapshot that sounds are read from."""

    features = np.zeros((TRACKS + 1, len(FEATURES)), dtype=np.float32)  # of the last nothing is known


Learned.features[:TRACKS] = np.linspace(-1, 1, TRACKS, dtype=np.float32)[:, None]


def liked(*items: int) -> Profile:
    return Profile(np.array(items, dtype=np.int32), np.ones(len(items), dtype=np.float32))


def test_a_sound_is_the_mean_percentile_among_all_songs():
    found = sounds(Learned, liked(75, 80, 85))
    assert [one.name for one in found] == list(SOUNDS.values())
    assert [one.weight for one in found] == pytest.approx([0.797] * len(SOUNDS), abs=0.005)


def test_songs_without_a_sound_do_not_count_and_two_are_too_few():
    assert sounds(Learned, liked(20, 25, 30, TRACKS)) == sounds(Learned, liked(20, 25, 30))
    assert sounds(Learned, liked(20, 25, TRACKS)) == ()


async def test_a_user_is_where_their_artists_are_and_blocked_ones_are_not_shown(town, tmp_path):
    path = tmp_path / "town.db"
    path.write_bytes(town.read_bytes())
    async with await MusicService.open(path, seed=1) as music:
        ann = await music.arrive(Account("terminal", "ann", "Ann"))
        with Store.open(path, readonly=True) as store:
            artists = list(store.music.all_artist_ids())
        first, second, third = artists[:3]
        for n, artist in enumerate((first, second, third)):
            await music.reactions.record(ann, Subject(artist), Kind.LIKE, key=f"{n}")
        await music.reactions.record(ann, Subject(third), Kind.BLOCK, key="block")
        found = (await music.portraits.of(ann)).map
        layout = music._trainer.snapshot.layout
    columns = IdIndex(np.array(sorted(artists))).columns(np.array([first, second]))
    assert len(found.own) == 2
    assert found.here == pytest.approx(tuple(layout[columns].mean(axis=0)), abs=1e-4)
    assert found.stars
