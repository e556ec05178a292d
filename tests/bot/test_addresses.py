"""Addresses of ours can be opened on every platform, and covers are shown where they are known."""

from io import StringIO

from rich.console import Console

from bot.adapters.discord.cards import card
from bot.adapters.discord.render import page
from bot.adapters.discord.render.layout import Scene
from bot.adapters.telegram.render import render as telegram
from bot.adapters.telegram.render.card import Scene as Place
from bot.adapters.terminal.render import render as terminal
from bot.replies import Notice, SlateReply
from bot.replies.i18n import speaking
from recommender.types import Explanation, Pick, Query, ServedSlate, Song
from storage.records import Subject

LINK = "https://accounts.spotify.com/authorize?client_id=a_b&state=x*y*z&scope=one+two"
COVER = "https://coverartarchive.org/release/5a6cdd4c-9ad1-4a33-8a3e-3a3a8c7b0e14/1234-250.jpg"
SONG = Song(Subject(1, 2), "Low", "Monkey", 2005)
SLATE = SlateReply(ServedSlate(7, Query(1), (Pick(0, SONG, Explanation("start")),)), "For you")


def test_discord_makes_an_address_a_link_that_markdown_leaves_alone():
    with speaking("de"):
        (piece,) = page(Notice("Open *this*.", LINK), Scene()).pieces
    assert piece.text == f"Open \\*this\\*.\n[Öffnen](<{LINK}>)"


def test_telegram_makes_an_address_a_link():
    (shown,) = telegram(Notice("Open <this>.", LINK))
    assert shown.text == f'Open &lt;this&gt;.\n<a href="{LINK.replace("&", "&amp;")}">Open</a>'


def test_a_terminal_prints_an_address_whole():
    out = StringIO()
    Console(file=out, width=400).print(terminal(Notice("Open this.", LINK)))
    assert out.getvalue().splitlines()[1].rstrip() == LINK


def test_discord_shows_the_cover_of_the_record_before_a_picture_of_a_video():
    for ids, shown in (
        ({"youtube": "abcdefghijk"}, "https://i.ytimg.com/vi/abcdefghijk/mqdefault.jpg"),
        ({"youtube": "abcdefghijk", "cover": COVER}, COVER),
        ({"cover": COVER}, COVER),
        ({"isrc": "x"}, ""),
    ):
        drawn = page(SLATE, Scene(links={SONG.subject: ids}))
        assert drawn.pieces[1].cover == shown
    assert COVER in str(card(page(SLATE, Scene(links={SONG.subject: {"cover": COVER}}))).to_components())


def test_telegram_previews_the_page_of_a_song_else_its_cover():
    (shown,) = telegram(SLATE, Place({SONG.subject: {"cover": COVER}}))
    assert shown.cover == COVER
    (shown,) = telegram(SLATE, Place({SONG.subject: {"cover": COVER, "spotify": "1" * 22}}))
    assert shown.cover == f"https://open.spotify.com/track/{'1' * 22}"
