"""What representations of sound are worth, on a small table whose answer is known."""

import json

import numpy as np
import pytest

from bot import cli
from recommender.evaluation.audio_content import compared
from recommender.evaluation.audio_table import read_audio
from storage.imports import ImportFormatError

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
    assert found["z-scored", "year, popularity"].artist > found["z-scored", "none"].artist
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
