"""Whatever the titles are: no message exceeds a limit of Telegram, its HTML is read, and names arrive."""

from collections import Counter
from typing import get_args

import pytest
from botapi_markup import read, units
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from telegram import Message

from bot.adapters.telegram.render import render
from bot.adapters.telegram.render.card import Card, Scene
from bot.adapters.telegram.render.slate import heading, heading_of, slate_card
from bot.adapters.telegram.text import cut, name, parted, plain, seen
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
from bot.replies.buttons import MAX_BYTES, Act, Feedback, Love, Run, Yes
from recommender.groups.strategies import STYLES
from recommender.sessions.state import LiveSession, Person, Turn
from recommender.types import Explanation, Pick, Query, ReasonKind, ServedSlate, Share, Song, TasteProfile
from storage.records import HistoryLine, Kind, Subject

thorough = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
HOSTILE = [
    "<3",
    "a & b",
    "*bold* _it_",
    "</b><b>",
    "@everyone",
    "&lt;",
    "🎧" * 200,
    "פרפר نجوى",
    "\u202eevil",
    "x\ny",
    "e" + "\u0301" * 50,
    "\x00\x07",
    "👩‍👩‍👧",
    "\ud800",
    "a" * 4000,
    " ",
    "\u2067",
    "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
]
# Long ones repeat a few characters: what matters is how long they are, and where they are cut.
long = st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=6), st.integers(20, 900))
titles = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12), long)
ids = st.integers(1, 10**17)
subjects = st.builds(Subject, ids, ids)
songs = st.builds(
    Song, subjects, titles, st.one_of(st.none(), titles), st.one_of(st.none(), st.integers(0, 9999))
)
reasons = st.builds(
    Explanation,
    st.sampled_from(get_args(ReasonKind)),
    tags=st.lists(titles, min_size=1, max_size=3).map(tuple),
    count=st.integers(0, 10**9),
)
verdicts = st.sampled_from([None, Kind.LIKE, Kind.DISLIKE, Kind.SKIP])


@st.composite
def slates(draw) -> ServedSlate:
    picks = [
        Pick(position, draw(songs), draw(reasons), draw(st.one_of(st.none(), songs)), draw(verdicts))
        for position in range(draw(st.integers(0, 20)))
    ]
    seeds = tuple(draw(st.lists(songs, max_size=2)))
    return ServedSlate(draw(ids), Query(1, seeds=tuple(s.subject for s in seeds)), tuple(picks), seeds)


@st.composite
def scenes(draw, slate: ServedSlate) -> Scene:
    subjects = [pick.song.subject for pick in slate.picks]
    ids_of = st.fixed_dictionaries({}, optional={"spotify": titles, "youtube": titles})
    links = {subject: draw(ids_of) for subject in subjects}
    votes = {n: Counter({Kind.LIKE: draw(ids)}) for n in range(len(subjects))}
    share = st.one_of(st.none(), st.just("https://t.me/b?start=slate_1_aaaaaaaaaa"))
    return Scene(links, draw(st.one_of(st.none(), st.just(votes))), draw(share), draw(st.booleans()))


def check(card: Card) -> str:
    """Assert all that Telegram asks of a message; return what a reader sees."""
    shown, _ = read(card.text) if card.text.strip() or not card.file else ("", [])  # a caption may be empty
    assert units(shown) <= (1024 if card.file else 4096)
    keys = [key for row in card.rows for key in row]
    assert len(keys) <= 100
    assert all(len(row) <= 8 for row in card.rows)
    for key in keys:
        assert key.text.strip()
        assert units(key.text) <= 64
        assert key.url or 1 <= len(str(key.callback_data).encode()) <= MAX_BYTES
    return shown


@thorough
@given(st.data())
def test_a_list_fits_one_message_whatever_its_titles(data):
    slate = data.draw(slates())
    scene = data.draw(scenes(slate))
    shown = check(slate_card(slate, heading(data.draw(titles), data.draw(titles)), scene))
    assert all(f"{pick.position + 1}. " in shown for pick in slate.picks)


@thorough
@given(slates(), titles, st.sampled_from(["", "⏭ 3 songs skipped.", 'I took "<3" for Heart.\nOnly 2 left.']))
def test_a_card_that_is_drawn_again_keeps_whatever_stood_above_its_songs(slate, title, note):
    head = heading(title, note)
    text, entities = read(slate_card(slate, head).text)
    chat = {"id": 1, "type": "private"}
    shown = {"message_id": 1, "date": 1, "chat": chat, "text": text, "entities": entities}
    found = heading_of(Message.de_json(shown, None))
    assert read(found) == read(head) if slate.picks else found == ""
    assert heading_of(None) == ""


def test_a_list_for_several_people_is_headed_with_their_names():
    slate = ServedSlate(1, Query(1, others=(2,)), ())
    assert render(Marked("", slate), Scene(names=("Ann", "Bo")))[0].text.startswith("<b>For Ann and Bo</b>")


sentences = st.one_of(titles, st.lists(titles, max_size=60).map("\n".join))
buttons = st.builds(
    Button,
    titles,
    st.sampled_from([str(Act("like", Subject(10**17, 10**17))), str(Love(10**17)), str(Run("recommend"))]),
)
lines = st.builds(
    HistoryLine,
    ids,
    st.sampled_from(list(Kind)),
    st.one_of(st.none(), st.integers(0, 10**10)),
    st.integers(0, 10**10),
    subjects,
    titles,
    st.one_of(st.none(), titles),
    st.one_of(st.none(), ids),
    st.booleans(),
)
shares = st.lists(st.builds(Share, titles, st.floats(0, 1)), max_size=10).map(tuple)
profiles = st.builds(
    TasteProfile, ids, ids, ids, shares, shares, shares, st.lists(songs, max_size=20).map(tuple)
)
helps = st.builds(HelpLine, st.just("/like SONG"), titles, titles)
people = st.builds(Person, st.integers(1, 99), titles, st.floats(0, 9), verdicts)
turns = st.builds(
    Turn,
    songs,
    st.lists(titles, max_size=3).map(tuple),
    st.none() | songs,
    titles,
    st.just(7),
    st.dictionaries(st.sampled_from([Kind.LIKE, Kind.SKIP]), st.integers(0, 99)).map(Counter),
)
sessions = st.builds(
    LiveSession,
    st.just(1),
    titles,
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
parts = st.lists(st.builds(Part, titles, st.lists(titles, max_size=12).map(tuple)), max_size=9).map(tuple)
replies = st.one_of(
    st.builds(SlateReply, slates(), titles, titles),
    st.builds(SessionReply, sessions, titles),
    st.builds(Marked, sentences, slates()),
    st.builds(
        Choices, sentences, st.lists(st.builds(Choice, songs, st.just("do:like:a1t2")), max_size=5).map(tuple)
    ),
    st.builds(Done, sentences, st.one_of(st.none(), songs), st.lists(buttons, max_size=12).map(tuple)),
    st.builds(Notice, sentences),
    st.builds(Problem, sentences),
    st.builds(ProfileReply, titles, profiles, parts),
    st.builds(ReportReply, titles, parts),
    st.builds(HistoryReply, st.lists(lines, max_size=50).map(tuple)),
    st.builds(FileReply, st.just("a.json"), st.just(b"{}"), sentences),
    st.builds(Confirm, sentences, st.just(str(Yes("forget")))),
    st.builds(HelpReply, st.lists(helps, min_size=1, max_size=30).map(tuple)),
)


@thorough
@given(replies)
@example(FileReply("a.json", b"{}", "\n"))
def test_every_reply_is_taken_by_telegram_whatever_its_titles(reply):
    cards = render(reply)
    assert cards
    for card in cards:
        check(card)
    assert not any(card.rows for card in cards[:-1])


@pytest.mark.parametrize(
    "title", ["<3", "Rock & Roll", "*bold* _x_", "🎧 👩‍👩‍👧", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "Björk", "夜に駆ける", "&amp;"]
)
def test_names_arrive_as_they_are_written(title):
    assert read(name(title))[0] == title


def test_a_right_to_left_name_arrives_and_turns_nothing_around():
    assert read(name("فيروز"))[0] == "\u2068فيروز\u2069"
    assert read(name("\u202eevil\u2066"))[0] == "evil"


def test_a_title_mentions_nobody():
    assert "@everyone" not in read(name("@everyone"))[0]


@thorough
@given(st.text(), st.integers(1, 100))
@example("🎧🎧", 3)
def test_a_cut_text_is_whole_characters_and_fits(text, longest):
    assert units(cut(text, longest).encode("utf-16", "surrogatepass").decode("utf-16", "replace")) <= longest


@thorough
@given(st.lists(titles.map(lambda text: f"<b>{name(text, 4096)}</b>"), max_size=30))
@example(["<b></b>", f"<b>{'0' * 4096}</b>"])
def test_a_long_text_goes_in_parts_and_loses_nothing_but_line_ends(said):
    whole = "\n".join(said)
    parts = parted(whole)
    for part in parts:
        assert part == "…" or units(read(part)[0]) <= 4096
    if all(units(seen(line)) <= 4096 for line in said) and plain(seen(whole)):
        assert "".join("".join(map(seen, parts)).split()) == "".join(seen(whole).split())


def test_the_verdict_is_marked_and_others_votes_are_counted():
    song = Song(Subject(1, 2), "Queen", "Innuendo", 1991)
    slate = ServedSlate(7, Query(1), (Pick(0, song, Explanation("start"), verdict=Kind.LIKE),))
    mine, ours = (
        slate_card(slate, heading("For you"), Scene(votes=votes))
        for votes in (None, {0: Counter({Kind.LIKE: 3})})
    )
    assert [key.text for key in mine.rows[0]] == ["👍 ✓", "👎", "⏭", "More like this"]
    assert [key.text for key in ours.rows[0]] == ["👍 3", "👎", "⏭", "More like this"]
    assert mine.rows[0][0].callback_data == str(Feedback(7, 0, "like"))
    assert read(mine.text)[0] == (
        "For you\n\n1. Queen - Innuendo (1991) 👍\n    something to try: 👍 or 👎 it and I learn"
    )


def test_a_song_leads_to_where_it_is_heard_and_shows_its_cover():
    song = Song(Subject(1, 2), "Queen", "Innuendo")
    links = {song.subject: {"spotify": "4Kz2", "isrc": "X"}}
    (card,) = render(Done("Queen", song), Scene(links))
    assert card.cover == "https://open.spotify.com/track/4Kz2"
    hostile = {song.subject: {"spotify": '"><b>'}}
    assert render(Done("Queen", song), Scene(hostile))[0].cover is None
