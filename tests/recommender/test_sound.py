"""The latent space of an autoencoder, and choosing it."""

import numpy as np

from bot import cli
from recommender.sound import latent_features
from recommender.training import read_facts
from storage.records import FEATURES
from storage.store import Store
from storage.writer import Writer


def sounds(n, seed=0):
    """Rows along two directions: what an autoencoder has to keep of eleven features."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, 2)) @ rng.normal(size=(2, len(FEATURES)))).astype(np.float32)


def test_what_sounds_alike_stays_alike_and_the_unknown_stays_unknown():
    features = sounds(300)
    features[7] = np.nan
    features[8, 3] = np.nan
    latent = latent_features(features, seed=0)
    assert latent.shape == (300, 16)
    assert np.flatnonzero(np.isnan(latent).any(axis=1)).tolist() == [7]
    far = np.linalg.norm(latent - latent[0], axis=1)
    z = (features - np.nanmean(features, axis=0)) / np.nanstd(features, axis=0)
    apart = np.linalg.norm(z - z[0], axis=1)
    rows = np.flatnonzero(~np.isnan(far) & ~np.isnan(apart))
    assert np.corrcoef(far[rows], apart[rows])[0, 1] > 0.8


def test_the_same_seed_gives_the_same_space():
    assert (latent_features(sounds(100), seed=1) == latent_features(sounds(100), seed=1)).all()


def test_too_few_songs_are_compared_as_they_are():
    features = sounds(5)
    assert latent_features(features, seed=0) is features


def test_the_choice_is_kept_until_it_is_taken_back(tmp_path, monkeypatch):
    monkeypatch.setenv("SEGUE_LOG", str(tmp_path / "segue.log"))
    database = tmp_path / "m.db"

    def world(store):
        for n, row in enumerate(sounds(40)):
            track = store.music.ensure_track(store.music.ensure_artist(f"band {n}"), "song")
            store.music.set_features(track, dict(zip(FEATURES, row.tolist(), strict=True)))

    with Writer(database) as writer:
        writer.write(world).result()
    widths = []
    for chosen in (["--sound", "autoencoder"], [], ["--sound", "features"]):
        assert cli.run(["--database", str(database), "train", *chosen]) == 0
        with Store.open(database, readonly=True) as store:
            widths.append(read_facts(store, now=1.0).track_features.shape[1])
    assert widths == [16, 16, 11]
