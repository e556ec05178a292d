"""What is kept about a person: to look at, to take along, to erase."""

import json

from bot.buttons import Yes
from bot.context import Arguments, Ask
from bot.explanations import counted
from bot.replies import Confirm, FileReply, HistoryReply, Notice, ProfileReply
from recommender.errors import NothingToDo

PRIVACY = """\
What I keep, and why:
- your name and account here, to know you again
- what you like, dislike, skip, block and play, with the time: from this I learn your taste
- the lists I made for you and why, to explain them and to learn which were good
- which places (servers, groups, rooms) we met in, for what is popular there
Nothing goes to anybody else. Others here see counts of likes, never whose they are.
/export gives you all of it as a file. /undo takes back the last thing you said.
/forget erases you everywhere, and what was learned from you."""


async def history(ask: Ask, arguments: Arguments) -> HistoryReply:
    """Show what the person told, newest first."""
    lines = await ask.music.history(ask.listener, arguments.options.get("n", 10))
    if not lines:
        raise NothingToDo("You have not told me anything yet. Start with /like and a song or artist.")
    return HistoryReply(tuple(lines))


async def profile(ask: Ask, _: Arguments) -> ProfileReply:
    """Sum up the person's taste."""
    known = await ask.music.profile(ask.listener)
    if not (known.likes or known.dislikes or known.plays or known.blocked):
        raise NothingToDo("I do not know your taste yet. Tell me three things you love: /like and a name.")
    return ProfileReply(ask.name, known)


async def export(ask: Ask, _: Arguments) -> FileReply:
    """Hand out everything that is stored about the person."""
    content = json.dumps(await ask.music.export(ask.listener), ensure_ascii=False, indent=2) + "\n"
    return FileReply("segue-export.json", content.encode(), "This is everything I keep about you.")


async def forget(_: Ask, __: Arguments) -> Confirm:
    """Ask before erasing."""
    return Confirm(
        "Erase everything I know about you, here and everywhere? This cannot be taken back; /export first "
        "if you want a copy.",
        str(Yes("forget")),
    )


async def forgotten(ask: Ask) -> Notice:
    """Erase the person everywhere."""
    counts = await ask.music.forget(ask.listener)
    events = counted(counts.get("events", 0), "event")
    return Notice(f"Done. You are erased: {events}, your lists and your account. Be welcome again any time.")


async def privacy(_: Ask, __: Arguments) -> Notice:
    """Say what is kept and why."""
    return Notice(PRIVACY)
