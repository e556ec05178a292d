"""Tokens for programs, made, listed and revoked in the chat."""

import asyncio
import json
import re

from bot.commands import dispatch
from bot.context import Context
from bot.replies import Notice, Problem
from recommender.service import MusicService
from storage.records import Account, Community
from storage.store import Store

SECRET = re.compile(r"^segue_[A-Za-z0-9_-]{43}$", re.MULTILINE)


def test_a_token_is_shown_once_listed_without_its_secret_and_revoked(talk):
    made, again, listed, revoked, none = talk(
        "/web token living room listen read",
        "/web token living room",
        "/web tokens",
        "/web revoke Living Room",
        "/web tokens",
    )
    assert len(SECRET.findall(made)) == 1
    assert "It may: read and listen." in made
    assert again.startswith("You have a token called living room.")
    assert re.fullmatch(r"- living room: read and listen\. Made .+, never used\.", listed)
    assert revoked == "The token living room no longer works."
    assert none.startswith("You have no tokens.")


def test_a_token_may_the_usual_things_unless_told_otherwise(talk):
    usual, everything = talk("/web token", "/web token backup all")
    assert "Here is the token my program." in usual
    assert "It may: read, react and listen." in usual
    assert "It may: read, react, listen, import, export and forget." in everything


def test_no_token_is_made_where_others_read_along(database):
    async def asked() -> list[Notice | Problem]:
        async with await MusicService.open(database, seed=1) as music:
            ann, group = Account("telegram", "1", "Ann"), Community("telegram", "-5", "group", "Us")
            lines = ("/web token", "/web tokens", "/web revoke x")
            return [
                await dispatch(Context(music, ann, group, f"u{n}", chat="-5"), line)
                for n, line in enumerate(lines)
            ]

    for reply in asyncio.run(asked()):
        assert isinstance(reply, Problem)
        assert reply.sentence == "Tokens are between the two of us: ask me in a private chat."


def test_a_token_is_in_the_export_without_its_secret_and_gone_with_the_person(database, talk):
    made, _ = talk("/web token player", "/like queen")
    secret = SECRET.search(made)[0]
    with Store.open(database) as store:
        user = store.people.find("terminal", "ann")
        exported = json.dumps(store.people.export(user))
        assert '"player"' in exported
        assert secret not in exported
        with store.db.atomic():
            assert store.people.forget(user)["api_tokens"] == 1
        assert store.db.execute("SELECT count(*) FROM api_tokens").fetchone() == (0,)
