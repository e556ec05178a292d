"""The language that a user chose, which goes before that of their app."""

from bot.context import Arguments, Ask
from bot.replies import Button, Done, Notice, Reply
from bot.replies.buttons import Run
from bot.replies.i18n import LANGUAGES, language, say, speak
from recommender.errors import NotKnown
from recommender.service import MusicService
from recommender.types import Listener

SETTING = "language"
_APPS = "auto"
CHOICES = (*LANGUAGES, _APPS)


async def speak_chosen(music: MusicService, listener: Listener) -> None:
    """Set the language of this task to the user's choice, unless the community has decided on one."""
    chosen = await music.communities.wish(listener.user_id, SETTING)
    if not chosen:
        return
    here = listener.community_id
    decided = "" if here is None else (await music.communities.settings(here)).language
    if not decided:
        speak(chosen)


async def choose(ask: Ask, arguments: Arguments) -> Reply:
    """Store the language to speak with the user; without one, show it and offer all."""
    wish = arguments.text.casefold()
    if not wish:
        buttons = tuple(
            Button(name, str(Run(f"settings language {code}"))) for code, name in LANGUAGES.items()
        )
        apps = Button(say("As my app says"), str(Run(f"settings language {_APPS}")))
        return Done(await stands(ask), buttons=(*buttons, apps))
    if wish not in CHOICES:
        raise NotKnown("Say which: {}. For example: /settings language fr", ", ".join(CHOICES))
    kept = "" if wish == _APPS else wish
    await ask.music.communities.set_wish(ask.listener.user_id, SETTING, kept)
    if not kept:
        return Notice(say("From your next message on, I speak the language of your app."))
    await speak_chosen(ask.music, ask.listener)
    if language() != kept:
        return Notice(
            say("Language: {}. This group has chosen its own, so I use it elsewhere.", LANGUAGES[kept])
        )
    return Notice(say("Language: {}.", LANGUAGES[kept]))


async def stands(ask: Ask) -> str:
    """Return the setting in words."""
    kept = await ask.music.communities.wish(ask.listener.user_id, SETTING)
    return say("Language: {}.", LANGUAGES[kept] if kept in LANGUAGES else say("as your app says"))
