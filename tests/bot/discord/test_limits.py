"""Whatever the titles, no reply ever exceeds what Discord takes.  Rendering is a pure function."""

import re
from collections import Counter
from typing import get_args

import pytest
from discord import app_commands
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.discord import slash
from bot.adapters.discord.buttons import LOCAL, LONGEST_ID
from bot.adapters.discord.cards import MOST_COMPONENTS, card, plain
from bot.adapters.discord.render import page
from bot.adapters.discord.render.layout import Scene
from bot.adapters.discord.text import clean, escape, paragraph
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
    ReportReply,
    SessionReply,
    SlateReply,
)
from bot.replies.buttons import PATTERN, Act
from bot.replies.i18n import speaking
from recommender.groups.strategies import STYLES
from recommender.sessions.state import LiveSession, Person, Turn
from recommender.types import Explanation, Pick, Query, ReasonKind, ServedSlate, Share, Song, TasteProfile
from storage.records import HistoryLine, Kind, Subject

HOSTILE = (
    "@everyone",
    "<@&1> <#2> </like:3>",
    "**bold** __x__ ||spoiler||",
    "[click](https://evil.example)",
    "]( https://evil.example",
    "`" * 50,
    "\u202edlrow",
    "\u200b" * 30,
    "a\u0301" * 20,
    "x" * 4000,
    "\\" * 100,
    "# head\n- list\n> quote\n1. one",
    "日本語" * 300,
    "🏳️‍🌈" * 60,
    "",
    " ",
    "\x00\x1b[31m",
    "*_~`|<>[]" * 20,
)
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60), st.text(min_size=300, max_size=700))
big = st.integers(1, 10**18 - 1)
songs = st.builds(
    Song,
    st.builds(Subject, big, st.one_of(st.none(), big)),
    texts,
    st.one_of(st.none(), texts),
    st.one_of(st.none(), st.integers(1900, 2030)),
)
explanations = st.builds(
    Explanation,
    st.sampled_from(get_args(ReasonKind)),
    tags=st.lists(texts, min_size=1, max_size=4).map(tuple),
    count=st.integers(0, 10**9),
)
verdicts = st.sampled_from([None, Kind.LIKE, Kind.DISLIKE, Kind.SKIP])


@st.composite
def slates(draw) -> ServedSlate:
    parts = draw(st.lists(st.tuples(songs, explanations, songs, verdicts), max_size=20))
    picks = tuple(Pick(n, *part) for n, part in enumerate(parts))
    return ServedSlate(draw(big), Query(1, 20, seeds=draw(st.sampled_from([(), (Subject(1),)]))), picks)


shares = st.lists(st.builds(Share, texts, st.floats(0, 1)), max_size=12).map(tuple)
buttons = st.lists(
    st.builds(Button, texts, st.builds(Act, st.just("dislike"), st.builds(Subject, big, big)).map(str)),
    max_size=30,
)
choices = st.builds(lambda song: Choice(song, str(Act("unblock", song.subject))), songs)
lines = st.builds(
    HistoryLine,
    big,
    st.sampled_from([k for k in Kind if k != Kind.UNDO]),
    st.none(),
    st.integers(0, 2**32),
    st.just(Subject(1)),
    texts,
    st.one_of(st.none(), texts),
    st.one_of(st.none(), st.integers(0, 10**9)),
    st.booleans(),
)
people = st.builds(Person, st.integers(1, 99), texts, st.floats(0, 9), verdicts)
turns = st.builds(
    Turn,
    songs,
    st.lists(texts, max_size=3).map(tuple),
    st.none() | songs,
    texts,
    st.just(7),
    st.dictionaries(st.sampled_from([Kind.LIKE, Kind.SKIP]), st.integers(0, 99)).map(Counter),
)
sessions = st.builds(
    LiveSession,
    st.just(1),
    texts,
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
parts = st.lists(st.builds(Part, texts, st.lists(texts, max_size=12).map(tuple)), max_size=9).map(tuple)
replies = st.one_of(
    st.builds(SlateReply, slates(), texts, texts),
    st.builds(SessionReply, sessions, texts),
    st.builds(Marked, texts, slates()),
    st.builds(Choices, texts, st.lists(choices, max_size=40).map(tuple)),
    st.builds(Done, texts, st.none(), buttons.map(tuple)),
    st.builds(Notice, st.lists(texts, max_size=50).map("\n".join)),
    st.builds(
        ProfileReply,
        texts,
        st.builds(
            TasteProfile, big, big, big, shares, shares, shares, st.lists(songs, max_size=30).map(tuple)
        ),
        parts,
    ),
    st.builds(ReportReply, texts, parts),
    st.builds(HistoryReply, st.lists(lines, max_size=50).map(tuple)),
    st.builds(FileReply, st.just("segue-export.json"), st.binary(max_size=10), texts),
    st.builds(Confirm, texts, st.just("ok:forget")),
    st.builds(
        HelpReply,
        st.lists(
            st.builds(
                HelpLine,
                st.text(max_size=90).map("/{}".format),
                texts,
                st.just("/x"),
                st.lists(st.tuples(texts, texts), max_size=20).map(tuple),
            ),
            min_size=1,
            max_size=40,
        ).map(tuple),
    ),
    st.builds(Problem, texts),
)
languages = st.sampled_from(["en", "de", "es"])
ids = st.sampled_from([{}, {"spotify": "4u7EnebtmKWzUH433cf5Qv"}, {"youtube": "dQw4w9WgXcQ"}])


@st.composite
def scenes(draw, reply) -> Scene:
    if not isinstance(reply, SlateReply):
        return Scene()
    picks = reply.slate.picks
    votes = {pick.position: Counter({Kind.LIKE: draw(st.integers(0, 10**6))}) for pick in picks}
    return Scene({p.song.subject: draw(ids) for p in picks}, votes, draw(st.integers(0, 5)))


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))
        if "accessory" in component:
            yield component["accessory"]


def check_button(component):
    assert 1 <= len(component["label"]) <= 80
    if "url" in component:
        assert component["url"].startswith("https://")
        assert len(component["url"]) <= 512
        return
    assert len(component["custom_id"]) <= LONGEST_ID
    assert PATTERN.fullmatch(component["custom_id"]) or LOCAL.fullmatch(component["custom_id"])


@given(st.data())
@settings(max_examples=300)
def test_no_card_exceeds_a_limit(data):
    reply = data.draw(replies)
    with speaking(data.draw(languages)):
        components = card(page(reply, data.draw(scenes(reply)))).to_components()
    found = list(walk(components))
    assert len(found) <= MOST_COMPONENTS
    texts_shown = [c["content"] for c in found if c["type"] == 10]
    assert sum(map(len, texts_shown)) <= 4000
    assert all(texts_shown)
    custom_ids = [c["custom_id"] for c in found if c["type"] == 2]
    for component in found:
        if component["type"] == 2:
            check_button(component)
        if component["type"] == 11:
            assert len(component["description"]) <= 1024
        if component["type"] == 1:
            assert 1 <= len(component["components"]) <= 5
    if isinstance(reply, SlateReply):
        assert len(custom_ids) == len(set(custom_ids))


@given(st.data())
@settings(max_examples=300)
def test_no_plain_message_exceeds_a_limit(data):
    reply = data.draw(replies)
    scene = data.draw(scenes(reply))
    compact = Scene(scene.links, scene.votes, scene.number, compact=True)
    with speaking(data.draw(languages)):
        content, view = plain(page(reply, compact))
    assert 1 <= len(content) <= 2000
    rows = view.to_components()
    assert len(rows) <= 5
    for row in rows:
        assert 1 <= len(row["components"]) <= 5
        for component in row["components"]:
            check_button(component)


@given(texts, st.integers(2, 80))
def test_a_title_is_cut_first_and_stays_harmless_when_escaped(text, longest):
    assert len(clean(text, longest)) <= longest
    escaped = escape(text, longest)
    assert len(escaped) <= 2 * longest
    assert "\n" not in escaped
    assert "@everyone" not in escaped
    assert "://" not in escaped
    bare = re.sub(r"\\[\\*_~`|<>\[\]]", "", escaped)
    assert not re.search(r"[\\*_~`|<>\[\]]", bare)


@pytest.mark.parametrize("start", ["# ", "- ", "+ ", "> "])
def test_a_line_cannot_begin_a_heading_or_a_list(start):
    assert paragraph(f"{start}title", 100) == f"\\{start}title"


def test_a_number_at_the_start_shows_no_backslash():
    # Discord's Markdown escapes punctuation alone: a backslash before a digit is shown.
    assert paragraph("1. Song\n   2. Song", 100) == "1\\. Song\n2\\. Song"
    for escaped in re.finditer(r"\\(.)", paragraph("\n".join([*HOSTILE, "12. x", "3.x"]), 3800)):
        assert not escaped[1].isalnum()


ADDRESSES = (
    "https://www.youtube.com/results?search_query=a_b%20c*d",
    "https://open.spotify.com/track/4u7EnebtmKWzUH433cf5Qv",
    "https://youtu.be/dQw4w9_gXc_",
)


@given(
    st.lists(texts | st.sampled_from(ADDRESSES), max_size=60).map("\n".join),
    st.sampled_from([200, 1900, 3800]),
)
def test_sentences_fit_however_many_lines_they_have(text, longest):
    assert len(paragraph(text, longest)) <= longest


@given(st.lists(st.tuples(texts, st.sampled_from(ADDRESSES)), min_size=1, max_size=12))
def test_an_address_of_ours_arrives_whole_or_not_at_all(pairs):
    said = "\n".join(f"{' '.join(title.split())}: {address}" for title, address in pairs)
    shown = re.findall(r"<(https://[^>]*)>", paragraph(said, 3800))
    assert set(shown) <= set(ADDRESSES)
    assert len(shown) == len(pairs) or len(said) > 1500


def test_an_address_in_a_title_becomes_no_link():
    assert "://" not in paragraph("see https://evil.example/x and http://youtu.be/x", 200)


def test_links_that_do_not_fit_into_a_message_come_as_a_file():
    songs = "\n".join(f"Song {n}: {ADDRESSES[0]}" for n in range(100))
    shown = page(Notice(f"Friday\n{songs}"), Scene())
    assert shown.file is not None
    assert shown.file.content.decode().count(ADDRESSES[0]) == 100
    assert shown.pieces[0].text == "Friday"


def test_a_direction_mark_and_a_blank_that_takes_no_room_are_left_out():
    assert clean("a\u202eb\u200bc\u2066d", 10) == "abcd"


def test_every_slash_command_fits():
    commands = slash.commands()
    assert len(commands) <= 100
    groups = [command for command in commands if isinstance(command, app_commands.Group)]
    assert all(len(group.commands) <= 25 for group in groups)
    for command in [one for one in commands if one not in groups] + [c for g in groups for c in g.commands]:
        assert re.fullmatch(r"[-_a-z]{1,32}", command.name)
        assert 1 <= len(command.description) <= 100
        assert len(command.parameters) <= 25
        for parameter in command.parameters:
            assert 1 <= len(parameter.description) <= 100
