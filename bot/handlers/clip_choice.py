"""The choice about clips and voice messages: forget them after the answer, or keep their vector."""

from bot.context import Arguments, Ask
from bot.replies import Button, Done, Notice, Reply
from bot.replies.buttons import Run
from bot.replies.i18n import counted, say
from recommender.errors import NotKnown

CHOICES = ("keep", "forget")


async def clips(ask: Ask, arguments: Arguments) -> Reply:
    """Keep what clips sound like, or erase it; without a word, show the setting and offer both."""
    wish = arguments.text.casefold()
    if not wish:
        labels = zip(CHOICES, (say("Keep"), say("Forget")), strict=True)
        offered = (Button(label, str(Run(f"settings clips {choice}"))) for choice, label in labels)
        return Done(await stands(ask), buttons=tuple(offered))
    if wish not in CHOICES:
        raise NotKnown("Say which: {}. For example: /settings clips keep", ", ".join(CHOICES))
    erased = await ask.music.clips.decide(ask.listener, keep=wish == "keep")
    if erased:
        gone = counted(erased, "list")
        return Notice(say("I erased what I kept of your clips: {}. I keep none from now on.", gone))
    return Notice(await stands(ask))


async def stands(ask: Ask) -> str:
    """Return the setting in words."""
    kept = await ask.music.clips.count(ask.listener)
    if kept is None:
        return say("Clips and voice messages: I forget their sound as soon as you have the list.")
    lists = counted(kept, "list")
    return say("Clips and voice messages: I keep 400 numbers for how each sounds, so far for {}.", lists)
