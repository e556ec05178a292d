"""Every sentence of a reply is there in every language, with a place for each of its names and numbers."""

import ast
import asyncio
from pathlib import Path
from string import Formatter

import pytest

import bot
from bot.commands import dispatch
from bot.context import Context
from bot.explanations import reason
from bot.words import ENGLISH, LANGUAGES, catalogue, counted, listed, say, speak, speaking
from recommender.service import MusicService
from storage.records import Account

OTHERS = sorted(set(LANGUAGES) - {ENGLISH})
FOLDER = Path(bot.__file__).parent
# Modules of which every error and noun is translated; of the others, whatever they hand to `say`.
WHOLLY = frozenset(
    ["command.py", "commands.py", "context.py", "explanations.py", "importing.py", "linking.py", "names.py",
     "person.py", "reactions.py", "songs.py", "start.py"]
)  # fmt: skip
# Sentences that come to `say` through a loop or a look-up.
TABLES = frozenset(["OPINIONS", "_BASES"])
ERRORS = frozenset(["NotKnown", "NothingToDo"])


def strings(node: ast.AST) -> set[str]:
    """Return the sentences of an expression: of a table, its values."""
    if isinstance(node, ast.Dict):
        return set().union(*map(strings, node.values))
    if isinstance(node, ast.IfExp):
        return strings(node.body) | strings(node.orelse)
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return {node.value} if is_text and node.value else set()


def sentences_of(path: Path) -> set[str]:
    """Return what a module says: `say("...")`, nouns that are counted, errors, and sentences with a name."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    found: set[str] = set()
    names = set(TABLES)
    for call in calls:
        if call.args and (call.func.id == "say" or (call.func.id in ERRORS and path.name in WHOLLY)):
            found |= strings(call.args[0])
            names |= {node.id for node in ast.walk(call.args[0]) if isinstance(node, ast.Name)}
        elif call.func.id == "counted" and len(call.args) > 1 and path.name in WHOLLY:
            nouns = [arg.value for arg in call.args[1:] if isinstance(arg, ast.Constant)]
            found |= {f"{nouns[0]}|{nouns[-1] if len(nouns) > 1 else nouns[0] + 's'}"} if nouns else set()
    for node in nodes:
        if isinstance(node, ast.Assign):
            found |= named(node.targets[0], node.value, names)
    return found


def named(target: ast.AST, value: ast.AST, names: set[str]) -> set[str]:
    """Return the sentences that an assignment gives one of the names to."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=True)
        return set().union(*(named(one, other, names) for one, other in pairs))
    return strings(value) if isinstance(target, ast.Name) and target.id in names else set()


def sentences() -> set[str]:
    return set().union(*map(sentences_of, FOLDER.rglob("*.py")))


def places(sentence: str) -> list[str]:
    """Return the places of a sentence, numbered as `format` does."""
    names = [name for _, name, _, _ in Formatter().parse(sentence) if name is not None]
    return sorted({name or str(number) for number, name in enumerate(names)})


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_without_a_translation(language):
    assert sentences() - set(catalogue(language)) == set()


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_a_place_for_everything_the_sentence_names(language):
    for sentence, translated in catalogue(language).items():
        assert translated.strip(), sentence
        assert places(translated) == places(sentence), sentence
        assert translated.count("|") == sentence.count("|"), sentence
        assert translated.count("\n") == sentence.count("\n"), sentence
        for command in ("/like", "/recommend", "/help", "/forget", "/export", "/undo", "/add"):
            assert (command in translated) == (command in sentence), sentence


def test_numbers_nouns_and_lists_are_of_the_language():
    with speaking("de"):
        assert (counted(1, "song"), counted(1200, "song")) == ("1 Lied", "1.200 Lieder")
        assert listed(("ruhig", "Jazz")) == "ruhig und Jazz"
        assert say("{} by {}", "{Angie}", "The {0} Stones") == "{Angie} von The {0} Stones"
    assert (counted(1, "song"), counted(1200, "song")) == ("1 song", "1,200 songs")


def test_a_language_that_there_is_not_is_english():
    with speaking("tlh"):
        assert say("Your list") == "Your list"


async def test_each_task_speaks_its_own_language():
    async def told(language: str) -> str:
        speak(language)
        await asyncio.sleep(0)
        return say("Your list")

    tasks = [asyncio.create_task(told(language)) for language in ("de", "en", "es")]
    assert await asyncio.gather(*tasks) == ["Deine Liste", "Your list", "Tu lista"]


async def test_a_conversation_is_held_in_one_language(database):
    async with await MusicService.open(database, seed=7) as music:
        account = Account("terminal", "ann", "Ann")

        async def says(line: str):
            return await dispatch(Context(music, account, None, line), line)

        with speaking("de"):
            assert (await says("/undo")).sentence.startswith("Es gibt nichts zurückzunehmen")
            assert (await says("/like queen")).question.startswith("👍 Notiert: Du magst Queen.")
            slate = await says("/recommend")
            assert slate.title == "Für dich"
            reasons = [reason(pick, slate.slate) for pick in slate.slate.picks]
            assert any(told.startswith("weil du Queen magst") for told in reasons)
            assert (await says("/like zzyzx qwghlm")).sentence.startswith("Ich kenne kein Lied")
            assert (await says("/lke")).sentence.startswith("/lke gibt es nicht.")
        with speaking("es"):
            assert (await says("/similar radiohead")).title == "Cerca de Radiohead"
