"""Commands for translators: `python3 -m bot.translations update`, `missing`, `fill FILE`."""

import json
import sys
import tempfile
from contextlib import chdir
from pathlib import Path
from typing import Any

import click
from babel.messages import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po, write_po

from bot.replies.catalogues import LOCALES, file_of
from bot.replies.i18n import ENGLISH
from bot.translations.extraction import ROOT

OTHERS = [language for language in LOCALES if language != ENGLISH]
Entry = dict[str, Any]  # "english", perhaps "plural" and "context", and what each language says


@click.group()
def translations() -> None:
    """Bring the catalogues in bot/locale up to date with the code, and fill them in."""


@translations.command()
def update() -> None:
    """Extract what the code says into every catalogue; drop what it no longer says."""
    bring_up_to_date()


def bring_up_to_date() -> None:
    """Run Babel's commands `extract` and `update`."""
    babel: Any = CommandLineInterface()
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "segue.pot"
        options = ["-F", ROOT / "pyproject.toml", "--no-wrap", "--sort-output", "--add-location=file"]
        names = ["--project=Segue", "--version=1", "--copyright-holder=the authors of Segue"]
        with chdir(ROOT):
            babel.run(_words("extract", *options, *names, "-o", template, "."))
        for language in OTHERS:
            kept = ["--no-fuzzy-matching", "--ignore-obsolete", "--no-wrap", "--ignore-pot-creation-date"]
            begins = [] if file_of(language).exists() else ["--init-missing"]
            places = ["-i", template, "-o", file_of(language), "-l", LOCALES[language]]
            babel.run(_words("update", *kept, *begins, *places))


def _words(*parts: object) -> list[str]:
    return ["pybabel", "--quiet", *map(str, parts)]


@translations.command()
def missing() -> None:
    """Update, then print as JSON what is not translated, with "" where each language has to be filled in."""
    bring_up_to_date()
    entries: dict[tuple[str, str], Entry] = {}
    for language in OTHERS:
        for message in _read(language):
            if message.id and not all(_forms(message)):
                one, *many = [message.id] if isinstance(message.id, str) else message.id
                entry = entries.setdefault((one, message.context or ""), {"english": one})
                entry |= {"plural": many[0]} if many else {}
                entry |= {"context": message.context} if message.context else {}
                entry[language] = ["", ""] if many else ""
    json.dump(list(entries.values()), sys.stdout, ensure_ascii=False, indent=1)
    click.echo()


@translations.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def fill(file: Path) -> None:
    """Write the translations of FILE, as `missing` prints it and filled in, into the catalogues."""
    entries: list[Entry] = json.loads(file.read_text(encoding="utf-8"))
    for language in OTHERS:
        catalogue, filled = _read(language), 0
        for entry in entries:
            if language not in entry or not all(entry[language]):
                continue
            message = catalogue.get(entry["english"], entry.get("context"))
            if message is None:
                raise click.ClickException(f'The code does not say "{entry["english"]}" any more.')
            told = entry[language]
            message.string = told if isinstance(message.id, str) else tuple(told)
            filled += 1
        _write(language, catalogue)
        click.echo(f"{language}: {filled} filled in, {_lacks(catalogue)} missing")


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


def _lacks(catalogue: Catalog) -> int:
    return sum(1 for message in catalogue if message.id and not all(_forms(message)))


def _read(language: str) -> Catalog:
    with file_of(language).open("rb") as lines:
        return read_po(lines, locale=LOCALES[language], domain="segue")


def _write(language: str, catalogue: Catalog) -> None:
    with file_of(language).open("wb") as lines:
        write_po(lines, catalogue, width=0, sort_output=True)


if __name__ == "__main__":
    translations()
