"""Extraction of what a chat may show, for Babel: prose of `bot`, what is said, counted or raised, and names.

`pyproject.toml` names `extract` as the method for `pybabel extract`.  Many sentences stand in tables and in
errors, so the syntax tree is read instead of a list of calls such as `_("...")`.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple

from babel.messages.pofile import read_po
from discord import app_commands
from jinja2.ext import babel_extract

from bot.adapters.discord import admin, menus, slash
from bot.commands.table import COMMANDS
from bot.replies.catalogues import file_of
from bot.translations.exempt import MANAGERS, NOT_TOLD, OPERATORS, OPERATORS_IN
from recommender.errors import MusicError
from storage.errors import BusyError, InvalidFactError
from storage.imports import ImportFormatError
from storage.imports.plays_columns import ColumnsError

ROOT = Path(__file__).parents[2]
# A word of two letters and what follows it, or a word that begins a sentence.
PROSE = re.compile(r"[^\W\d_]{2,}[^\n]* |^[A-Z][a-z]{2,}", re.MULTILINE)
FILLED = "f:"
"""Begins a text with values filled in too early, which has no translation."""
_MISHAPS = frozenset(["AssertionError", "RuntimeError", "TypeError", "TypeVar", "ValueError"])
_NAMES = "bot/adapters/discord/i18n.py"  # the file for which the names of commands and fields are extracted


_AnyCommand = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu | app_commands.Group


class SourceText(NamedTuple):
    """A text of the code, with its plural and context if it has them."""

    line: int
    text: str
    many: str = ""
    context: str = ""


def called(node: ast.AST) -> str:
    """Return the name of what is called, "" for everything else."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def unsaid(tree: ast.Module) -> set[int]:
    """Return the nodes of strings that nobody is told: docstrings, types, log lines, patterns, bugs."""
    silent: set[int] = set()
    for node in ast.walk(tree):
        name = called(node)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inner: list[ast.AST | None] = [node.value]
        elif name.startswith(("log.", "re.", "click.")) or name in _MISHAPS or name == "Run":
            inner = [node]
        elif isinstance(node, ast.Call) and name == "cast":
            inner = [node.args[0]]
        elif isinstance(node, ast.Call) and name == "Command":
            also = (keyword.value for keyword in node.keywords if keyword.arg == "also")
            inner = [node.args[0], node.args[2], *also]  # what is typed is the same in every language
        elif isinstance(node, ast.arg | ast.AnnAssign):
            inner = [node.annotation]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = [node.returns]
        elif isinstance(node, ast.Subscript):
            inner = [node.slice]
        else:
            continue
        silent |= {id(one) for root in inner if root is not None for one in ast.walk(root)}
    return silent


def texts(node: ast.AST, silent: set[int]) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each string below a node.

    One with values in it has {} for each and "f:" before it: filled in too early, it has no translation.
    """
    skipped = set(silent)
    for one in ast.walk(node):
        if id(one) in skipped:
            continue
        if isinstance(one, ast.Dict):
            skipped |= {id(key) for key in one.keys}
        elif isinstance(one, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in one.values]
            skipped |= {id(part) for part in one.values}
            yield one.lineno, f"{FILLED}{''.join(map(str, parts))}"
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.lineno, one.value


def assigned(tree: ast.Module) -> dict[str, ast.AST]:
    """Return what the names at the top of a module stand for."""
    pairs = [(one.targets[0], one.value) for one in tree.body if isinstance(one, ast.Assign)]
    return {target.id: value for target, value in pairs if isinstance(target, ast.Name)}


def handed(node: ast.AST, names: dict[str, ast.AST]) -> Iterator[ast.AST]:
    """Yield an argument and what the names in it stand for; what it calls is another's business."""
    yield node
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and one.id in names:
            yield names[one.id]


def names_of(error: type[Exception]) -> frozenset[str]:
    """Return the name of an error and of all that are one."""
    return frozenset({error.__name__}).union(*map(names_of, error.__subclasses__()))


TOLD = frozenset().union(
    *map(names_of, (MusicError, BusyError, InvalidFactError, ImportFormatError, ColumnsError))
)


# Why an entry of a file was left out.  Those that quote the entry are English.
REASONS = frozenset(["CellError", "Skipped", "Noted"])


def counted_noun(call: ast.Call) -> Iterator[SourceText]:
    """Yield the noun that is counted, with its plural."""
    one, *more = [str(noun.value) for noun in call.args[1:] if isinstance(noun, ast.Constant)] or [""]
    if one:
        yield SourceText(call.lineno, one, more[0] if more else f"{one}s")


def texts_of(module: str, tree: ast.Module) -> set[SourceText]:
    """Return all that a module may tell: prose in `bot`, and what is said, counted or raised anywhere."""
    silent, names, found = unsaid(tree), assigned(tree), set[SourceText]()
    manages = module in MANAGERS
    if module.startswith("bot/") and not manages:
        found |= {
            SourceText(*one) for one in texts(tree, silent) if PROSE.search(one[1].removeprefix(FILLED))
        }
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args):
        if called(call) == "counted" and module.startswith("bot/") and not manages:
            found |= set(counted_noun(call))
        elif called(call) in REASONS and module.startswith("storage/"):
            found |= {SourceText(*one) for one in texts(call, silent) if not one[1].startswith(FILLED)}
        elif called(call) in ({"say"} if manages else {"say", *TOLD}):
            said = (text for one in handed(call.args[0], names) for text in texts(one, silent))
            found |= {SourceText(*one) for one in said}
    known = {SourceText(*one) for one in texts(tree, set()) if one[1] in _known()}
    told = {one for one in found if one.text not in NOT_TOLD and any(map(str.isalpha, one.text))}
    return told | {one for one in known if one.text not in NOT_TOLD}


@cache
def _known() -> Collection[str]:
    """Return what has a translation: single words in tables stay as long as the code has them."""
    with file_of("de").open("rb") as lines:
        written = list(read_po(lines))
    said = (one for one in written if one.string and not one.context)
    return {one.id for one in said if isinstance(one.id, str) and one.id}


def names_of_commands() -> Iterator[SourceText]:
    """Yield the names and descriptions that Discord's menus have, and the labels of arguments."""
    for command in (*slash.commands(), *menus.commands(), *admin.groups()):
        for text in _locale_texts(command):
            yield SourceText(0, text.extras["key"], context=text.extras.get("context", ""))
    for one in COMMANDS.values():
        for told in (one, *one.subcommands):
            labels = [option.label for option in told.options]
            labels += [told.argument.label] if told.argument is not None else []
            yield from (SourceText(0, label) for label in labels if any(map(str.isalpha, label)))


def _locale_texts(command: _AnyCommand) -> Iterator[app_commands.locale_str]:
    yield from filter(None, (command._locale_name, getattr(command, "_locale_description", None)))  # noqa: SLF001
    for child in getattr(command, "commands", ()):
        yield from _locale_texts(child)
    for parameter in getattr(command, "_params", {}).values():
        told = (parameter._rename, parameter.description)  # noqa: SLF001 - discord.py shows them nowhere else
        yield from (one for one in told if "key" in getattr(one, "extras", {}))


def all_found() -> set[tuple[str, SourceText]]:
    """Return every text that needs a translation, with its module."""
    named = {(_NAMES, one) for one in names_of_commands()}
    for path in templates():
        with path.open("rb") as source:
            named |= {(path.relative_to(ROOT).as_posix(), one) for one in texts_of_template(source)}
    return named | {(module, one) for module, tree in modules() for one in texts_of(module, tree)}


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield the modules whose words reach a chat, by path from the root."""
    for package in ("bot", "recommender", "storage"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if _reaches_chats(name):
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def _reaches_chats(module: str) -> bool:
    if module in OPERATORS or module.startswith(OPERATORS_IN):
        return False
    return not {"evaluation", "models", "translations"} & set(module.split("/"))


def texts_of_template(source: BinaryIO) -> set[SourceText]:
    """Return what a page of the web companion says: the texts of `say`, and nouns that are counted."""
    found = set()
    for line, function, told, _ in babel_extract(source, ["say", "counted"], (), {}):
        words = [one for one in ([told] if isinstance(told, str) else told or ()) if one]
        if words and function == "say":
            found.add(SourceText(line, words[0]))
        elif words:
            found.add(SourceText(line, words[0], words[1] if len(words) > 1 else f"{words[0]}s"))
    return found


def templates() -> Iterator[Path]:
    """Yield the templates of the web companion."""
    return (ROOT / "bot/adapters/web/templates").rglob("*.html")


def extract_template(
    source: BinaryIO, keywords: Mapping[str, object], tags: Collection[str], options: Mapping[str, object]
) -> Iterator[tuple[int, str | None, str | tuple[str, ...], list[str]]]:
    """Yield (line, function, messages, comments) of one template, as Babel's extraction methods do."""
    del keywords, tags, options
    for line, text, many, _ in sorted(texts_of_template(source)):
        yield (line, "ngettext", (text, many), []) if many else (line, None, text, [])


def extract(
    source: IO[bytes], keywords: Mapping[str, object], tags: Collection[str], options: Mapping[str, object]
) -> Iterator[tuple[int, str | None, str | tuple[str, ...], list[str]]]:
    """Yield (line, function, messages, comments) of one file, as Babel's extraction methods do."""
    del keywords, tags, options
    module = Path(source.name).resolve().relative_to(ROOT).as_posix()
    if not _reaches_chats(module):
        return
    found = texts_of(module, ast.parse(source.read()))
    found |= set(names_of_commands() if module == _NAMES else ())
    once = {one[1:]: one for one in sorted(found, reverse=True)}
    for line, text, many, context in once.values():
        if text.startswith(FILLED):
            continue  # a test names these
        if many:
            yield line, "ngettext", (text, many), []
        elif context:
            yield line, "pgettext", (context, text), []
        else:
            yield line, None, text, []
