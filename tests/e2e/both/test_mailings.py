"""What comes by itself, over weeks of simulated time: once each, by real clients, whatever happens."""

import asyncio
import random
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import simcord
from worlds import copied

from bot import courier
from bot.adapters.discord.carrier import DiscordCarrier
from bot.adapters.discord.client import SegueClient
from bot.adapters.telegram.answers import Talker
from bot.adapters.telegram.carrier import TelegramCarrier
from bot.adapters.telegram.i18n import Languages
from bot.adapters.telegram.inbox import Inbox
from bot.adapters.telegram.run import build
from bot.commands import aside, dispatch, perform
from bot.context import Context
from bot.courier import Courier
from bot.handlers import weekly
from bot.handlers.times import DAYS
from bot.replies import Notice, Problem
from bot.settings import Settings
from recommender.service import MusicService
from storage.records import Account, Community

TELEGRAM = sys.modules["servers_of_telegram"]  # which the conftest beside this has loaded
STEP = 30 * 60
START = int(datetime(2026, 9, 27, 12, tzinfo=ZoneInfo("UTC")).timestamp())
WEEKS = 6  # with Sydney's clock going forward, Berlin's and New York's back
BERLIN, NEW_YORK, SYDNEY = "Europe/Berlin", "America/New_York", "Australia/Sydney"


class Crash(BaseException):
    """The process ends here."""


class World:
    """One database, two chat platforms, a clock that a test turns, and a bot that can end at any time."""

    def __init__(self, telegram, database: Path) -> None:
        self.telegram, self.database = telegram, database
        self.now, self.keys = START, iter(range(1 << 30))
        self.music: MusicService | None = None

    async def start(self) -> None:
        self.music = await MusicService.open(self.database, seed=7, clock=lambda: self.now)
        settings = Settings(telegram_token=TELEGRAM.TOKEN, telegram_base_url=self.telegram.base_url)
        self.application = build(settings, Inbox(self.music), Languages(self.music))
        await self.application.initialize()
        self.env = simcord.Env(SegueClient(self.music), shard_count=1, settle_timeout=30)
        await self.env.start()
        self.couriers = self._couriers()

    def _couriers(self) -> list[Courier]:
        talker = Talker(self.music, self.application.bot)
        carriers = TelegramCarrier(talker), DiscordCarrier(self.env.bot, self.music)
        return [Courier(self.music, carrier) for carrier in carriers]

    async def restart(self) -> None:
        """End the bot and start it again; the platforms stay."""
        await self.music.close()
        self.music = await MusicService.open(self.database, seed=7, clock=lambda: self.now)
        self.couriers = self._couriers()

    async def stop(self) -> None:
        await self.application.shutdown()
        await self.env.shutdown()
        await self.music.close()

    async def look(self) -> int:
        return sum([await courier.look() for courier in self.couriers])

    async def say(self, platform: str, person: str, line: str) -> str:
        context = Context(self.music, Account(platform, person, person), None, f"k{next(self.keys)}")
        reply = await dispatch(context, line, chatty=True)
        assert not isinstance(reply, Problem), reply
        return reply.text if isinstance(reply, Notice) else ""

    async def decide(self, place: Community, chat: str, text: str) -> None:
        account = Account(place.platform, "admin", "Admin")
        context = Context(self.music, account, place, f"k{next(self.keys)}", chat=chat)
        reply = await perform(context, lambda ask: weekly.weekly_of(ask, weekly.ours(ask), text))
        assert isinstance(reply, Notice), reply

    def came(self) -> Counter:
        """Return how many lists came to each chat."""
        came = Counter(
            {("telegram", str(chat)): len(sent) for chat, sent in self.telegram.sent.items() if sent}
        )
        for one in self.env.http_requests:
            nonce = (one.json or {}).get("nonce") or ""  # that of a picture above a list ends with a p
            if one.path.endswith("/messages") and nonce and not nonce.endswith("p"):
                came["discord", one.path.split("/")[2]] += 1
        return came

    async def sent(self) -> dict[str, list[str]]:
        """Return the periods of what was sent, by account or channel."""
        found = defaultdict(list)
        for chat, period in await self.rows(
            "SELECT coalesce(a.external_id, s.chat), period FROM mailings AS m LEFT JOIN accounts AS a"
            " ON a.user_id = m.user_id LEFT JOIN subscriptions AS s ON s.community_id = m.community_id"
            " WHERE outcome = 'sent' ORDER BY m.id"
        ):
            found[chat].append(period)
        return found

    async def rows(self, sql: str):
        return await self.music._read(lambda store: store.db.execute(sql).fetchall())


@pytest.fixture
async def world(specs, learned, tmp_path):
    database = copied(learned, tmp_path)
    telegram = TELEGRAM.BotApi(specs[0])
    await telegram.start()
    running = World(telegram, database)
    await running.start()
    yield running
    await running.stop()
    await telegram.stop()
    assert telegram.violations == []


def arrive(world, number: int, name: str) -> str:
    person = world.telegram.person(number, name)
    world.telegram.store(person.chat, {"from": person.user, "text": "hello"})
    return str(number)


def weeks_due(zone: str, weekday: int, hour: int, since: int, until: int) -> list[str]:
    """Return the ISO weeks in which a weekday and hour passed, by walking through local time."""
    found, at = [], since
    while at < until:
        at += STEP
        before, now = (datetime.fromtimestamp(t, ZoneInfo(zone)) for t in (at - STEP, at))
        due = now.replace(hour=hour, minute=0, second=0, fold=0)
        if now.weekday() == weekday and before < due <= now:
            year, week, _ = now.isocalendar()
            found.append(f"{year}-W{week:02}")
    return found


async def subscribed(world, platform: str, person: str, zone: str, day: int, hour: int) -> None:
    await world.say(platform, person, "/like radiohead")
    await world.say(platform, person, "/settings pictures off")
    await world.say(platform, person, "/quiet 0-2")
    await world.say(platform, person, f"/weekly on {DAYS[day]} {hour} {zone}")


async def live(world, rng: random.Random, until: int) -> None:
    """Let time pass; now and then the bot is down for a day and a half, and a crash starts it again."""
    while world.now < until:
        world.now += STEP
        if rng.random() < 0.01:
            world.now += 36 * 3600
            await world.restart()
        try:
            await world.look()
        except Crash:
            await world.restart()


@pytest.mark.slow
async def test_each_list_comes_once_through_restarts_crashes_and_changes_of_the_clock(
    world, monkeypatch, caplog
):
    tries, rng, made, began = [], random.Random(4), courier.made, world.now  # noqa: S311 - repeatable
    bo = str(world.env.create_user("bo", global_name="Bo").id)
    guild = world.env.create_guild("Cave")
    channel = str(guild.create_text_channel("music").id)
    wanted = {arrive(world, 1, "Ann"): ("telegram", BERLIN, 6, 9), bo: ("discord", NEW_YORK, 6, 8)}
    wanted[arrive(world, 2, "Cy")] = ("telegram", SYDNEY, 6, 3)
    for person, (platform, *when) in wanted.items():
        await subscribed(world, platform, person, *when)
    await world.decide(Community("discord", str(guild.id), "server", "Cave"), channel, f"on wed 12 {BERLIN}")

    async def sometimes_crashes(*args):
        ready = await made(*args)
        tries.append(world.now)
        if len(tries) % 3 == 1:
            raise Crash
        return ready

    monkeypatch.setattr(courier, "made", sometimes_crashes)
    await live(world, rng, START + WEEKS * 7 * 86_400)
    monkeypatch.setattr(courier, "made", made)
    until = world.now
    await live(world, random.Random(1), until + 8 * 3600)  # noqa: S311 - what was left at the end

    sent = await world.sent()
    assert len(tries) > 20
    wanted[channel] = ("discord", BERLIN, 2, 12)
    for owner, (_, *when) in wanted.items():
        due = weeks_due(*when, began, until)
        assert len(due) >= WEEKS - 1
        assert sorted(sent[owner])[: len(due)] == due, owner
        assert len(sent[owner]) == len(set(sent[owner]))
    came = world.came()
    assert [came["telegram", chat] for chat in ("1", "2")] == [len(sent["1"]), len(sent["2"])]
    assert came["discord", channel] == len(sent[channel])
    assert sum(came.values()) == sum(map(len, sent.values()))
    days = await world.rows("SELECT user_id, community_id, day FROM mailings WHERE day IS NOT NULL")
    assert len(days) == len(set(days))
    shown = await world.rows(
        "SELECT s.user_id, i.track_id FROM impressions AS i JOIN slates AS s ON s.id = slate_id"
        " WHERE shown_at IS NOT NULL AND track_id IS NOT NULL"
    )
    assert len(shown) == len(set(shown)) > 10 * WEEKS  # no song twice in all those weeks
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_blocked_chat_ends_it_and_is_told_so_once_when_it_is_back(world):
    dee = arrive(world, 3, "Dee")
    await subscribed(world, "telegram", dee, BERLIN, 1, 12)
    world.now += 7 * 86_400
    assert await world.look() == 1
    world.telegram.blocked.add(3)
    for _ in range(3):
        world.now += 7 * 86_400
        assert await world.look() == 0
    outcomes = await world.rows("SELECT outcome FROM mailings ORDER BY id")
    assert outcomes == [("sent",), ("closed",)]
    back = Context(world.music, Account("telegram", dee, dee), None, "back")
    assert "I could not write to you" in (await aside(back)).text
    assert await aside(back) is None
    world.telegram.blocked.clear()
    await subscribed(world, "telegram", dee, BERLIN, 1, 12)
    world.now += 7 * 86_400
    assert await world.look() == 1


async def test_a_closed_private_chat_and_a_lost_channel_end_it_on_discord(world):
    bo = str(world.env.create_user("bo", global_name="Bo").id)
    await subscribed(world, "discord", bo, BERLIN, 1, 12)
    refusal = {"status": 403, "code": 50007, "message": "Cannot send messages to this user"}
    world.env.inject_error("POST", "/channels/*/messages", **refusal)
    world.now += 7 * 86_400
    assert await world.look() == 0
    assert await world.rows("SELECT outcome FROM mailings") == [("closed",)]


async def test_a_crash_while_telegram_is_asked_is_not_sent_twice(world, monkeypatch):
    ann = arrive(world, 1, "Ann")
    await world.say("telegram", ann, "/like radiohead")
    await world.say("telegram", ann, f"/weekly on sun 9 {BERLIN}")
    carried = TelegramCarrier.carry

    async def crash(self, parcel):
        await carried(self, parcel)
        raise Crash

    monkeypatch.setattr(TelegramCarrier, "carry", crash)
    world.now += 7 * 86_400
    with pytest.raises(Crash):
        await world.look()
    monkeypatch.setattr(TelegramCarrier, "carry", carried)
    for _ in range(20):
        world.now += 600
        await world.restart()
        await world.look()
    said = [message.get("text", "") for message in world.telegram.sent[1]]
    assert len([text for text in said if "10. " in text]) == 1
    assert await world.rows("SELECT outcome FROM mailings") == [("unknown",)]


async def test_a_network_that_is_gone_delays_and_loses_nothing(world, monkeypatch):
    ann = arrive(world, 1, "Ann")
    await world.say("telegram", ann, "/like radiohead")
    await world.say("telegram", ann, f"/weekly on sun 9 {BERLIN}")
    monkeypatch.setattr("bot.adapters.telegram.transport._PATIENCE_SECONDS", 0.0)
    world.now += 7 * 86_400
    await world.telegram.stop()
    assert await world.look() == 0
    await world.telegram.start()
    assert await world.look() == 0  # ten minutes' pause
    world.now += 600
    assert await world.look() == 1
    assert await world.rows("SELECT outcome FROM mailings") == [("sent",)]


async def test_what_was_liked_last_week_is_said_and_thumbs_teach(world):
    ann = arrive(world, 1, "Ann")
    await world.say("telegram", ann, "/like radiohead - creep")
    await world.say("telegram", ann, f"/weekly on sun 9 {BERLIN}")
    world.now += 7 * 86_400
    assert await world.look() == 1
    text = world.telegram.sent[1][-1]["text"]
    assert "Your week of " in text or "Your week of " in world.telegram.sent[1][-2].get("caption", "")
    assert text.count("\n    ") == 10
    assert "one you love, to come back to" in text
    await world.say("telegram", ann, "+1 +3")
    world.now += 7 * 86_400
    assert await world.look() == 1
    assert "Last week you liked 2 of 10: " in world.telegram.sent[1][-1]["text"]


async def test_two_couriers_of_one_database_send_once(world):
    ann = arrive(world, 1, "Ann")
    await world.say("telegram", ann, "/like radiohead")
    await world.say("telegram", ann, f"/weekly on sun 9 {BERLIN}")
    world.now += 7 * 86_400
    sent = await asyncio.gather(*(courier.look() for _ in range(3) for courier in world._couriers()))
    assert sum(sent) == 1


def test_the_weeks_of_this_test_hold_the_changes_of_the_clock():
    for zone in (BERLIN, NEW_YORK, SYDNEY):
        offsets = {
            (datetime.fromtimestamp(START, ZoneInfo(zone)) + timedelta(days=day)).utcoffset()
            for day in range(7 * WEEKS)
        }
        assert len(offsets) == 2, zone
