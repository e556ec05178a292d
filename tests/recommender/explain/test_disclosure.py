"""In public, reasons name only what their user said there or made visible there; elsewhere all they know."""

import shutil
from typing import get_args

import pytest
from worlds import copied

from recommender.disclosure import PUBLIC, Disclosure
from recommender.service import MusicService
from recommender.types import Explanation, Query, ReasonKind
from storage.records import Account, Community, Kind, Subject

FRIDAY = Community("telegram", "-1", "group", "Friday")
MONDAY = Community("telegram", "-2", "group", "Monday")
ANN, BO = Account("telegram", "1", "Ann"), Account("telegram", "2", "Bo")


class Places:
    """Ann and Bo in private and in two groups."""

    def __init__(self, music: MusicService) -> None:
        self.music = music
        self.said = 0

    async def like(self, who: Account, name: str, where: Community | None) -> None:
        listener = await self.music.arrive(who, where)
        subject = (await self.music.names.resolve(name)).song.subject
        self.said += 1
        await self.music.reactions.record(listener, subject, Kind.LIKE, key=f"like {self.said}")

    async def visible(self, who: Account, where: Community, *, visible: bool) -> None:
        await self.music.comparing.decide(await self.music.arrive(who, where), visible=visible)

    async def slate(self, who: Account, where: Community | None, *others: Account):
        listener = await self.music.arrive(who, where)
        users = tuple([(await self.music.arrive(other, where)).user_id for other in others])
        served = await self.music.recommend(Query(listener.user_id, 8, listener.community_id, others=users))
        await self.music.shown(served.id)
        return served

    async def told(self, who: Account, where: Community | None, *others: Account) -> set[str]:
        """Return the artists that the reasons of a list name."""
        return named(await self.slate(who, where, *others))


def named(slate) -> set[str]:
    crowds = ("community", "popular")
    picks = [pick for pick in slate.picks if pick.cause is not None and pick.explanation.kind not in crowds]
    return {pick.cause.artist for pick in picks}


@pytest.fixture
def places(music) -> Places:
    return Places(music)


async def test_a_group_reads_nothing_that_was_said_in_private_or_elsewhere(places):
    await places.like(ANN, "jazz 1", None)
    await places.like(ANN, "jazz 2", MONDAY)
    assert await places.told(ANN, FRIDAY) == set()
    await places.like(ANN, "jazz 3", FRIDAY)
    assert await places.told(ANN, FRIDAY) <= {"jazz 3"}
    assert await places.told(ANN, MONDAY) <= {"jazz 2"}
    assert {"jazz 1", "jazz 2", "jazz 3"} & await places.told(ANN, None)


async def test_the_songs_are_the_same_and_another_true_reason_is_given(places):
    await places.like(ANN, "jazz 1", None)
    slate = await places.slate(ANN, FRIDAY)
    assert {pick.song.artist.split()[0] for pick in slate.picks} == {"jazz"}
    assert {pick.explanation.kind for pick in slate.picks} == {"popular"}
    assert all(pick.explanation.count >= 3 for pick in slate.picks)


async def test_the_other_reason_may_be_what_the_song_shares_with_something_said_there(town, tmp_path):
    shutil.copy(town, tmp_path / "town.db")
    async with await MusicService.open(tmp_path / "town.db", seed=1) as music:
        places = Places(music)
        for n in range(8):
            await places.like(ANN, f"artist {n}", None if n else FRIDAY)
        alone, aloud = await places.slate(ANN, None), await places.slate(ANN, FRIDAY)
    assert len(named(alone)) > 1
    assert named(aloud) == {"artist 0"}
    kinds = {pick.explanation.kind for pick in aloud.picks}
    assert kinds - set(PUBLIC)
    assert kinds & set(PUBLIC)


@pytest.mark.parametrize("kind", get_args(ReasonKind))
def test_a_reason_of_any_kind_is_hidden_if_it_names_what_is_liked(kind):
    reason, said = Explanation(kind, Subject(1, 2)), Disclosure(frozenset({Subject(3, 4)}))
    public = ("tags", "community", "popular", "famous", "new", "start", "sound")
    assert said.hides(reason) == (kind not in public)
    assert not Disclosure(frozenset({Subject(1, 2)})).hides(reason)


async def test_a_group_reads_no_related_artist_of_somebody_liked_in_private(catalogue, tmp_path):
    async with await MusicService.open(copied(catalogue, tmp_path), seed=1) as music:
        places = Places(music)
        await places.like(ANN, "Queen", None)
        await places.like(ANN, "ABBA", FRIDAY)
        alone = [await places.slate(ANN, None) for _ in range(2)]
        assert "related" in {pick.explanation.kind for slate in alone for pick in slate.picks}
        for _ in range(4):
            assert await places.told(ANN, FRIDAY) <= {"ABBA"}


async def test_who_is_visible_in_a_group_may_be_named_there_with_all_they_like(places):
    await places.like(ANN, "jazz 1", None)
    await places.visible(ANN, FRIDAY, visible=True)
    assert await places.told(ANN, FRIDAY) == {"jazz 1"}
    assert await places.told(ANN, MONDAY) == set()


async def test_a_list_from_before_is_silent_once_its_owner_is_hidden_again(places, music):
    await places.like(ANN, "jazz 1", None)
    await places.visible(ANN, FRIDAY, visible=True)
    slate = await places.slate(ANN, FRIDAY)
    assert named(slate) == {"jazz 1"}
    await places.visible(ANN, FRIDAY, visible=False)
    for who in (ANN, BO):
        again = await music.slate(await music.arrive(who, FRIDAY), slate.id)
        assert named(again) == set()


async def test_of_several_people_each_is_named_only_with_what_is_theirs_to_show(places):
    await places.like(ANN, "jazz 1", None)
    await places.like(BO, "rock 1", None)
    assert await places.told(ANN, FRIDAY, BO) == set()
    await places.visible(BO, FRIDAY, visible=True)
    assert await places.told(ANN, FRIDAY, BO) <= {"rock 1"}
    await places.like(ANN, "jazz 1", FRIDAY)
    # Said before in private: the verdict stands, and nothing new was said here.
    assert "jazz 1" not in await places.told(ANN, FRIDAY, BO)


async def test_a_session_tells_only_what_all_it_is_for_have_said_there(places, music):
    ann, bo = await music.arrive(ANN, FRIDAY), await music.arrive(BO, FRIDAY)
    await places.like(ANN, "jazz 1", None)
    await places.like(BO, "jazz 1", FRIDAY)
    session = await music.sessions.start(ann, "", "Friday", key="start")
    await music.sessions.join(bo, session.id)
    live = await music.sessions.next(ann, session.id, key="next 1")
    assert {turn.cause for turn in (live.now, *live.next) if "Ann" in turn.names or not turn.names} == {None}
    await places.visible(ANN, FRIDAY, visible=True)
    live = await music.sessions.next(ann, session.id, key="next 2")
    assert "jazz 1" in {turn.cause.artist for turn in (live.now, *live.next) if turn.cause}
    await places.visible(ANN, FRIDAY, visible=False)
    live = await music.sessions.look(session.id)
    assert live.now.cause is None
