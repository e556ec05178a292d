"""Which differences matter, learned from what belongs together."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.content.discriminant import AXES, Discriminant, expanded


def world(seed=0, artists=150, songs=6):
    """Songs of artists who keep one value and vary another; the third is noise for everybody."""
    rng = np.random.default_rng(seed)
    kept = np.repeat(rng.normal(size=artists), songs)
    values = np.column_stack([kept + 0.1 * rng.normal(size=len(kept)), rng.normal(size=(len(kept), 2))])
    who = np.repeat(np.arange(artists), songs)
    groups = csr_matrix((np.ones(len(who), dtype=np.float32), (who, np.arange(len(who)))))
    return values.astype(np.float32), groups, who


def hits(vectors, who):
    """Return the share of songs whose nearest is of the same artist."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -2)
    return (who[cosines.argmax(axis=1)] == who).mean()


def test_what_an_artist_keeps_counts_and_what_she_varies_does_not():
    values, groups, who = world()
    rows = np.arange(len(who), dtype=np.int32)
    learned = Discriminant.fit(values, (0.6, 0.6, 0.6), rows, [groups])
    assert learned.axes.shape[1] <= AXES
    assert hits(learned.of(values), who) > 2 * hits(values, who)
    moved = values.copy()
    moved[:, 1] += 1
    apart = np.abs(learned.of(moved) - learned.of(values)).max()
    moved = values.copy()
    moved[:, 0] += 1
    assert np.abs(learned.of(moved) - learned.of(values)).max() > 3 * apart


def test_it_holds_for_artists_who_taught_nothing():
    values, groups, _ = world()
    rows = np.arange(len(values), dtype=np.int32)
    learned = Discriminant.fit(values, (0.6, 0.6, 0.6), rows, [groups])
    others, _, who = world(seed=1)
    assert hits(learned.of(others), who) > 2 * hits(others, who)


def test_what_is_unknown_moves_a_song_nowhere():
    values, groups, _ = world()
    values[::7, 1] = np.nan
    rows = np.arange(len(values), dtype=np.int32)
    learned = Discriminant.fit(values, (0.6, 0.0, 0.6), rows, [groups])
    unknown = np.full((1, 3), np.nan, dtype=np.float32)
    assert not learned.of(unknown).any()
    assert np.isfinite(learned.of(values)).all()


def test_groups_of_one_teach_nothing():
    values, _, _ = world()
    rows = np.arange(len(values), dtype=np.int32)
    alone = csr_matrix(np.eye(len(values), dtype=np.float32))
    assert Discriminant.fit(values, (0.6, 0.6, 0.6), rows, [alone]) is None
    assert Discriminant.fit(values, (0.6, 0.6, 0.6), rows, []) is None


def test_several_kinds_of_groups_teach_together():
    values, groups, _ = world()
    rows = np.arange(len(values), dtype=np.int32)
    steps = (0.6, 0.6, 0.6)
    alone = csr_matrix(np.eye(len(values), dtype=np.float32))
    one, both = (Discriminant.fit(values, steps, rows, g) for g in ([groups], [groups, alone]))
    assert (one.axes == both.axes).all()


def test_groups_may_reach_beyond_the_rows_that_are_learned_from():
    values, groups, who = world()
    rows = np.flatnonzero(who < 120).astype(np.int32)
    few = Discriminant.fit(values, (0.6, 0.6, 0.6), rows, [groups])
    same = Discriminant.fit(
        values[rows], (0.6, 0.6, 0.6), np.arange(len(rows), dtype=np.int32), [groups[:, rows]]
    )
    assert few.of(values) == pytest.approx(same.of(values))


def test_steps_say_how_near_a_value_is_to_each_point():
    x = expanded(np.array([[0.0, 3.0]], dtype=np.float32), (1.0, 0.0))
    assert x[0, :2].tolist() == [0.0, 3.0]
    assert x[0, 2:] == pytest.approx(np.exp(-0.5 * np.arange(-3.0, 4.0) ** 2))
