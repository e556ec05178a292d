"""A listening service connected in a private chat: the history, then what is heard while the bot runs."""

import asyncio
import time

import pytest
from lastfm_server import Person, serve_lastfm

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_is_heard_elsewhere_comes_in_while_the_bot_runs(start, own_api):
    now = int(time.time())
    with serve_lastfm() as lastfm:
        lastfm.people["rj"] = Person(plays=[(now - 90_000 + 300 * n, "Low", f"Song {n}") for n in range(30)])
        await start(LASTFM_API_KEY=lastfm.key, LASTFM_API_BASE=lastfm.base, SEGUE_POLL_SECONDS="1")
        ann = own_api.person(next(own_api.people), "Ann")
        answer = await ann.ask("/connect lastfm rj")
        assert answer["text"].startswith("Connected: Last.fm as rj")
        lastfm.people["rj"].plays.append((now - 60, "Grouper", "Heavy Water"))
        for _ in range(60):
            shown = await ann.ask("/connect")
            if "31 plays" in shown["text"]:
                break
            await asyncio.sleep(0.5)
        assert shown["text"].startswith("Last.fm as rj: 31 plays imported, up to date.")
        assert "Heavy Water" in (await ann.ask("/history"))["text"]
