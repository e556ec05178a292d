"""A user's own settings: one card, and the language that goes before the app's."""

import pytest

from bot.commands import dispatch, press
from bot.context import Context
from bot.replies import Done
from bot.replies.i18n import LANGUAGES, language, speak, speaking
from bot.wishes.wording import tag
from recommender.service import MusicService
from storage.records import Account, Community

HERE = Community("terminal", "room", "room", "the terminal")


@pytest.fixture
async def music(database):
    async with await MusicService.open(database, seed=7) as opened:
        yield opened


def context(music, *, community=None, platform="terminal"):
    return Context(music, Account(platform, "ann", "Ann"), community, "u:1")


async def test_the_card_has_a_button_for_every_choice(music):
    alone = await dispatch(context(music), "/settings")
    assert isinstance(alone, Done)
    assert [button.payload for button in alone.buttons] == [
        "run:settings adventurous",
        "run:settings links",
        "run:settings language",
        "run:settings pictures",
        "run:settings clips",
    ]
    shared = await dispatch(context(music, community=HERE), "/settings")
    assert shared.buttons[-1].payload == "run:visible on"
    on_discord = await dispatch(context(music, platform="discord"), "/settings")
    assert "/listen" in on_discord.sentence


async def test_every_button_of_the_cards_below_sets_what_it_says(music):
    card = await dispatch(context(music, community=HERE), "/settings")
    for button in card.buttons:
        below = await press(context(music, community=HERE), button.payload)
        for choice in below.buttons if isinstance(below, Done) else ():
            done = await press(context(music, community=HERE), choice.payload)
            assert type(done).__name__ == "Notice", choice.payload
            speak("en")


@pytest.mark.parametrize("code", LANGUAGES)
async def test_a_chosen_language_goes_before_that_of_the_app(music, code):
    with speaking("de"):
        await dispatch(context(music), f"/settings language {code}")
        speak("de")
        await dispatch(context(music), "/settings")
        assert language() == code
        await dispatch(context(music), "/settings language auto")
        speak("de")
        await dispatch(context(music), "/settings")
        assert language() == "de"


async def test_a_groups_own_language_goes_before_the_users(music):
    await dispatch(context(music, community=HERE), "/settings language fr")
    place = await music.communities.find("terminal", "room")
    await music.communities.decide(place, "language", "de")
    with speaking("de"):
        await dispatch(context(music, community=HERE), "/settings")
        assert language() == "de"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", ("melancholic", "1980s", "classical", "qwghlm")),
        ("de", ("melancholisch", "1980er", "klassik", "qwghlm")),
        ("es", ("melancólico", "los 80", "clásica", "qwghlm")),
        ("fr", ("mélancolique", "années 80", "classique", "qwghlm")),
        ("pt", ("melancólica", "anos 80", "clássica", "qwghlm")),
    ],
)
def test_tags_follow_the_language(code, said):
    with speaking(code):
        assert tuple(map(tag, ("melancholic", "1980s", "classical", "qwghlm"))) == said


def test_a_part_of_a_wish_is_taken_out_by_its_number_in_the_terminal(talk):
    shown, cut, none = talk("/recommend 3 sad 80s pop", "x1", "x9")
    assert "x1 ✕ sad   x2 ✕ 1980s   x3 ✕ pop" in shown
    assert cut.startswith("For you: 1980s and pop")
    assert not none.startswith("For you")


def test_a_card_below_a_card_has_numbers_of_its_own(talk):
    _, offered, chosen = talk("/settings", "3", "4")
    assert "1 English   2 Deutsch   3 Español   4 Français" in offered
    assert chosen == "Langue : Français."
