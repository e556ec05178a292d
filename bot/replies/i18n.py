"""Translations: sentences of replies in the reader's language.

The English wording is the key, with `{}` for each name or number, as with gettext.  The language belongs to
the task that answers one message: `speak` sets it, `say` uses it.

A sentence is in one language as a whole: if its translation, or that of a noun or sentence inside it, is
missing, all of it is English.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from bot.replies.catalogues import LOCALES, catalogue
from storage.errors import ToldError

ENGLISH = "en"
LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français", "pt": "Português"}
_NO_BREAK = str.maketrans({"\u202f": "\xa0", " ": "\xa0"})  # the narrow space is missing in many fonts
_LEAST = 0.001  # a share above zero that is shown
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


class Said(str):
    """A text in the language of the task that also knows its English wording."""

    __slots__ = ("english", "is_whole")

    english: str
    is_whole: bool  # all of it is translated; if not, the text is English


def _said(text: str, english: str) -> Said:
    said = Said(text or english)
    said.english, said.is_whole = english, bool(text)
    return said


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


def say(sentence: str, *values: object) -> str:
    """Return a sentence in the language of this task, with `values` in its placeholders.

    >>> say("You already like {}.", "Queen")
    'You already like Queen.'
    """
    if _spoken.get() == ENGLISH or not sentence:  # gettext has its header under ""
        return _filled(sentence, values)
    english = _filled(sentence, [value.english if isinstance(value, Said) else value for value in values])
    translated = catalogue(_spoken.get()).gettext(sentence) if _all_whole(values) else ""
    return _said(_filled(translated, values), english)


def _filled(sentence: str, values: Sequence[object]) -> str:
    return sentence.format(*values) if values else sentence


def _all_whole(values: tuple[object, ...]) -> bool:
    return all(value.is_whole for value in values if isinstance(value, Said))


def told(error: ToldError) -> str:
    """Return the sentence of an error in the language of this task, with those of nested errors."""
    values = (told(value) if isinstance(value, ToldError) else value for value in error.values)
    return say(error.sentence, *values)


def by_locale(written: Callable[[str], str]) -> str:
    """Return what CLDR's data make of a number or date in the language of this task."""
    english = written(LOCALES[ENGLISH])
    return english if _spoken.get() == ENGLISH else _said(written(_locale()), english)


def _locale() -> str:
    return LOCALES.get(_spoken.get(), LOCALES[ENGLISH])


def percent(share: float, digits: int = 0) -> str:
    """Return a share from 0 to 1 as a percentage in the language of this task.

    >>> percent(0.873), percent(0.0123, 1)
    ('87%', '1.2%')
    """

    def written(locale: str) -> str:
        pattern = Locale.parse(locale).percent_formats[None].pattern
        exact = pattern.replace("##0", f"##0.{'0' * digits}" if digits else "##0")
        return format_percent(share, exact, locale).translate(_NO_BREAK)

    return by_locale(written)


def share(of_all: float) -> str:
    """Return a share as a percentage with enough digits to differ from zero.

    >>> share(0.873), share(0.088), share(0.0004), share(0.0)
    ('87%', '8.8%', '<0.1%', '0%')
    """
    if of_all >= 0.1 or of_all <= 0:
        return percent(of_all)
    return f"<{percent(_LEAST, 1)}" if of_all < _LEAST else percent(of_all, 1)


def decimal(x: float, digits: int) -> str:
    """Return a number with `digits` decimals in the notation of this task's language.

    >>> decimal(1234.56, 1)
    '1,234.6'
    """
    pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
    return by_locale(lambda locale: format_decimal(x, pattern, locale).translate(_NO_BREAK))


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    >>> counted(1, "song"), counted(1200, "song"), counted(2, "person", "people")
    ('1 song', '1,200 songs', '2 people')
    """
    many = many or f"{one}s"
    noun, shown = one if n == 1 else many, number(n)
    if not isinstance(shown, Said):
        return f"{shown} {noun}"
    translated = catalogue(_spoken.get()).ngettext(one, many, n)
    return _said(f"{shown} {translated}" if translated else "", f"{shown.english} {noun}")


def number(n: int) -> str:
    """Return a number in the notation of this task's language."""
    return decimal(n, 0)


def listed(words: tuple[str, ...]) -> str:
    """Return words joined as a list in a sentence.

    >>> listed(("calm",)), listed(("calm", "jazz", "1960s"))
    ('calm', 'calm, jazz and 1960s')
    """
    english = format_list(
        [word.english if isinstance(word, Said) else word for word in words], locale=LOCALES[ENGLISH]
    )
    if _spoken.get() == ENGLISH:
        return english
    return _said(format_list(words, locale=_locale()) if _all_whole(words) else "", english)
