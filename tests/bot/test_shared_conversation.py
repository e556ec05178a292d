"""One script of meanings, held on every platform: the same is understood, remembered and answered."""

import asyncio
import sys
from io import StringIO
from pathlib import Path

import pytest
import simcord

FOLDER = Path(__file__).resolve().parents[1] / "e2e" / "telegram"
SPEC = Path(__file__).resolve().parents[2].parent / "shared" / "specs" / "telegram-bot-api.json"
sys.path.insert(0, str(FOLDER))

# ruff: noqa: E402 - the server lies beside the tests that use it
import botapi
from botapi_spec import Spec

from bot.adapters.discord import server_settings
from bot.adapters.discord.client import SegueClient
from bot.adapters.telegram import run
from bot.adapters.terminal.chat import Conversation, Screen
from bot.settings import Settings
from recommender.service import MusicService
from storage.records import Account

# What is said, or the thumb pressed under a song; and what the answer has to say.
SCRIPT = (
    ("/like queen", "Noted: you like Queen"),
    ("/like bohemian rapsody", 'I took "bohemian rapsody" for Bohemian Rhapsody by Queen'),
    ("/dislike hallelujah", 'Which one is "hallelujah"?'),
    ("/like zzyzx qwghlm", 'I know no song or artist called "zzyzx qwghlm"'),
    ("/recommend 3", "because you like"),
    ("+1", "Noted: you like"),
    ("+1", "Taken back: your like of"),
    ("-2", "Noted: you do not like"),
    ("/why 1", "because you like"),
    ("/undo", "Taken back: your dislike of"),
    ("/block coldplay", "Blocked: nothing by Coldplay"),
    ("/history 5", "Queen"),
    ("/profile", "2 likes, 0 dislikes"),
    ("/unlink", "This account is not linked"),
    ("/privacy", "What I keep, and why"),
)
REMEMBERED = [
    ("block", False),
    ("dislike", True),
    ("like", True),
    ("like", False),
    ("like", False),
]


class Terminal:
    """Segue at a terminal."""

    platform = "terminal"

    def __init__(self, music, folder):
        self._out = StringIO()
        self._talk = Conversation(music, "ann", Screen(self._out), folder)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        pass

    async def say(self, line):
        self._out.seek(0)
        self._out.truncate()
        await self._talk.hear(line)
        return self._out.getvalue()

    account = "ann"


class Telegram:
    """Segue on Telegram, through the real library and a server on the loopback."""

    platform = "telegram"
    account = "1"

    def __init__(self, music, folder):
        if not SPEC.is_file():
            pytest.skip(f"needs the description of the Bot API in {SPEC}, which is not part of the project")
        self._music, self._folder = music, folder

    async def __aenter__(self):
        self._api = botapi.BotApi(Spec(SPEC))
        await self._api.start()
        settings = Settings(
            database=self._folder / "segue.db",
            TELEGRAM_TOKEN=botapi.TOKEN,
            TELEGRAM_BASE_URL=self._api.base_url,
            TELEGRAM_BASE_FILE_URL=self._api.base_file_url,
        )
        self._task = asyncio.create_task(run(settings, self._music, lambda: None))
        self._ann = self._api.person(1, "Ann")
        self._slate = None
        return self

    async def __aexit__(self, *_):
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._api.stop()
        assert self._api.violations == []

    async def say(self, line):
        if line[0] in "+-":
            row = self._slate["reply_markup"]["inline_keyboard"][int(line[1:]) - 1]
            return (await self._ann.press_payload(row["+-".index(line[0])]["callback_data"], self._slate))[
                "text"
            ]
        answer = await self._ann.ask(line)
        self._slate = answer if line.startswith("/recommend") else self._slate
        return answer["caption"] if "photo" in answer else answer["text"]


class Discord:
    """Segue on Discord, through the real library and an in-process Discord."""

    platform = "discord"

    def __init__(self, music, folder):
        del folder
        self._env = simcord.Env(SegueClient(music), shard_count=1, settle_timeout=30)

    async def __aenter__(self):
        await self._env.start()
        await self._env.bot.tree.sync()
        self._channel = self._env.create_guild("Cave").create_text_channel("music")
        self._ann = self._env.guild.add_member(self._env.create_user("ann", global_name="Ann"))
        self.account = str(self._ann.id)
        self._slate = None
        return self

    async def __aexit__(self, *_):
        await self._env.shutdown()
        self._env.raise_errors()

    async def say(self, line):
        if line[0] in "+-":
            ending = f":{int(line[1:]) - 1}:{'like' if line[0] == '+' else 'dislike'}"
            payload = next(
                c["custom_id"]
                for c in walk(self._slate.components)
                if c.get("custom_id", "").endswith(ending)
            )
            await self._ann.click(self._slate, custom_id=payload)
            return None
        name, _, rest = line[1:].partition(" ")
        options = {OPTIONS[name]: int(rest) if rest.isdecimal() else rest} if rest else {}
        result = await self._ann.slash(self._channel, name, **options)
        self._slate = result.response if name == "recommend" else self._slate
        return shown(result.response)


OPTIONS = {
    "like": "song",
    "dislike": "song",
    "recommend": "count",
    "why": "number",
    "block": "artist",
    "history": "count",
}


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))
        if "accessory" in component:
            yield component["accessory"]


def shown(message):
    texts = [component["content"] for component in walk(message.components) if component["type"] == 10]
    return "\n".join([message.content or "", *texts])


@pytest.mark.parametrize("platform", [Terminal, Telegram, Discord])
async def test_the_same_words_mean_the_same_everywhere(database, tmp_path, platform, monkeypatch):
    monkeypatch.setattr(server_settings, "_BURST", 100)  # the script talks faster than people
    async with await MusicService.open(database, seed=7) as music, platform(music, tmp_path) as talk:
        for line, meaning in SCRIPT:
            answer = await talk.say(line)
            # A card that was edited in place shows its verdict; what it means is in the log below.
            assert answer is None or meaning in answer.replace("\\", ""), line
        listener = await music.arrive(Account(talk.platform, talk.account, "Ann"))
        told = [(line.kind, line.undone) for line in await music.diary.lines(listener)]
    assert told == REMEMBERED
