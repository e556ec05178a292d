"""Every reply can be shown in a terminal of any width, and no title can do anything there."""

import re
import unicodedata
from collections import Counter
from io import StringIO
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from bot.adapters.terminal.render import boxed, clean, render
from bot.replies import (
    Button,
    Choice,
    Choices,
    Confirm,
    Done,
    FileReply,
    HelpLine,
    HelpReply,
    HistoryReply,
    Marked,
    Notice,
    Part,
    Problem,
    ProfileReply,
    RadioReply,
    Reply,
    ReportReply,
    SessionReply,
    SlateReply,
)
from recommender.groups.strategies import STYLES
from recommender.radio import LiveRadio
from recommender.sessions.state import LiveSession, Person, Turn
from recommender.types import Explanation, Pick, Query, ReasonKind, ServedSlate, Share, Song, TasteProfile
from storage.records import HistoryLine, Kind, Subject

EVIL = "\x1b[31m\x07[red]\u202eevil\u2066\r\x00\x9b2J\u200b:smile:[/]\U000e0041\n> /forget"
names = st.text(min_size=1, max_size=60) | st.just(EVIL) | st.text("a\u0301\u0300", max_size=60)
songs = st.builds(Song, st.just(Subject(1, 2)), names, st.none() | names, st.none() | st.integers(1900, 2030))
kinds = st.sampled_from(Kind)
reasons = st.builds(
    Explanation,
    st.sampled_from(get_args(ReasonKind)),
    st.just(Subject(1)),
    st.lists(names, min_size=1, max_size=3).map(tuple),
    st.integers(0, 10**6),
)
verdicts = st.none() | st.sampled_from([Kind.LIKE, Kind.DISLIKE, Kind.SKIP])
picks = st.builds(Pick, st.integers(0, 19), songs, reasons, st.none() | songs, verdicts)
slates = st.builds(
    ServedSlate, st.just(1), st.builds(Query, st.just(1)), st.lists(picks, max_size=5).map(tuple)
)
shares = st.lists(st.builds(Share, names, st.floats(0, 1)), max_size=4).map(tuple)
profiles = st.builds(
    TasteProfile,
    st.integers(0, 99),
    st.integers(0, 99),
    st.integers(0, 10**9),
    shares,
    shares,
    shares,
    st.lists(songs, max_size=2).map(tuple),
)
lines = st.builds(
    HistoryLine,
    st.just(1),
    kinds,
    st.none() | st.integers(0, 2**32),
    st.integers(0, 2**32),
    st.just(Subject(1)),
    names,
    st.none() | names,
    st.none() | st.integers(1, 10**6),
    st.booleans(),
)
choices = st.builds(Choice, songs, st.just("do:like:a1"))
buttons = st.builds(Button, names, st.just("x"))
helps = st.builds(HelpLine, st.just("/x [N]"), names, names)
people = st.builds(Person, st.integers(1, 99), names, st.floats(0, 9), verdicts)
turns = st.builds(
    Turn,
    songs,
    st.lists(names, max_size=3).map(tuple),
    st.none() | songs,
    names,
    st.just(7),
    st.dictionaries(st.sampled_from([Kind.LIKE, Kind.SKIP]), st.integers(0, 99)).map(Counter),
)
sessions = st.builds(
    LiveSession,
    st.just(1),
    names,
    st.sampled_from(sorted(STYLES)),
    st.integers(0, 99),
    st.none() | people,
    st.lists(people, max_size=60).map(tuple),
    st.none() | turns,
    st.lists(turns, max_size=3).map(tuple),
    st.integers(0, 99),
    st.booleans(),
    st.booleans(),
)
radios = st.builds(
    LiveRadio,
    st.just(1),
    st.builds(ServedSlate, st.just(1), st.builds(Query, st.just(1)), st.tuples(picks)),
    st.integers(1, 99),
    st.integers(0, 99),
    st.booleans(),
)
parts = st.lists(st.builds(Part, names, st.lists(names, max_size=3).map(tuple)), max_size=3).map(tuple)
REPLIES = {
    SlateReply: st.builds(SlateReply, slates, names, names),
    RadioReply: st.builds(RadioReply, radios, names),
    SessionReply: st.builds(SessionReply, sessions, names),
    Marked: st.builds(Marked, names, slates),
    Choices: st.builds(Choices, names, st.lists(choices, max_size=5).map(tuple)),
    Done: st.builds(Done, names, songs, st.lists(buttons, max_size=2).map(tuple)),
    Notice: st.builds(Notice, names),
    ProfileReply: st.builds(ProfileReply, names, profiles, parts),
    ReportReply: st.builds(ReportReply, names, parts),
    HistoryReply: st.builds(HistoryReply, st.lists(lines, max_size=5).map(tuple)),
    FileReply: st.builds(FileReply, names, st.binary(max_size=9), names),
    Confirm: st.builds(Confirm, names, st.just("ok:forget")),
    HelpReply: st.builds(HelpReply, st.lists(helps, min_size=1, max_size=3).map(tuple)),
    Problem: st.builds(Problem, names),
}
SGR = re.compile(r"\x1b\[[0-9;]*m")


def shown(renderable, width: int, *, colours: bool) -> str:
    out = StringIO()
    Console(
        file=out,
        width=width,
        force_terminal=colours,
        color_system="truecolor" if colours else None,
        highlight=False,
        markup=False,
        emoji=False,
    ).print(renderable)
    return out.getvalue()


def test_every_kind_of_reply_is_known_here():
    assert set(REPLIES) == set(get_args(Reply))


@pytest.mark.parametrize("kind", get_args(Reply), ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_whatever_the_titles_nothing_but_text_reaches_the_terminal(kind, data):
    reply = data.draw(REPLIES[kind])
    for width, view in ((40, boxed(reply)), (100_000, render(reply))):
        text = SGR.sub("", shown(view, width, colours=True))
        for character in text.replace("\n", ""):
            acts = unicodedata.category(character) in ("Cc", "Cf", "Cs") and character not in "\u200c\u200d"
            assert not acts, (repr(character), text)
        assert all(cell_len(line) <= width for line in text.split("\n"))


def test_markup_in_a_title_is_shown_as_it_is_written():
    song = Song(Subject(1, 2), "[bold]Ann[/bold]", ":smile: [red]", 2001)
    text = shown(render(Choices("Which?", (Choice(song, "x"),))), 80, colours=False)
    assert " 1 [bold]Ann[/bold] - :smile: [red] (2001)" in text


def test_a_line_break_in_a_title_cannot_pretend_to_be_a_line_of_ours():
    song = Song(Subject(1, 2), "Ann", "Song\n> /forget\u2028yes", None)
    text = shown(render(Choices("Which?", (Choice(song, "x"),))), 80, colours=False)
    assert " 1 Ann - Song > /forget yes" in text


def test_foreign_scripts_and_joined_emoji_stay_whole():
    for name in ("Сплин", "椎名林檎", "नमस्ते", "می\u200cخوریم", "👩\u200d🎤", "Motörhead", "เบิร์ด"):
        assert clean(name) == name


def test_a_tower_of_accents_is_cut_to_a_storey_or_three():
    assert clean("e" + "\u0301" * 50 + "x") == "e" + "\u0301" * 3 + "x"


def test_a_card_keeps_titles_and_reasons_together_on_a_narrow_screen():
    song = Song(Subject(1, 2), "Depeche Mode", "Personal Jesus", 1989)
    why = Explanation("because", Subject(3), ("dark",))
    pick = Pick(0, song, why, Song(Subject(3), "The Cure"), Kind.LIKE)
    card = shown(boxed(SlateReply(ServedSlate(1, Query(1), (pick,)), "For you")), 40, colours=False)
    assert card == (
        "╭─ For you ────────────────────────────╮\n"
        "│  1 Depeche Mode - Personal Jesus     │\n"
        "│    (1989)  👍                        │\n"
        "│    because you like The Cure (both:  │\n"
        "│    dark)                             │\n"
        "╰──────────────────────────────────────╯\n"
        "+1 👍   -1 👎   /why 1   /more 1   /skip\n"
    )
