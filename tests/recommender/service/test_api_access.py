"""Tokens of programs: found by their secret alone, and theirs whose account it is."""

import asyncio

import pytest

from recommender.errors import NothingToDo, NotKnown
from recommender.service import MusicService
from recommender.service.api_access import MOST_TOKENS, is_same
from storage.records import Account
from storage.users.api_tokens import ABANDONED_SECONDS, ANSWER_SECONDS

ANN, BOB = Account("discord", "1", "Ann"), Account("telegram", "2", "Ann")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def on_service(tmp_path, work, clock=None):
    async def run():
        path = tmp_path / "segue.db"
        async with await MusicService.open(path, learn=False, clock=clock or Clock()) as music:
            return await work(music)

    return asyncio.run(run())


def test_a_token_acts_for_the_user_that_its_account_belongs_to_now(tmp_path):
    async def work(music):
        ann, bob = await music.arrive(ANN), await music.arrive(BOB)
        secret = await music.access.make(bob, BOB, "player", ("read",))
        before = await music.access.holder(secret)
        await music.links.join(bob, await music.links.offer(ann))
        linked = await music.access.holder(secret)
        await music.links.part(ann)
        parted = await music.access.holder(secret)
        assert [one.listener.user_id for one in (before, linked, parted)] == [
            bob.user_id,
            ann.user_id,
            bob.user_id,
        ]

    on_service(tmp_path, work)


def test_only_the_secret_itself_finds_a_token(tmp_path):
    async def work(music):
        ann = await music.arrive(ANN)
        secret = await music.access.make(ann, ANN, "player", ("read",))
        other = secret[:-1] + ("A" if secret[-1] != "A" else "B")
        for wrong in ("", "segue_", other, secret[:-1], secret + "A", secret.upper(), f" {secret}"):
            assert await music.access.holder(wrong) is None
        assert (await music.access.holder(secret)).scopes == {"read"}

    on_service(tmp_path, work)


def test_the_last_use_is_noted_once_a_minute(tmp_path):
    clock = Clock()

    async def work(music):
        ann = await music.arrive(ANN)
        secret = await music.access.make(ann, ANN, "player", ("read",))
        seen = []
        for seconds in (0, 30, 61):
            clock.now = 1_700_000_000.0 + seconds
            await music.access.holder(secret)
            seen.append((await music.access.tokens(ann))[0].used_at - 1_700_000_000)
        assert seen == [0, 0, 61]

    on_service(tmp_path, work, clock)


def test_a_user_has_so_many_tokens_and_each_a_name_of_its_own(tmp_path):
    async def work(music):
        ann = await music.arrive(ANN)
        for number in range(MOST_TOKENS):
            await music.access.make(ann, ANN, f"t{number}", ("read",))
        with pytest.raises(NothingToDo):
            await music.access.make(ann, ANN, "one more", ("read",))
        await music.access.revoke(ann, "T3")
        with pytest.raises(NothingToDo):
            await music.access.make(ann, ANN, "T4", ("read",))
        with pytest.raises(NotKnown):
            await music.access.revoke(ann, "t3")

    on_service(tmp_path, work)


def test_a_key_is_one_requests_for_a_day_and_free_again_after_a_crash(tmp_path):
    clock = Clock()

    async def work(music):
        ann = await music.arrive(ANN)
        holder = await music.access.holder(await music.access.make(ann, ANN, "player", ("read",)))
        first, is_ours = await music.access.begin(holder, "k", b"one")
        assert (first.status, is_ours) == (None, True)
        assert (await music.access.begin(holder, "k", b"one"))[1] is False, "it is being answered"
        clock.now += ABANDONED_SECONDS
        again, is_ours = await music.access.begin(holder, "k", b"one")
        assert (again.made_at, is_ours) == (first.made_at, True), "its process died"
        assert (await music.access.begin(holder, "k", b"two"))[1] is False
        await music.access.finish(holder, "k", again._replace(status=200, media_type="a/b", body=b"done"))
        stored, is_ours = await music.access.begin(holder, "k", b"one")
        assert (stored.status, stored.body, is_ours) == (200, b"done", False)
        assert is_same(stored, b"one")
        assert not is_same(stored, b"two")
        clock.now += ANSWER_SECONDS
        assert (await music.access.begin(holder, "k", b"two"))[1] is True

    on_service(tmp_path, work, clock)
