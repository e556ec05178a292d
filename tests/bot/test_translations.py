"""Every sentence that somebody in a chat may see is there in every language, with its places."""

import ast
import asyncio
import json
import pickle
import re
from collections.abc import Iterator
from gettext import NullTranslations
from string import Formatter

import pytest
from babel.messages import Message
from babel.messages.pofile import read_po
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import dispatch
from bot.context import Context
from bot.replies import i18n
from bot.replies.catalogues import LOCALES, catalogue, file_of
from bot.replies.dates import date, decade, month
from bot.replies.explanations import reason
from bot.replies.i18n import (
    ENGLISH,
    LANGUAGES,
    counted,
    decimal,
    listed,
    say,
    share,
    speak,
    speaking,
)
from bot.translations import __main__ as commands
from bot.translations.exempt import MANAGERS, NOT_TOLD
from bot.translations.extraction import all_found, assigned, called, modules, unsaid
from recommender.service import MusicService
from storage.records import Account

OTHERS = sorted(set(LANGUAGES) - {ENGLISH})
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


@pytest.fixture(scope="module")
def found():
    return all_found()


def messages(language: str) -> list[Message]:
    """Return all of a language's catalogue but its header."""
    with file_of(language).open("rb") as lines:
        return [message for message in read_po(lines, locale=LOCALES[language]) if message.id]


def key(message: Message) -> tuple[str, str, str]:
    one, many = (message.id, "") if isinstance(message.id, str) else message.id
    return one, many, message.context or ""


def forms(message: Message) -> list[tuple[str, str]]:
    """Return (English, translated) of a message and of its plural."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return list(zip(message.id, message.string, strict=True))


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
def test_no_sentence_is_without_a_translation(language, found):
    known = catalogue(language)
    lacking = [
        (module, one.line, one.text)
        for module, one in found
        if not (known.pgettext(one.context, one.text) if one.context else known.gettext(one.text))
        or (one.many and not known.ngettext(one.text, one.many, 2))
    ]
    assert sorted(lacking) == []


def test_no_reply_goes_past_the_translation():
    found = [
        (module, line, text)
        for module, tree in modules()
        if module.startswith("bot/") and module not in MANAGERS
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and called(call) in REPLIES
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
        for line, text in bare(argument, assigned(tree))
        if re.search(r"[^\W\d_]{2,}", text) and text not in NOT_TOLD
    ]
    assert found == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_of_a_sentence_that_nobody_says(language, found):
    """`python3 -m bot.translations update` has been run since the code changed."""
    plurals = {(one.text, one.many, "") for _, one in found if one.many}
    said = {(one.text, "", one.context) for _, one in found}
    assert sorted({key(message) for message in messages(language)} - said - plurals) == []


def places(sentence: str) -> list[str]:
    """Return the places of a sentence, numbered as `format` does."""
    names = [name for _, name, _, _ in Formatter().parse(sentence) if name is not None]
    return sorted({name or str(number) for number, name in enumerate(names)})


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_a_place_for_everything_the_sentence_names(language):
    for sentence, translated in (form for message in messages(language) for form in forms(message)):
        assert translated.strip(), sentence
        assert places(translated) == places(sentence), sentence
        assert translated.count("\n") == sentence.count("\n"), sentence
        commands = set(re.findall(r"/[a-z]{3,}", sentence))
        assert set(re.findall(r"/[a-z]{3,}", translated)) == commands, sentence


def test_numbers_nouns_and_lists_are_of_the_language():
    with speaking("de"):
        assert (counted(1, "song"), counted(1200, "song")) == ("1 Song", "1.200 Songs")
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
            assert (await says("/like zzyzx qwghlm")).sentence.startswith("Ich kenne keinen Song")
            assert (await says("/lke")).sentence.startswith("/lke gibt es nicht.")
        with speaking("es"):
            assert (await says("/similar radiohead")).title == "Parecido a Radiohead"


@pytest.mark.parametrize("language", OTHERS)
def test_no_paragraph_is_broken_where_a_terminal_would_end(language):
    """Each chat breaks lines where its own screen ends; a break of ours begins something new."""
    said = {text for message in messages(language) for form in forms(message) for text in form}
    broken = re.compile(r"[^.:!?]\n(?:  |[a-z][^:=]* [a-z])")
    assert sorted(text for text in said if broken.search(text)) == []


TYPED = re.compile(r"<[^>]*>|/\w+( [a-z]+)*")  # markup, and what is typed
SAYS = frozenset(["counted", "listed", "told", "say", "spoken"])


def test_no_sentence_is_put_into_one_of_another_language():
    """What is said or counted in a person's language stands in no sentence that only English has."""
    mixed = [
        (module, one.lineno, ast.unparse(one))
        for module, tree in modules()
        if module.startswith("bot/")
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


WORDS = st.text(alphabet="abcdé0 ", min_size=1).filter(str.strip)


class _Partial(NullTranslations):
    """A catalogue that has some of the German sentences only."""

    def __init__(self, known: set[str]) -> None:
        super().__init__()
        self._known = known

    def gettext(self, message):
        return f"<{message}>" if message in self._known else ""

    def ngettext(self, msgid1, msgid2, n):
        return f"<{msgid1 if n == 1 else msgid2}>" if msgid1 in self._known else ""


OUTER, INNER = "I do not know {}, {} and {}.", "without {}"


@given(st.sets(st.sampled_from([OUTER, INNER, "song"])), WORDS, st.integers(0, 10_000))
def test_a_sentence_is_never_half_translated(known, name, n):
    with pytest.MonkeyPatch.context() as patch, speaking("de"):
        patch.setattr(i18n, "catalogue", {"de": _Partial(known)}.__getitem__)
        told = say(OUTER, say(INNER, name), listed((counted(n, "song"), name)), name)
    english = say(OUTER, say(INNER, name), listed((counted(n, "song"), name)), name)
    assert (told == english) == (known != {OUTER, INNER, "song"})
    assert told.count("<") in (0, 3)


def test_a_sentence_remembers_its_english_on_the_way_to_another_process():
    with speaking("fr"):
        said = pickle.loads(pickle.dumps(say("Your list")))  # noqa: S301 - our own
    assert (said, said.english) == ("Ta liste", "Your list")


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", ("1 Jan 1970", "Jan", "1980s", "1,234.5", "8.8%")),
        ("de", ("1. Jan. 1970", "Jan", "1980er", "1.234,5", "8,8\xa0%")),
        ("es", ("1 ene 1970", "ene", "los 80", "1.234,5", "8,8\xa0%")),
        ("fr", ("1 janv. 1970", "janv", "années 80", "1\xa0234,5", "8,8\xa0%")),
        ("pt", ("1 de jan. de 1970", "jan", "anos 80", "1.234,5", "8,8%")),
    ],
)
def test_dates_numbers_and_decades_are_of_the_language(language, shown):
    with speaking(language):
        assert (date(0), month(1), decade(1980), decimal(1234.5, 1), share(0.088)) == shown
        assert decade(2000).endswith("2000") or "2000" in decade(2000)


def test_what_is_missing_is_listed_and_filled_in(tmp_path, monkeypatch):
    """`missing` and `fill` of the translators' commands, on a catalogue that lacks one sentence."""
    catalogue_file = tmp_path / "segue.po"
    catalogue_file.write_text(
        'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
        'msgid "Your list"\nmsgstr ""\n\nmsgid "song"\nmsgid_plural "songs"\nmsgstr[0] ""\nmsgstr[1] ""\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(commands, "OTHERS", ["fr"])
    monkeypatch.setattr(commands, "file_of", lambda _: catalogue_file)
    monkeypatch.setattr(commands, "bring_up_to_date", lambda: None)
    listed = json.loads(CliRunner().invoke(commands.translations, ["missing"]).output)
    assert listed == [
        {"english": "Your list", "fr": ""},
        {"english": "song", "plural": "songs", "fr": ["", ""]},
    ]
    listed[0]["fr"], listed[1]["fr"] = "Ta liste", ["chanson", "chansons"]
    (tmp_path / "filled.json").write_text(json.dumps(listed), encoding="utf-8")
    told = CliRunner().invoke(commands.translations, ["fill", str(tmp_path / "filled.json")]).output
    assert told == "fr: 2 filled in, 0 missing\n"
    assert 'msgstr[1] "chansons"' in catalogue_file.read_text(encoding="utf-8")
