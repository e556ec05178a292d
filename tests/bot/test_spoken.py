"""A long conversation in a language that marks what it translates: nothing of ours stays unmarked."""

import re
from gettext import NullTranslations
from io import StringIO

import pytest

from bot.adapters.terminal.chat import Conversation, Screen
from bot.commands.table import COMMANDS
from bot.replies import i18n
from bot.replies.catalogues import catalogue
from bot.replies.i18n import speaking
from recommender.service import MusicService

MARKED = "xx"
GERMAN = catalogue("de")
# One line and more for each command, with what goes wrong; what stands alone is asked of everybody.
SAID = """
/recommend | /like queen | /like radiohead | /like zzyzx qwghlm | /like | /dislike coldplay | /like 19
/recommend 3 | /recommend 99 | /recommend jazz | /recommend qwghlm | /recommend like queen | /why 1 | /why
/why 7 | +1 -2 | +9 | /more 1 | /more | /skip 1 | /skip | /undo | /history | /history x | /tune | /tune 7
/tune x | /profile | /profile decade | /wrapped | /wrapped 1999 | /mood rainy sunday | /mood qwghlm
/mood rainy qwghlm | /discover jazz | /discover qwghlm | /similar queen + björk
/similar queen - radiohead | /similar queen by:smell | /similar queen by:sound
/similar a + b + c + d + e + f | /block u2 | /block u2 | /unblock | /unblock u2 | /unblock u2 | /next
/session | /session leave | /session start Friday | /session start | /next | /next 2 | /session style
/session style mad | /session style discover | /session energy 20 | /session energy 0 | /session energy x
/session host | /session host Bo | /session add | /session add queen | /session add abba - dancing queen
/session add abba - dancing queen | /session veto | /session veto abba - dancing queen | /session veto
/session veto | /session veto | /session dance | /session pause | /next | /session resume | /session recap
/session export | /session export pdf | /session export links | /session join | /session leave
/session join | /session end | /session recap | /session | /compare | /compare Bo | no | /compare Bo
/visible | /visible on | /visible perhaps | /compare Bo | /compare Ann | /blend Ann | /blend | /who queen
/who abba | /neighbours | /visible off | /who | /add qwghlm | /add Qwghlm - Zzyzx | /add - | /import
/import nosuch.csv | /export | /settings | /settings adventurous 6 | /settings adventurous 0
/settings loud | /privacy | /start | /start song_1 | /start x | /link | /link ABCD1234 | /unlink
/connect | /connect lastfm rj | /connect spotify | /playlist | /disconnect x | /help | /help like
/help qwghlm | /lke queen | /qwghlm | 99 | hello | /forget | no | /forget | yes | /history
"""


class _Marking(NullTranslations):
    """A catalogue that has every sentence of the German one, marked."""

    def gettext(self, message):
        return f"⟦{message}⟧" if GERMAN.gettext(message) else ""

    def ngettext(self, msgid1, msgid2, n):
        return f"⟦{msgid1 if n == 1 else msgid2}⟧" if GERMAN.ngettext(msgid1, msgid2, n) else ""


@pytest.fixture
async def told(database, tmp_path, monkeypatch):
    """Let Ann and Bo talk in the marking language; return what each line was answered."""
    catalogues = {MARKED: _Marking(), i18n.ENGLISH: catalogue("en")}
    monkeypatch.setattr(i18n, "catalogue", catalogues.__getitem__)
    monkeypatch.setitem(i18n.LANGUAGES, MARKED, "Marked")
    monkeypatch.setitem(i18n.LOCALES, MARKED, "de")  # whose lists say "und"
    async with await MusicService.open(database, seed=7) as music:
        talks = {name: Conversation(music, name, Screen(StringIO()), tmp_path) for name in ("Ann", "Bo")}

        async def says(name: str, line: str) -> str:
            talks[name]._screen = Screen(out := StringIO())
            await talks[name].hear(line)
            return out.getvalue()

        with speaking(MARKED):
            for line in ("/like queen", "/like abba", "/visible on"):
                await says("Bo", line)
            lines = re.split(r"\s*[|\n]\s*", SAID.strip())
            said = {line.split()[0].removeprefix("/") for line in lines}
            lines += [command.example for command in COMMANDS.values() if command.name not in said]
            yield [(line, await says("Ann", line)) for line in lines]


def _bare(answer: str) -> str:
    """Return what is not marked; the marks stand within each other."""
    while "⟦" in answer:
        left = re.sub(r"⟦[^⟦⟧]*⟧", "", answer)
        if left == answer:
            break
        answer = left
    return answer


# Names of music, files, commands and services are the same everywhere, and so is what stands between them.
OURS = re.compile(
    r"\b(the|you|your|yours|is|are|was|were|has|have|had|not|and|or|of|for|to|in|on|with|song|songs|list|there"
    r"|that|this|what|which|who|say|says|more|from|because|likes|both|all|nobody|nothing|here|them|yet)\b",
    re.IGNORECASE,
)


NAMES = re.compile(r"^\s*\d+\.? .*|^\d{4}-.*|^\S+ - .*|.*https?://.*|/\w+", re.MULTILINE)


async def test_nothing_that_any_command_says_stays_in_english(told):
    assert [line for line, answer in told if not answer.strip()] == []
    left = {line: found for line, answer in told if (found := OURS.findall(NAMES.sub("", _bare(answer))))}
    assert left == {}
