"""Families of genres."""

import csv
import gzip

import pytest

from recommender.genres import family


@pytest.mark.parametrize(
    ("genre", "expected"),
    [
        ("Shoegaze", "rock"),
        ("deep tropical house", "electronic"),
        ("Neo Soul", "r&b"),
        ("latin hip hop", "hip hop"),
        ("Hip-Hop", "hip hop"),
        ("swedish melodic death metal", "rock"),
        ("spoken word", None),
        ("", None),
    ],
)
def test_a_genre_belongs_where_its_last_words_do(genre, expected):
    assert family(genre) == expected


def test_without_the_roll_up_most_names_have_no_family(shared_data):
    path = shared_data / "spotify-genres" / "genre-audio-means.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        names = [row["genres"] for row in csv.DictReader(lines)]
    others = {rolled: sum(family(name, roll_up=rolled) is None for name in names) for rolled in (False, True)}
    assert others[False] > 2 / 3 * len(names)
    assert others[True] < 0.27 * len(names)
