"""The table of commands, presses, and the one edge where errors become words."""

import logging
import re

import pytest

from bot.commands import delivered, dispatch, press
from bot.commands.table import COMMANDS
from bot.context import Context
from bot.replies import Choices, Done, HelpReply, HistoryReply, Marked, Notice, Problem, SlateReply
from bot.replies.buttons import Act, Feedback
from recommender.errors import NothingToDo
from recommender.service import MusicService
from storage.records import Account, Community, Kind, Subject

ROOM = Community("terminal", "room", "room", "the terminal")


class Person:
    """Somebody whose every message and press is a delivery of its own."""

    def __init__(self, music: MusicService, name: str = "Ann") -> None:
        self.music = music
        self.account = Account("terminal", name, name)
        self.updates = 0

    def context(self, update: str | None = None) -> Context:
        self.updates += 1
        return Context(
            self.music, self.account, ROOM, update or f"{self.account.name}:{self.updates}", chat="room"
        )

    async def says(self, line: str, update: str | None = None):
        context = self.context(update)
        reply = await dispatch(context, line)
        assert await delivered(context, reply) is None
        return reply

    async def presses(self, button: object, update: str | None = None):
        return await press(self.context(update), str(button))


@pytest.fixture
async def music(database):
    async with await MusicService.open(database, seed=3) as service:
        yield service


@pytest.fixture
def ann(music) -> Person:
    return Person(music)


async def test_every_command_is_in_the_help_and_explained_by_it(ann):
    everything = await ann.says("/help all")
    assert isinstance(everything, HelpReply)
    assert [line.usage.split()[0] for line in everything.lines] == [f"/{name}" for name in COMMANDS]
    for name, command in COMMANDS.items():
        for asked in (f"/help {name}", f"/help /{name.upper()}"):
            assert await ann.says(asked) == HelpReply((command.help,))


def test_the_table_fits_every_platform_and_a_phone():
    for name, command in COMMANDS.items():
        assert re.fullmatch("[a-z]{1,16}", name)
        assert name == command.name
        assert 10 <= len(command.summary) <= 40
        assert command.example.startswith(f"/{name}")
        assert command.handler or command.mention
        assert not command.mention or command.argument


# They need an account somewhere else, dated plays, or somebody who has agreed; they have their own tests.
_NEED_MORE = (
    "include",
    "web",
    "unlink",
    "connect",
    "disconnect",
    "playlist",
    "wrapped",
    "chart",
    "compare",
    "blend",
    "who",
    "neighbours",
)


async def test_every_example_in_the_help_works_on_the_bundled_catalogue(ann):
    await ann.says("/recommend")
    for command in COMMANDS.values():
        if command.name in _NEED_MORE:
            continue
        reply = await ann.says(command.example)
        assert not isinstance(reply, Problem), (command.example, reply)


async def test_a_press_sets_a_verdict_and_the_second_takes_it_back(ann):
    slate = (await ann.says("/recommend")).slate
    button = Feedback(slate.id, 1, "like")
    first, second = await ann.presses(button), await ann.presses(button)
    assert isinstance(first, Marked)
    assert [pick.verdict for pick in first.slate.picks] == [None, Kind.LIKE, None, None, None]
    assert second.sentence.startswith("↩ Taken back")
    assert [pick.verdict for pick in second.slate.picks] == [None] * 5


async def test_a_press_delivered_twice_counts_once(ann):
    slate = (await ann.says("/recommend")).slate
    button = Feedback(slate.id, 0, "dislike")
    replies = [await ann.presses(button, update="same") for _ in range(2)]
    assert [reply.slate.picks[0].verdict for reply in replies] == [Kind.DISLIKE] * 2
    assert len((await ann.says("/history")).lines) == 1


async def test_a_message_delivered_twice_counts_once(ann):
    for _ in range(2):
        await ann.says("/like queen", update="same")
    history = await ann.says("/history")
    assert isinstance(history, HistoryReply)
    assert len(history.lines) == 1


async def test_two_people_judge_one_list_each_for_themselves(ann, music):
    slate = (await ann.says("/recommend")).slate
    await music.cards.keep("terminal", "room", "the message", slate.id)
    bo = Person(music, "Bo")
    await ann.presses(Feedback(slate.id, 0, "like"))
    theirs = await bo.presses(Feedback(slate.id, 0, "dislike"))
    mine = await ann.presses(Feedback(slate.id, 1, "like"))
    assert [pick.verdict for pick in theirs.slate.picks[:2]] == [Kind.DISLIKE, None]
    assert [pick.verdict for pick in mine.slate.picks[:2]] == [Kind.LIKE, Kind.LIKE]


async def test_buttons_under_a_song_tell_why_and_bring_more(ann):
    slate = (await ann.says("/recommend")).slate
    first = slate.picks[0].song
    why = await ann.presses(Feedback(slate.id, 0, "why"))
    more = await ann.presses(Feedback(slate.id, 0, "more"))
    assert isinstance(why, Notice)
    assert why.text.startswith(f"{first.title} by {first.artist}: ")
    assert isinstance(more, SlateReply)
    assert [song.subject for song in more.slate.seeds] == [first.subject]


async def test_old_buttons_work_after_newer_lists(ann):
    old = (await ann.says("/recommend")).slate
    await ann.says("/recommend")
    reply = await ann.presses(Feedback(old.id, 2, "skip"))
    assert [pick.verdict for pick in reply.slate.picks] == [None, None, Kind.SKIP, None, None]
    assert reply.slate.id == old.id


async def test_choices_carry_what_a_press_understands(ann):
    asked = await ann.says("/like queen")
    assert isinstance(asked, Choices)
    liked = await ann.presses(asked.choices[0].payload)
    assert liked == Done("👍 Noted: you like Bohemian Rhapsody by Queen.", asked.choices[0].song)
    artist = await ann.presses(Act("like", Subject(asked.choices[0].song.subject.artist_id)))
    assert artist.question.startswith("You already like Queen.")


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "fb:999999:0:like",
        "fb:1:99:more",
        "do:like:a999999",
        "do:history:a1",
        "do:nothing:a1",
        "do:like:a1t999999999999999999",
    ],
)
async def test_a_button_that_leads_nowhere_says_what_to_do(ann, payload):
    await ann.says("/recommend")
    reply = await ann.presses(payload)
    assert isinstance(reply, Problem)
    assert re.search("/recommend|/help|by name|[Pp]ick 1|say a number", reply.sentence)


async def test_a_list_nobody_saw_is_not_the_last_list(ann, music):
    context = ann.context()
    unseen = await dispatch(context, "/recommend")
    assert isinstance(await ann.says("/why 1"), Problem)
    await delivered(context, unseen)
    assert isinstance(await ann.says("/why 1"), Notice)
    listener = await music.arrive(ann.account, ROOM)
    assert (await music.slate(listener)).id == unseen.slate.id


async def test_an_unexpected_error_is_logged_under_the_code_that_is_said(ann, music, caplog):
    await music.close()
    with caplog.at_level(logging.ERROR, "bot"):
        reply = await dispatch(ann.context(), "/like queen")
    code = re.search("wrote it down as ([0-9a-f]{6})", reply.sentence)
    assert code
    assert f"code {code[1]}" in caplog.text
    assert "ClosedError" in caplog.text


async def test_nothing_left_that_fits_is_a_sentence(ann):
    reply = await ann.says("/similar queen by:sound")
    assert isinstance(reply, Problem)
    assert reply.sentence


async def test_services_sentences_reach_the_person_unchanged(ann, music):
    listener = await music.arrive(ann.account, ROOM)
    with pytest.raises(NothingToDo) as error:
        await music.reactions.undo(listener, key="x")
    assert await ann.says("/undo") == Problem(str(error.value))
