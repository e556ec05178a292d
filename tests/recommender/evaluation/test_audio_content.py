"""What representations of sound are worth, on a small table whose answer is known."""

import json

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from bot.cli import main as cli
from recommender.content.audio_vectors import vectors
from recommender.evaluation.audio_content import _known, compared
from recommender.evaluation.audio_table import read_audio
from recommender.evaluation.interactions import InteractionsBuilder
from recommender.training.facts import read_facts
from storage.imports import ImportFormatError
from storage.store import Store

FACTS = "year, popularity, length"
HEADER = (
    "track_id,track_name,track_artist,track_popularity,track_album_release_date,playlist_genre,"
    "playlist_subgenre,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,"
    "liveness,valence,tempo,duration_ms"
)


@pytest.fixture
def table(tmp_path):
    """Two genres, loud and quiet, of 60 songs each by 12 artists; each song a second time as a remaster."""
    rng = np.random.default_rng(0)
    lines = [HEADER]
    for n in range(120):
        loud = n % 2
        level = 0.8 * loud + 0.1 * rng.random()
        decibels = -20 + 15 * loud + rng.random()
        sound = f"{level:.3f},{level:.3f},5,{decibels:.2f},1,0.05,{1 - level:.3f},0,0.1,0.5,120"
        for number, title in enumerate((f"Song {n}", f"Song {n} - Remastered")):
            genre = "rock,hard rock" if loud else "jazz,cool jazz"
            names = f"{2 * n + number:022d},{title},Band {n % 24},50,19{60 + n % 24}"
            lines.append(f"{names},{genre},{sound},200000")
    path = tmp_path / "tracks.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_twins_are_one_work(table):
    audio = read_audio(table)
    assert len(audio) == 120
    assert audio.genres.sum(axis=0).tolist() == [60, 60]
    assert audio.families.shape[1] == 2


def test_what_sounds_alike_is_of_one_genre_in_every_representation_that_scales(table):
    figures = compared(read_audio(table), seed=0, watch=lambda _what: None)
    found = {(one.name, one.metadata): one for one in figures}
    assert found["z-scored", "none"].genre > 0.95
    assert found["quantile-normal", "none"].genre > 0.95
    # Five songs of an artist are as alike as those of others until the year tells them apart.
    assert found["z-scored", FACTS].artist > found["z-scored", "none"].artist
    assert {name for name, _ in found} >= {"raw", "PCA-whitened", "autoencoder 4", "autoencoder 16"}
    assert all(np.isfinite(one.distance) for one in found.values())


def test_the_command_gives_the_table_and_its_figures(table, tmp_path, capsys):
    out = tmp_path / "figures.json"
    assert cli.run(["evaluate", "content", "spotify-tracks", str(table), "--json", str(out)]) == 0
    assert capsys.readouterr().out.startswith("120 works\nrepresentation ")
    assert json.loads(out.read_text())["representations"][0]["name"] == "raw"


def test_a_table_without_sound_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("track_name,track_artist,track_id\na,b,c\n")
    with pytest.raises(ImportFormatError, match="no audio features"):
        read_audio(path)


def test_what_is_learned_of_other_artists_finds_genres_and_artists_on_spotifys_playlists(shared_data):
    table = read_audio(shared_data / "spotify-songs-32k")
    among = ("quantile-normal", "learned")
    found = {
        (one.name, one.metadata): one
        for one in compared(table, seed=0, watch=lambda _what: None, among=among)
    }
    learned, plain = found["learned", FACTS], found["quantile-normal", FACTS]
    assert learned.genre > 0.48 > plain.genre + 0.03
    assert learned.artist > 0.20 > plain.artist + 0.05
    assert found["learned", "none"].genre > 0.43


def test_nobody_who_is_asked_about_is_learned_from(table):
    audio = read_audio(table)
    asked, rows = np.arange(20, dtype=np.int32), np.arange(20, 120, dtype=np.int32)
    builder = InteractionsBuilder()
    for band in range(24):
        builder.add(f"fan {band % 5}", f"BAND {band}")
    known = _known(audio, asked, rows, 0, builder.build())
    assert known.listeners.nnz > 0
    for groups in (known.artists, known.playlists, known.listeners):
        assert not np.isin(audio.artists[groups.indices], audio.artists[asked]).any()


def test_what_is_served_is_what_is_reported(tmp_path):
    rng = np.random.default_rng(3)
    lines = [HEADER]
    for n in range(700):
        values = ",".join(f"{value:.3f}" for value in rng.random(4))
        sound = f"0.5,{values.split(',')[0]},5,-9,1,{values},0.5,120"
        names = f"{n:022d},Song {n},Band {n % 70:02d},{rng.integers(90)},{1960 + n % 50}"
        lines.append(f"{names},rock,hard rock,{sound},{rng.integers(100_000, 300_000)}")
    path, database = tmp_path / "tracks.csv", tmp_path / "m.db"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert cli.run(["--database", str(database), "import", "spotify-tracks", str(path)]) == 0
    with Store.open(database, readonly=True) as store:
        facts = read_facts(store, now=1.0)
    audio = read_audio(path)
    ones = np.ones(len(audio), dtype=np.float32)
    artists = csr_matrix((ones, (audio.artists, np.arange(len(audio)))))
    reported = vectors(audio.songs(facts=True, families=True), "learned", [artists], seed=0)
    # The bundled songs have no sound; axes have no sign.
    served = facts.track_vectors[~np.isnan(facts.track_vectors).any(axis=1)]
    assert served.shape == reported.shape
    assert np.allclose(
        served @ served.T, reported @ reported.T, atol=0.01 * np.abs(reported @ reported.T).max()
    )
