"""Codes that join accounts: wrong, used, expired and one's own are refused; each fact counts once."""

import pytest

from recommender.errors import NothingToDo, NotKnown
from recommender.service import MusicService
from recommender.service.accounts import Known, tidy
from storage.records import Account, Kind


@pytest.fixture
async def world(tmp_path):
    now = [1_000_000.0]
    async with await MusicService.open(tmp_path / "segue.db", seed=1, clock=lambda: now[0]) as music:
        ann = await music.arrive(Account("telegram", "1", "Ann"))
        annie = await music.arrive(Account("discord", "7", "annie"))
        yield music, ann, annie, now


async def test_a_code_counts_once_and_for_ten_minutes(world):
    music, ann, annie, now = world
    code = await music.links.offer(ann)
    now[0] += 600 - 1
    assert await music.links.join(annie, f" {code[:4].lower()}-{code[4:]} ") == [
        Known("telegram", "Ann"),
        Known("discord", "annie"),
    ]
    other = await music.arrive(Account("terminal", "bo", "Bo"))
    with pytest.raises(NotKnown, match="do not know that code"):
        await music.links.join(other, code)
    code = await music.links.offer(ann)
    now[0] += 600
    with pytest.raises(NotKnown, match="older than ten minutes"):
        await music.links.join(other, code)
    with pytest.raises(NotKnown, match="do not know that code"):
        await music.links.join(other, "AAAAAAAA")


async def test_after_five_wrong_codes_even_the_right_one_waits_for_ten_minutes(world):
    music, ann, annie, now = world
    code = await music.links.offer(ann)
    for verb in (music.links.preview, music.links.join, music.links.preview, music.links.join):
        with pytest.raises(NotKnown, match="do not know that code"):
            await verb(annie, "AAAAAAAA")
    now[0] += 60
    assert await music.links.preview(annie, code) == [Known("telegram", "Ann")]  # right ones do not count
    with pytest.raises(NotKnown, match="do not know that code"):
        await music.links.join(annie, "BBBBBBBB")
    for verb in (music.links.preview, music.links.join):
        with pytest.raises(NothingToDo, match="Try again in 9 min"):
            await verb(annie, code)
    bo = await music.arrive(Account("terminal", "bo", "Bo"))
    assert await music.links.preview(bo, code) == [Known("telegram", "Ann")]
    now[0] += 540
    code = await music.links.offer(ann)
    assert len(await music.links.join(annie, code)) == 2


async def test_a_code_that_has_joined_is_deleted(world):
    music, ann, annie, _ = world
    await music.links.join(annie, await music.links.offer(ann))
    codes = await music._read(lambda store: store.db.execute("SELECT count(*) FROM link_codes").fetchone()[0])
    assert codes == 0


async def test_ones_own_code_joins_nobody_before_or_after(world):
    music, ann, annie, _ = world
    code = await music.links.offer(ann)
    with pytest.raises(NothingToDo, match="your own code"):
        await music.links.join(ann, code)
    await music.links.join(annie, code)
    joined = await music.arrive(Account("discord", "7", "annie"))
    assert joined.user_id == ann.user_id


async def test_one_taste_on_both_platforms_until_they_part(world):
    music, ann, annie, _ = world
    queen, abba = await music.names.add(ann, "Queen", None), await music.names.add(ann, "ABBA", None)
    await music.reactions.record(ann, queen.subject, Kind.LIKE, key="1")
    await music.reactions.record(annie, abba.subject, Kind.LIKE, key="2")
    await music.links.join(annie, await music.links.offer(ann))
    assert (await music.profile(ann)).likes == 2
    assert await music.links.part(ann) == [Known("discord", "annie")]
    for account in (ann, annie):
        assert (await music.profile(account)).likes == 1
    with pytest.raises(NothingToDo, match="not linked"):
        await music.links.part(ann)


def test_a_code_is_read_however_it_is_typed():
    assert tidy(" abcd-efgh\n") == "ABCDEFGH"
