"""A user's settings, valid everywhere: one card that shows them all, with a button for each."""

from bot.context import Arguments, Ask
from bot.handlers import clip_choice, languages, listen_links, pictures
from bot.replies import Button, Done, Notice, Reply
from bot.replies.buttons import Run
from bot.replies.i18n import say
from recommender.pipeline.diversity import DEFAULT, MOST, SETTING

_LEVELS = (0, 3, 5, 8, 10)
_PLAYS = "discord.listen"  # set by Discord's own command /listen


async def settings(ask: Ask, _: Arguments) -> Done:
    """Show every setting, each with a button that changes it."""
    lines = [await _level(ask), await listen_links.stands(ask), await languages.stands(ask)]
    lines += [await pictures.stands(ask), await clip_choice.stands(ask)]
    buttons = [
        _button(say("🧭 Adventurous"), Run("settings adventurous")),
        _button(say("🔗 Links"), Run("settings links")),
        _button(say("🌐 Language"), Run("settings language")),
        _button(say("🖼 Pictures"), Run("settings pictures")),
        _button(say("🎙 Clips"), Run("settings clips")),
    ]
    if ask.listener.community_id is not None:
        is_on = bool(await ask.music.comparing.decided(ask.listener))
        lines.append(say("Others here can compare their taste with yours: {}.", _state(is_on)))
        buttons.append(
            _button(say("👥 Hide me here" if is_on else "👥 Show me here"), Run(f"visible {_turned(is_on)}"))
        )
    if _PLAYS.startswith(f"{ask.account.platform}."):
        is_on = await ask.music.communities.wish(ask.listener.user_id, _PLAYS) == "1"
        lines.append(say("What you play on Spotify counts: {}. Change it with /listen.", _state(is_on)))
    return Done("\n".join([say("⚙️ Settings"), *lines]), buttons=tuple(buttons))


async def adventurous(ask: Ask, arguments: Arguments) -> Reply:
    """Set how adventurous slates are; without a number, show it and offer some."""
    level = arguments.options.get("level")
    if level is None:
        offered = (Button(str(n), str(Run(f"settings adventurous {n}"))) for n in _LEVELS)
        return Done(await _level(ask), buttons=tuple(offered))
    await ask.music.communities.set_wish(ask.listener.user_id, SETTING, str(level))
    turned = say("Adventurous: {} of {} from the next list on.", level, MOST)
    return Notice(f"{turned} {_meaning(level)}")


async def _level(ask: Ask) -> str:
    kept = await ask.music.communities.wish(ask.listener.user_id, SETTING)
    now = say("{}, as for everybody who has not said", DEFAULT) if kept is None else kept
    return say("Adventurous: {}. 0 brings what fits best, {} what few know.", now, MOST)


def _button(label: str, run: Run) -> Button:
    return Button(label, str(run))


def _state(is_on: bool) -> str:
    return say("on") if is_on else say("off")


def _turned(is_on: bool) -> str:
    return "off" if is_on else "on"


def _meaning(level: int) -> str:
    if not level:
        return say("Lists bring what fits best, even if it all sounds alike.")
    a_little = "Slightly fewer famous songs, and slightly more variety."
    much = "Far fewer famous songs, and much more variety."
    return say(a_little if level < MOST / 2 else much)
