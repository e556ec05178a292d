"""`/help` at a glance: six lines by purpose, each with a button for its commands."""

from typing import NamedTuple

from bot.replies import Button, Done
from bot.replies.buttons import Run
from bot.replies.i18n import say


class Purpose(NamedTuple):
    """A group of commands with one purpose."""

    label: str  # of its button
    line: str
    commands: tuple[str, ...]


PURPOSES: dict[str, Purpose] = {
    "find": Purpose(
        "🎵 Find music",
        '🎵 Find music: /recommend sad 80s pop, /similar Portishead, or just write "songs for running"',
        ("recommend", "radio", "similar", "mood", "discover", "more"),
    ),
    "teach": Purpose(
        "👍 Teach me",
        "👍 Teach me your taste: /like Queen, /dislike 3, /block Drake, /undo",
        ("like", "dislike", "skip", "undo", "block", "unblock", "add"),
    ),
    "know": Purpose(
        "📊 My taste",
        "📊 See your taste: /profile, /history, /why 1",
        ("profile", "wrapped", "history", "why"),
    ),
    "together": Purpose(
        "👥 Together",
        "👥 Listen with others: /session start, /compare Bo, /blend Bo, Cy",
        ("session", "next", "compare", "blend", "who", "neighbours", "visible"),
    ),
    "bring": Purpose(
        "📥 My music",
        "📥 Bring in what you listen to: /connect lastfm, /import, /export",
        ("connect", "disconnect", "import", "export", "playlist"),
    ),
    "choose": Purpose(
        "⚙️ Settings",
        "⚙️ Settings and your data: /settings, /privacy, /forget",
        ("settings", "privacy", "forget", "link", "unlink", "start", "help"),
    ),
}


def overview() -> Done:
    """Return the help at a glance."""
    lines = "\n".join(say(purpose.line) for purpose in PURPOSES.values())
    buttons = tuple(
        Button(say(purpose.label), str(Run(f"help {name}"))) for name, purpose in PURPOSES.items()
    )
    return Done(lines, buttons=buttons)
