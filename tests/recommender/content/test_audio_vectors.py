"""What songs are compared by, and choosing it."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from bot.cli import main as cli
from recommender.content.audio_vectors import METHODS, Songs, vectors
from recommender.training.facts import read_facts
from storage.records import FEATURES
from storage.store import Store
from storage.writer import Writer


def sounds(n, seed=0):
    """Rows along two directions: what an autoencoder has to keep of eleven features."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, 2)) @ rng.normal(size=(2, len(FEATURES)))).astype(np.float32)


def songs(features, facts=None, families=None):
    nothing = np.zeros((len(features), 0), dtype=np.float32)
    facts = nothing if facts is None else np.asarray(facts, dtype=np.float32)
    return Songs(features, facts, nothing if families is None else np.asarray(families, dtype=np.float32))


def of_artists(n, each=5):
    shape = (-(-n // each), n)
    return csr_matrix((np.ones(n, dtype=np.float32), (np.arange(n) // each, np.arange(n))), shape=shape)


def test_what_sounds_alike_stays_alike_in_the_latent_space_and_the_unknown_stays_unknown():
    features = sounds(300)
    features[7] = np.nan
    features[8, 3] = np.nan
    latent = vectors(songs(features), "autoencoder", (), seed=0)
    assert latent.shape == (300, 16)
    assert np.flatnonzero(np.isnan(latent).any(axis=1)).tolist() == [7]
    far = np.linalg.norm(latent - latent[0], axis=1)
    z = (features - np.nanmean(features, axis=0)) / np.nanstd(features, axis=0)
    apart = np.linalg.norm(z - z[0], axis=1)
    rows = np.flatnonzero(~np.isnan(far) & ~np.isnan(apart))
    assert np.corrcoef(far[rows], apart[rows])[0, 1] > 0.8


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_vectors(method):
    known = songs(sounds(800))
    one, other = (vectors(known, method, [of_artists(800)], seed=1) for _ in range(2))
    assert (one == other).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_too_few_songs_are_compared_by_what_they_are(method, n):
    found = vectors(songs(sounds(n)), method, [of_artists(n)], seed=0)
    assert (found == vectors(songs(sounds(n)), "features", (), seed=0)).all()


def test_the_unit_of_a_feature_does_not_matter_only_the_order():
    features = sounds(50)
    stretched = np.exp(features / 4) * 1000
    one, other = (vectors(songs(f.astype(np.float32)), "features", (), seed=0) for f in (features, stretched))
    assert one == pytest.approx(other, abs=1e-3)


def test_what_is_missing_is_in_the_middle_and_no_zero():
    features = sounds(50) + 100
    features[3, :6] = np.nan
    found = vectors(songs(features), "features", (), seed=0)
    assert found[3, :6].tolist() == [0.0] * 6
    assert np.isfinite(found).all()


def test_what_is_always_the_same_tells_nothing():
    features = sounds(30)
    features[:, 4] = 0.5
    assert not vectors(songs(features), "features", (), seed=0)[:, 4].any()


@pytest.mark.parametrize("method", METHODS)
def test_year_popularity_and_family_count_where_they_are_known(method):
    """Two songs of the same sound are told apart by the facts, and one without any is still comparable."""
    rng = np.random.default_rng(0)
    features = sounds(1000)
    year = np.repeat(rng.integers(1960, 2020, 200), 5)
    facts = np.column_stack([year, rng.integers(0, 100, 1000), rng.integers(1e5, 3e5, 1000)]).astype(float)
    families = np.eye(2)[np.repeat(rng.integers(0, 2, 200), 5)]
    features[1] = features[0]
    facts[0, 0], facts[1, 0] = 1965, 2015
    families[:2] = np.eye(2)
    facts[9], families[9] = np.nan, np.nan
    with_facts = vectors(songs(features, facts, families), method, [of_artists(1000)], seed=0)
    alone = vectors(songs(features), method, [of_artists(1000)], seed=0)
    assert np.isfinite(with_facts).all()
    assert np.allclose(alone[0], alone[1])
    cosine = with_facts[0] @ with_facts[1] / np.linalg.norm(with_facts[0]) / np.linalg.norm(with_facts[1])
    assert cosine < 0.9


def test_the_choice_is_kept_until_it_is_taken_back(tmp_path, monkeypatch):
    monkeypatch.setenv("SEGUE_LOG", str(tmp_path / "segue.log"))
    database = tmp_path / "m.db"

    def world(store):
        for n, row in enumerate(sounds(750)):
            track = store.music.ensure_track(store.music.ensure_artist(f"band {n // 5}"), f"song {n}")
            store.music.set_features(track, dict(zip(FEATURES, row.tolist(), strict=True)))

    with Writer(database) as writer:
        writer.write(world).result()
    widths = []
    for chosen in ([], ["--sound", "autoencoder"], [], ["--sound", "features"], ["--sound", "learned"]):
        assert cli.run(["--database", str(database), "train", *chosen]) == 0
        with Store.open(database, readonly=True) as store:
            facts = read_facts(store, now=1.0)
        widths.append((facts.track_vectors.shape[1], facts.track_sounds.shape[1]))
    learned = widths[0]
    assert learned == widths[-1]
    assert 0 < learned[1] <= 32
    # Year, popularity and length beside eleven features.
    assert widths[1:4] == [(16, 16), (16, 16), (14, 11)]
