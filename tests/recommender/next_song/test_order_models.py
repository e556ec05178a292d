"""What every model of order promises, and that the best expert of a world is the one that is followed."""

from dataclasses import fields, is_dataclass
from functools import cache

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from recommender.next_song import NextSong, expert_weights
from recommender.next_song.experts import EXPERTS, Discography, Ensembles, JustPlayed
from recommender.next_song.rules import Rules
from recommender.next_song.sequences import Item, PlayColumns, Sequences
from recommender.next_song.session_neighbours import SessionNeighbours
from recommender.scorers import Profile, TrainingData
from recommender.snapshot import nodes

SONGS, ARTISTS, UNPLAYED = 40, 10, 39
ARTIST_OF = (np.arange(SONGS) // 4).astype(np.int32)
DISCOGRAPHY = Discography(
    ARTIST_OF,
    np.arange(SONGS, dtype=np.int32),
    np.arange(0, SONGS + 1, 4).astype(np.int64),
    np.ones(SONGS, dtype=np.int32),
)


def world(*, ordered: bool, sessions: int = 120, users: int = 6) -> Sequences:
    """Sessions of eight songs: two albums of four in a row, or songs of two artists in any order."""
    rng, plays = np.random.default_rng(4), []
    for session in range(sessions):
        albums = rng.choice(ARTISTS - 1, 2, replace=False)
        songs = np.concatenate([4 * albums[0] + np.arange(4), 4 * albums[1] + np.arange(4)])
        songs = songs if ordered else rng.permutation(songs)
        start = 86_400 * session
        plays += [
            (session % users, ARTIST_OF[song], song, start + 200 * k) for k, song in enumerate(songs.tolist())
        ]
    return Sequences.cut(PlayColumns(*np.array(plays, dtype=np.int64).T))


def axes() -> expert_weights.BothAxes:
    def data(n: int) -> TrainingData:
        nobody = csr_matrix((0, 1), dtype=np.float32)
        nothing = csr_matrix((n, 0), dtype=np.float32)
        return TrainingData(
            csr_matrix((1, n), dtype=np.float32), nothing, np.zeros((n, 0), np.float32), nobody
        )

    return expert_weights.BothAxes(data(ARTISTS), data(SONGS))


@cache
def learned(*, ordered: bool, sessions: int = 60) -> NextSong:
    return fitted(world(ordered=ordered, sessions=sessions))


def fitted(sequences: Sequences) -> NextSong:
    model = expert_weights.fit(sequences, axes(), DISCOGRAPHY, seed=1)
    assert model is not None
    return model


MODELS = {
    "neighbours": SessionNeighbours.fit,
    "rules": Rules.fit,
    "transitions": lambda sequences, items, n: Rules.fit(sequences, items, n, reach=1),
}


@pytest.fixture(params=MODELS)
def model(request):
    sequences = world(ordered=True)
    return MODELS[request.param](sequences, sequences.track, SONGS)


def columns(*items: int) -> np.ndarray:
    found = np.array(items, dtype=np.int32)
    found.flags.writeable = False
    return found


def test_scores_are_of_known_items_and_finite(model):
    n, items, scores = model.opinion(columns(0, 1))
    assert n == SONGS
    assert len(items) == len(scores) > 0
    assert items.tolist() == sorted(set(items.tolist()))
    assert np.isfinite(scores).all()
    assert (scores > 0).all()


@pytest.mark.parametrize("recent", [(), (-1,), (UNPLAYED,), (-1, UNPLAYED)])
def test_nothing_is_said_where_no_session_says_anything(model, recent):
    assert len(model.opinion(columns(*recent)).items) == 0


def test_what_nobody_played_is_never_named(model):
    assert UNPLAYED not in model.opinion(columns(0, 5, 9)).items


def test_it_survives_being_written_and_read(model, tmp_path):
    again = nodes.read(nodes.write(model, tmp_path, "model"), tmp_path)
    for recent in ((0,), (3, 4, 5), (UNPLAYED, 8)):
        before, after = model.opinion(columns(*recent)), again.opinion(columns(*recent))
        assert before.items.tolist() == after.items.tolist()
        assert before.scores.tolist() == after.scores.tolist()


def test_rules_and_transitions_know_the_next_song_of_an_album():
    sequences = world(ordered=True)
    for reach in (1, 10):
        _, items, scores = Rules.fit(sequences, sequences.track, SONGS, reach=reach).opinion(columns(20, 21))
        assert items[np.argmax(scores)] == 22


def test_a_rule_that_was_seen_once_is_no_certainty():
    often, once = world(ordered=True), world(ordered=True, sessions=1)
    first = int(once.track[0])
    assert Rules.fit(once, once.track, SONGS, reach=1).opinion(columns(first)).scores.max() == 0.5
    assert Rules.fit(often, often.track, SONGS, reach=1).opinion(columns(first)).scores.max() > 0.9


def test_neighbours_go_by_the_latest_item_most():
    plays = [(1, 0, 0, 0), (1, 0, 1, 1), (2, 0, 2, 0), (2, 0, 3, 1)]
    sequences = Sequences.cut(PlayColumns(*np.array(plays, dtype=np.int64).T))
    model = SessionNeighbours.fit(sequences, sequences.track, 4)
    for recent, following in (((0, 2), 3), ((2, 0), 1)):
        scores = np.zeros(4)
        _, items, found = model.opinion(columns(*recent))
        scores[items] = found
        assert scores[following] == max(scores[1], scores[3]) > min(scores[1], scores[3])


def odds(model: NextSong, recent: tuple[int, ...], known: tuple[int, ...] = ()) -> dict[int, float]:
    songs = columns(*sorted(known))
    profile = Profile(songs, np.ones(len(songs), dtype=np.float32))
    nobody = Profile(columns(), np.zeros(0, dtype=np.float32))
    context = JustPlayed(Item(ARTIST_OF[list(recent)], columns(*recent)), nobody, profile)
    said = model.told(Ensembles(None, None), context)
    tracks = np.setdiff1d(said.names(DISCOGRAPHY), recent).astype(np.int32)
    found = model.odds(said, tracks, ARTIST_OF[tracks], DISCOGRAPHY, np.isin(tracks, songs))
    assert found.sum() == pytest.approx(1)
    return dict(zip(tracks.tolist(), found.tolist(), strict=True))


def test_where_albums_are_heard_through_the_next_song_is_foretold():
    found = odds(learned(ordered=True), (20, 21))
    assert max(found, key=found.__getitem__) == 22
    assert found[22] > 0.5


def test_all_experts_together_are_as_good_as_the_best_on_what_was_held_out():
    for ordered in (True, False):
        figures = dict(learned(ordered=ordered).held_out)
        assert figures.keys() == {*EXPERTS, "all"}
        assert figures["all"] >= max(value for name, value in figures.items() if name != "all") - 0.01


def test_without_sessions_there_is_no_model_and_with_few_there_is_one():
    nobody = Sequences.cut(PlayColumns(*np.zeros((4, 0), dtype=np.int64)))
    assert expert_weights.fit(nobody, axes(), DISCOGRAPHY, seed=1) is None
    few = odds(learned(ordered=True, sessions=3), (20, 21))
    assert len(few) > 1


def arrays(value: object, name: str = "") -> dict[str, np.ndarray]:
    if is_dataclass(value):
        parts = [arrays(getattr(value, one.name), f"{name}.{one.name}") for one in fields(value)]
        return {key: array for part in parts for key, array in part.items()}
    if isinstance(value, csr_matrix):
        return {f"{name}.{part}": getattr(value, part) for part in ("data", "indices", "indptr")}
    return {name: np.asarray(value)}


def test_the_same_seed_gives_the_same_numbers_on_one_thread_and_on_two():
    made = [arrays(learned(ordered=True))]
    with threadpool_limits(limits=2):
        made.append(arrays(fitted(world(ordered=True, sessions=60))))
    assert made[0].keys() == made[1].keys()
    for name, array in made[0].items():
        assert np.array_equal(array, made[1][name]), name


def test_a_whole_model_survives_being_written_and_read(tmp_path):
    model = learned(ordered=False)
    again = nodes.read(nodes.write(model, tmp_path, "next"), tmp_path)
    assert odds(again, (0, 5)) == odds(model, (0, 5))
    assert again.figures() == model.figures()
