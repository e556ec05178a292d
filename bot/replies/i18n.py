"""Translations: sentences of replies in the reader's language.

The English wording is the key, with `{}` for each name or number, as with gettext.  The language belongs to
the task that answers one message: `speak` sets it, `say` uses it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import cast

from storage.errors import ToldError

ENGLISH = "en"
LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español"}
_FOLDER = Path(__file__).parents[1] / "locale"
_UNPARTED = "\xa0"  # before a percent sign: keeps it on the line of its number
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def speak(language: str) -> None:
    """Set the language of this task; an unknown one means English."""
    _spoken.set(language if language in LANGUAGES else ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Set the language for the block."""
    before = _spoken.get()
    speak(language)
    try:
        yield
    finally:
        _spoken.set(before)


def language() -> str:
    """Return the language of this task."""
    return _spoken.get()


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return the sentences of a language by their English wording; empty for English."""
    if language == ENGLISH:
        return {}
    text = (_FOLDER / f"{language}.json").read_text(encoding="utf-8")
    return cast("dict[str, str]", json.loads(text))


def say(sentence: str, *values: object) -> str:
    """Return a sentence in the language of this task, with `values` in its placeholders.

    >>> say("You already like {}.", "Queen")
    'You already like Queen.'
    """
    told = catalogue(_spoken.get()).get(sentence, sentence)
    return told.format(*values) if values else told


def told(error: ToldError) -> str:
    """Return the sentence of an error in the language of this task, with those of nested errors."""
    values = (told(value) if isinstance(value, ToldError) else value for value in error.values)
    return say(error.sentence, *values)


def percent(share: float, digits: int = 0) -> str:
    """Return a share from 0 to 1 as a percentage in the language of this task.

    >>> percent(0.873), percent(0.0123, 1)
    ('87%', '1.2%')
    """
    return f"{decimal(100 * share, digits)}{'' if _spoken.get() == ENGLISH else _UNPARTED}%"


def share(of_all: float) -> str:
    """Return a share as a percentage with enough digits to differ from zero.

    >>> share(0.873), share(0.088), share(0.0004), share(0.0)
    ('87%', '8.8%', '<0.1%', '0%')
    """
    if of_all >= 0.1 or of_all <= 0:
        return percent(of_all)
    return f"<{percent(0.001, 1)}" if of_all < 0.001 else percent(of_all, 1)


def decimal(x: float, digits: int) -> str:
    """Return a number with `digits` decimals in the notation of this task's language.

    >>> decimal(1234.56, 1)
    '1,234.6'
    """
    english = f"{x:,.{digits}f}"
    return english if _spoken.get() == ENGLISH else english.translate({ord("."): ",", ord(","): "."})


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    >>> counted(1, "song"), counted(1200, "song"), counted(2, "person", "people")
    ('1 song', '1,200 songs', '2 people')
    """
    forms = say(f"{one}|{many or one + 's'}").split("|")
    return f"{number(n)} {forms[n != 1]}"


def number(n: int) -> str:
    """Return a number in the notation of this task's language."""
    return decimal(n, 0)


def listed(words: tuple[str, ...]) -> str:
    """Return words joined as a list in a sentence.

    >>> listed(("calm",)), listed(("calm", "jazz", "1960s"))
    ('calm', 'calm, jazz and 1960s')
    """
    *head, last = words
    return say("{} and {}", ", ".join(head), last) if head else last
