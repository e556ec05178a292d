"""Gettext catalogues in `bot/locale`: the translations of sentences, plural nouns and names.

The `.po` files are read as they are, so that there is no compiled copy that could be old.  Babel takes about
0.1 s for one, when its language is used for the first time; English reads none.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parents[1] / "locale"
NAME = "name"
"""The context of names of commands and fields, which are one word each."""
LOCALES = {"en": "en_GB", "de": "de", "es": "es", "fr": "fr", "pt": "pt_BR"}
"""CLDR's name for each language: of its catalogue, its numbers and its dates."""


class _Missing(NullTranslations):
    """Answers "" for what a catalogue lacks."""

    def gettext(self, message: str) -> str:
        del message
        return ""

    def pgettext(self, context: str, message: str) -> str:
        del context, message
        return ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        del msgid1, msgid2, n
        return ""


def file_of(language: str) -> Path:
    """Return the path of a language's catalogue."""
    return FOLDER / LOCALES[language] / "LC_MESSAGES" / "segue.po"


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the translations of a language, which are "" for what is missing; English has none."""
    if language == "en":
        return _Missing()
    with file_of(language).open("rb") as lines:
        written = read_po(lines, locale=LOCALES[language])
    compiled = BytesIO()
    write_mo(compiled, written)
    compiled.seek(0)
    found = GNUTranslations(compiled)
    found.add_fallback(_Missing())
    return found
