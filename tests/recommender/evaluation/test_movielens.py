import gzip
from pathlib import Path

import pytest

from recommender.evaluation.movielens import MovieLens

MOVIES = 'movieId,title,genres\n1,Toy Story (1995),Animation|Children\n7,"Matrix, The (1999)",Action\n'
RATINGS = "userId,movieId,rating,timestamp\n5,7,4.5,964982703\n5,1,2.0,964982703\n9,1,5.0,964982703\n"
TAGS = "userId,movieId,tag,timestamp\n9,1,pixar,1\n5,1,pixar,2\n5,7,Keanu Reeves,3\n"


def folder(path: Path, **files: str) -> Path:
    for name, text in {"movies": MOVIES, "ratings": RATINGS, "tags": TAGS, **files}.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def test_films_are_columns_in_the_order_of_the_file(tmp_path):
    films = MovieLens.read(folder(tmp_path))
    assert films.titles == ("Toy Story (1995)", "Matrix, The (1999)")
    assert films.genres == (("Animation", "Children"), ("Action",))
    assert films.tags == (("pixar", "pixar"), ("Keanu Reeves",))
    assert films.ratings.toarray().tolist() == [[2.0, 4.5], [5.0, 0.0]]
    assert films.film("Matrix, The (1999)") == 1


def test_gzipped_files_read_the_same(tmp_path):
    plain = MovieLens.read(folder(tmp_path))
    for name in ("movies", "ratings", "tags"):
        path = tmp_path / f"{name}.csv"
        (tmp_path / f"{name}.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    packed = MovieLens.read(tmp_path)
    assert packed.titles == plain.titles
    assert (packed.ratings != plain.ratings).nnz == 0


def test_a_rating_of_an_unknown_film_is_named(tmp_path):
    with pytest.raises(ValueError, match="The film 8 is rated or tagged"):
        MovieLens.read(folder(tmp_path, ratings=RATINGS + "9,8,1.0,1\n"))


def test_a_missing_file_is_named(tmp_path):
    (folder(tmp_path) / "tags.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"tags\.csv"):
        MovieLens.read(tmp_path)


def test_the_real_one_is_complete(shared_data):
    films = MovieLens.read(shared_data / "ml-latest-small")
    assert films.ratings.shape == (610, 9742)
    assert films.ratings.nnz == 100_836
    assert sum(map(len, films.tags)) == 3683
