"""Every sentence that somebody in a chat may see is there in every language, with its places."""

import ast
import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import bot
import recommender
import storage
from bot.commands import dispatch
from bot.context import Context
from bot.replies.explanations import reason
from bot.replies.i18n import ENGLISH, LANGUAGES, catalogue, counted, listed, say, speak, speaking
from recommender.errors import MusicError
from recommender.service import MusicService
from storage.errors import BusyError, InvalidFactError
from storage.imports import ImportFormatError
from storage.imports.plays_columns import ColumnsError
from storage.records import Account

OTHERS = sorted(set(LANGUAGES) - {ENGLISH})
FOLDER = Path(bot.__file__).parent
# What only whoever runs the bot, or manages a server or group, gets to read.
MANAGERS = frozenset(
    [
        "bot/handlers/policies.py",
        "bot/adapters/discord/admin.py",
        "bot/adapters/terminal/operator.py",
    ]
)
OPERATORS = frozenset(
    [
        "bot/app.py",
        "bot/backups.py",
        "bot/heartbeat.py",
        "bot/cli/checks.py",
        "bot/cli/keeping.py",
        "bot/cli/licences.py",
        "bot/cli/safekeeping.py",
        "bot/version.py",
        "storage/backups/__init__.py",
        "storage/backups/making.py",
        "bot/cli/catalog.py",
        "bot/cli/main.py",
        "bot/cli/evaluate/content.py",
        "bot/cli/discord_sync.py",
        "bot/cli/doctor.py",
        "bot/cli/evaluate/commands.py",
        "bot/cli/evaluate/models.py",
        "bot/cli/evaluate/groups.py",
        "bot/install.py",
        "bot/log_file.py",
        # markup and files of pictures, and a process that speaks to the log
        "bot/pictures/canvas.py",
        "bot/pictures/fonts.py",
        "bot/pictures/painter.py",
        "bot/adapters/terminal/images.py",
        "bot/cli/evaluate/first_run.py",
        "bot/cli/evaluate/listeners.py",
        "bot/cli/evaluate/matching.py",
        "bot/cli/run.py",
        "bot/settings.py",
        "bot/cli/tasks.py",
        "bot/cli/evaluate/recordings.py",
        "bot/adapters/discord/run.py",
        "bot/adapters/telegram/run.py",
        "recommender/service/communities.py",
        "recommender/connections/vault.py",
        "recommender/service/policies.py",
        "recommender/bandit/off_policy.py",
        "recommender/snapshot/__init__.py",
        "recommender/snapshot/files.py",
        "recommender/training/usable.py",
        "recommender/training/process.py",
        "storage/health.py",
        "storage/log.py",
        "storage/related.py",
        "storage/store.py",
        # data sets, which nobody hands over in a chat
        "storage/imports/__init__.py",
        "storage/imports/lastfm_2k.py",
        "storage/imports/lastfm_matrix.py",
        "storage/imports/related.py",
        "storage/imports/spotify_tracks.py",
        "storage/imports/starter.py",
        "storage/imports/taste_profile.py",
        "storage/imports/texts.py",
    ]
)
# Prose that nobody is told: what is typed or pressed, what Telegram answers, names.
NOT_TOLD = frozenset(
    [
        "/help recommend",
        "f:/session {} {}",
        "by:sound, by:words, by:listeners",
        "f:<code>{}</code> - {}",
        "+1 👍   -1 👎   /why 1   /more 1   /skip",
        "/connect spotify",
        "<code>/help recommend</code>",
        "f:<code>{}</code> {} {}",
        "Discord",
        "Telegram",
        "apple music",
        "bold cyan",
        "f:card {}",
        "f:{}|{}",
        "chat not found",
        "failed to get http url content",
        "file is too big",
        "group chat was upgraded",
        "have no rights",
        "message can't be edited",
        "message is not modified",
        "message to edit not found",
        "not enough rights",
        "query id is invalid",
        "query is too old",
        "thread not found",
        "user is deactivated",
        "wrong file identifier",
        "wrong type of the web page content",
        "f:/connect {} {}",
        "only me",
        "f:help {}",
        "person listens along",
        "people listen along",
        "the terminal",
        "an anonymous group",
        "https://www.spotify.com/account/apps/",
        "segue-export.json",
        "links.txt",
        "session.",
        "Deutsch",
        "English",
        "Español",
        "s",
        # of --columns, which nobody says in a chat; a nameless artist and a text about nobody are no files
        "has {} columns and --columns names {}; name each as in {}.",
        "cannot be read: column {} is {} in --columns; use {}.",
        "cannot be read without an artist; name them in their order with {}.",
        "text that names no artist of the catalogue",
        "Somebody asked to be forgotten after this snapshot was made.",
        "f:There are no audio features {}.",
    ]
)
REPLIES = frozenset(
    [
        "Button",
        "Choices",
        "Confirm",
        "Done",
        "FileReply",
        "Notice",
        "Part",
        "Problem",
        "ReportReply",
        "SessionReply",
        "SlateReply",
    ]
)
# A word of two letters and what follows it, or a word that begins a sentence.
PROSE = re.compile(r"[^\W\d_]{2,}[^\n]* |^[A-Z][a-z]{2,}", re.MULTILINE)

MISHAPS = frozenset(["AssertionError", "RuntimeError", "TypeError", "TypeVar", "ValueError"])
Found = tuple[str, int, str]  # module, line, text


def modules(*packages: object) -> Iterator[tuple[str, ast.Module]]:
    """Yield the modules whose words reach a chat, by path from the root."""
    for package in packages:
        folder = Path(str(getattr(package, "__file__", None))).parent
        for path in sorted(folder.rglob("*.py")):
            name = str(path.relative_to(folder.parent))
            if name not in OPERATORS and not {"evaluation", "models"} & set(name.split("/")):
                yield name, ast.parse(path.read_text(encoding="utf-8"))


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
        elif name.startswith(("log.", "re.", "click.")) or name in MISHAPS:
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
            yield one.lineno, f"f:{''.join(map(str, parts))}"
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


def sentences() -> set[Found]:
    """Return all that may be told: prose anywhere in `bot`, what is said, counted or raised anywhere."""
    found: set[Found] = set()
    for module, tree in modules(bot, recommender, storage):
        silent, names = unsaid(tree), assigned(tree)
        if module.startswith("bot/") and module not in MANAGERS:
            every = texts(tree, silent)
            found |= {(module, n, text) for n, text in every if PROSE.search(text.removeprefix("f:"))}
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args):
            if called(call) == "counted" and module.startswith("bot/") and module not in MANAGERS:
                found |= {(module, call.lineno, noun) for noun in forms(call)}
            elif called(call) in REASONS and module.startswith("storage/"):
                found |= {(module, n, text) for n, text in texts(call, silent) if not text.startswith("f:")}
            elif called(call) in ({"say"} if module in MANAGERS else {"say", *TOLD}):
                said = (text for one in handed(call.args[0], names) for text in texts(one, silent))
                found |= {(module, n, text) for n, text in said}
    return {one for one in found if one[2] not in NOT_TOLD and any(map(str.isalpha, one[2]))}


def forms(call: ast.Call) -> set[str]:
    """Return the noun that is counted, as a translation has it: "song|songs"."""
    nouns = [noun for noun in call.args[1:] if isinstance(noun, ast.Constant)]
    one, *more = [str(noun.value) for noun in nouns] or [""]
    return {f"{one}|{more[0] if more else f'{one}s'}"} if one else set()


def bare(node: ast.AST, names: dict[str, ast.AST]) -> Iterator[tuple[int, str]]:
    """Yield the texts of an argument that are handed on as they stand, past `say`."""
    if isinstance(node, ast.Call):
        return
    if isinstance(node, ast.Name) and node.id in names:
        yield from bare(names[node.id], {})
    elif isinstance(node, ast.Constant):
        yield from [(node.lineno, node.value)] if isinstance(node.value, str) else ()
    else:
        for child in ast.iter_child_nodes(node):
            yield from bare(child, names)


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_without_a_translation(language):
    known = set(catalogue(language))
    assert sorted(one for one in sentences() if one[2] not in known) == []


def test_no_reply_goes_past_the_translation():
    found = [
        (module, line, text)
        for module, tree in modules(bot)
        if module not in MANAGERS
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and called(call) in REPLIES
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
        for line, text in bare(argument, assigned(tree))
        if re.search(r"[^\W\d_]{2,}", text) and text not in NOT_TOLD
    ]
    assert found == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_of_a_sentence_that_nobody_says(language):
    told = {text for _, _, text in sentences()}
    every = {text for _, tree in modules(bot, recommender, storage) for _, text in texts(tree, set())}
    names = {key for key in catalogue(language) if key.startswith("name:")}  # their own test is Discord's
    assert sorted(set(catalogue(language)) - told - every - names) == []


def places(sentence: str) -> list[str]:
    """Return the places of a sentence, numbered as `format` does."""
    names = [name for _, name, _, _ in Formatter().parse(sentence) if name is not None]
    return sorted({name or str(number) for number, name in enumerate(names)})


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_a_place_for_everything_the_sentence_names(language):
    for sentence, translated in catalogue(language).items():
        assert translated.strip(), sentence
        assert places(translated) == places(sentence), sentence
        assert translated.count("|") == sentence.count("|"), sentence
        assert translated.count("\n") == sentence.count("\n"), sentence
        commands = set(re.findall(r"/[a-z]{3,}", sentence))
        assert set(re.findall(r"/[a-z]{3,}", translated)) == commands, sentence


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


@pytest.mark.parametrize("language", OTHERS)
def test_no_paragraph_is_broken_where_a_terminal_would_end(language):
    """Each chat breaks lines where its own screen ends; a break of ours begins something new."""
    said = {text for _, _, text in sentences()} | set(catalogue(language).values())
    broken = re.compile(r"[^.:!?]\n(?:  |[a-z][^:=]* [a-z])")
    assert sorted(text for text in said if broken.search(text)) == []


TYPED = re.compile(r"<[^>]*>|/\w+( [a-z]+)*")  # markup, and what is typed
SAYS = frozenset(["counted", "listed", "told", "say", "spoken"])


def test_no_sentence_is_put_into_one_of_another_language():
    """What is said or counted in a person's language stands in no sentence that only English has."""
    mixed = [
        (module, one.lineno, ast.unparse(one))
        for module, tree in modules(bot)
        for silent in [unsaid(tree)]
        for one in ast.walk(tree)
        if isinstance(one, ast.JoinedStr) and id(one) not in silent
        if any(called(part) in SAYS for part in ast.walk(one))
        if any(
            isinstance(part, ast.Constant) and re.search(r"[^\W\d_]{2,}", TYPED.sub("", str(part.value)))
            for part in one.values
        )
    ]
    assert mixed == []
