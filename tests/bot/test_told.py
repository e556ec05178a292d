"""Errors keep their sentence and what is named in it apart."""

import pickle

import pytest

from bot.replies.i18n import speaking, told
from recommender.errors import MusicError, NothingToDo, NotKnown, Unavailable
from recommender.service.imports import within
from storage.errors import StorageError

HOSTILE = "{0} {x} {"


def test_a_name_with_braces_is_told_as_it_is():
    error = NothingToDo("{} has not told me enough yet to compare.", HOSTILE)
    assert str(error) == f"{HOSTILE} has not told me enough yet to compare."
    with speaking("de"):
        assert told(error) == f"{HOSTILE} hat mir noch nicht genug zum Vergleichen erzählt."
    assert str(NotKnown(f"Complete with {HOSTILE}")) == told(NotKnown(f"Complete with {HOSTILE}"))


def test_an_error_within_an_error_is_told_in_the_same_language():
    inner = StorageError("{} is empty; choose a file with something in it.", "listens.csv")
    error = NotKnown("{} /import tells what I take.", inner, missing="x")
    assert str(error).startswith("listens.csv is empty; choose a file with something in it. /import")
    with speaking("de"):
        assert told(error).startswith("listens.csv ist leer;")
        assert told(error).endswith("/import sagt, was ich nehme.")


@pytest.mark.parametrize(
    ("value", "shown"), [("", "That file"), (" (a.json)", "a.json"), ("/a.csv", "a.csv")]
)
def test_where_a_file_lies_for_the_moment_is_told_to_nobody(tmp_path, value, shown):
    path = tmp_path / "history"
    error = within(StorageError("{} is damaged JSON ({}).", f"{path}{value}", f"see '{path}'"), path)
    assert str(error) == f"{shown} is damaged JSON (see 'history')."


def test_an_error_that_was_kept_is_told_later_in_any_language():
    error = Unavailable("{} has asked for a pause. Try again in {} min.", "Last.fm", 3, retry_after=180.0)
    kept = MusicError.from_json(error.to_json())
    assert str(kept) == str(error)
    with speaking("es"):
        assert told(kept) == "Last.fm ha pedido una pausa. Inténtalo en 3 min."
    # As it was kept before errors had values.
    assert str(MusicError.from_json("It says {no}.")) == "It says {no}."


def test_an_error_crosses_to_another_process_whole():
    error = pickle.loads(pickle.dumps(NotKnown("I do not know {}.", HOSTILE, missing="x")))  # noqa: S301 - ours
    assert (str(error), error.missing) == (f"I do not know {HOSTILE}.", "x")
