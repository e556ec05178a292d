"""Listening services that people connect: their history comes in, then what they hear from then on."""

from bot.context import Arguments, Ask
from bot.explanations import counted, listed
from bot.replies import Notice
from recommender.connections import Linked

_PATIENCE = 2.0  # seconds an answer waits for a short history to be in


async def connect(ask: Ask, arguments: Arguments) -> Notice:
    """Connect a service, or show what is connected."""
    service, _, name = arguments.text.partition(" ")
    if not service:
        return await _shown(ask)
    music = ask.music.connections
    linked = await music.connect(ask.listener, ask.account, service.casefold(), name.strip())
    linked = await music.settled(ask.listener, linked.source, _PATIENCE)
    return Notice(
        f"Connected: {_line(linked)}\nWhat you hear from now on comes in by itself. /disconnect "
        f"{linked.source} erases all of it again."
    )


async def disconnect(ask: Ask, arguments: Arguments) -> Notice:
    """Erase a connection and all that came in by it."""
    counts = await ask.music.connections.disconnect(ask.listener, arguments.text.strip().casefold())
    events = counted(counts.get("events", 0), "event")
    return Notice(f"Disconnected and erased: {events}. The models have forgotten them as well.")


async def _shown(ask: Ask) -> Notice:
    linked, offered = await ask.music.connections.of(ask.listener), ask.music.connections.offered
    if not linked and not offered:
        return Notice("Whoever runs me has set up no service to connect. /import takes files instead.")
    lines = [_line(one) for one in linked] or ["Nothing is connected yet."]
    if offered:
        names = listed(tuple(f"/connect {name} NAME" for name, _ in offered))
        lines.append(f"You can say: {names}.")
    return Notice("\n".join(lines))


def _line(linked: Linked) -> str:
    plays = counted(linked.listens, "play")
    if linked.problem:
        return f"{linked.title} as {linked.name}: {plays} so far. {linked.problem}"
    if linked.is_reading:
        share = min(99, int(100 * linked.listens / linked.total)) if linked.total else 0
        return (
            f"{linked.title} as {linked.name}: {plays} so far, {share} % of your history. /connect shows how "
            "far it is."
        )
    return f"{linked.title} as {linked.name}: {plays} brought in, up to date."
