"""Session card in words and buttons, the same on every platform; adapters escape and render it."""

from bot.context import spoken
from bot.replies import Button
from bot.replies.buttons import Act, OnSession, OnSong, SessionVerb, SongVerb
from bot.replies.explanations import MARKS
from bot.replies.i18n import counted, listed, say
from recommender.sessions.recap import Recap
from recommender.sessions.state import LiveSession, Person, Turn
from storage.records import Kind

_MOST_NAMED = 12
_LONGEST_NAME = 32
_VOTES: tuple[tuple[SongVerb, Kind], ...] = (
    ("like", Kind.LIKE),
    ("dislike", Kind.DISLIKE),
    ("skip", Kind.SKIP),
)
_STYLES = {
    "fair": "fair to everybody",
    "crowd-pleaser": "what most of you like",
    "discover": "artists new to all",
    "no-misery": "nothing that bothers anybody",
}
_LIKING = {1: "for {}: likes {}", 2: "for {}: both like {}"}
FORMATS: dict[SessionVerb, str] = {
    "m3u8": "M3U8",
    "xspf": "XSPF",
    "jspf": "JSPF",
    "csv": "CSV",
    "links": "Links",
}


def headline(session: LiveSession) -> str:
    """Return the name of a session, and whether it is over or paused."""
    name = f"🎧 {session.name[:80]}"
    if session.is_over:
        return say("{} (over)", name)
    return say("{} (paused)", name) if session.is_paused else name


def lines(session: LiveSession) -> list[str]:
    """Return the lines of a card below its headline."""
    said = []
    if session.now is not None:
        said += [f"▶ {spoken(session.now.song)}{_votes(session.now)}", f"   {why(session.now)}"]
    elif not session.is_over:
        said.append(say("/next goes on." if session.played else "Nothing is playing yet: /next begins."))
    if session.next and not session.is_over:
        said.append(say("Next:"))
        said += [f"   {n}. {spoken(turn.song)}, {why(turn)}" for n, turn in enumerate(session.next, 1)]
    return [*said, people(session), _figures(session)]


def why(turn: Turn) -> str:
    """Return the users a song is for, and its reasons.

    Members of a session agree to show each other that much: the users and their likes.
    """
    if turn.requested_by:
        return say("{} asked for it", _cut(turn.requested_by))
    who = listed(tuple(_cut(name) for name in turn.names)) if turn.names else ""
    if turn.cause is None:
        return say("for {}", who) if who else say("for everybody")
    if not who:
        return say("for everybody: all like {}", spoken(turn.cause))
    return say(_LIKING.get(len(turn.names), "for {}: all like {}"), who, spoken(turn.cause))


def people(session: LiveSession) -> str:
    """Return the members, the host first, each with their vote on the current song."""
    if not session.people:
        return say("Nobody is listening along.")
    named = [_person(session, person) for person in session.people[:_MOST_NAMED]]
    more = len(session.people) - len(named)
    return f"{counted(len(session.people), 'listener')}: " + ", ".join(
        [*named, *([say("{} more", more)] if more else [])]
    )


def buttons(session: LiveSession) -> tuple[Button, ...]:
    """Return the buttons under a card."""
    if session.is_over:
        return export_buttons(session.id)
    song = session.now
    on_song: tuple[Button, ...] = ()
    if song is not None and song.song_id is not None:
        on_song = (
            *(
                Button(f"{MARKS[kind]}{_count(song, kind)}", str(OnSong(song.song_id, verb)))
                for verb, kind in _VOTES
            ),
            Button(say("Veto"), str(OnSong(song.song_id, "veto"))),
        )
    heard = () if song is None else (Button("🎧", str(Act("hear", song.song.subject))),)
    forward = (
        Button(say("Next"), str(OnSong(song.song_id, "next")))
        if song is not None and song.song_id is not None
        else Button(say("Next"), str(OnSession(session.id, "next")))
    )
    return (
        *on_song,
        forward,
        Button(say("Join"), str(OnSession(session.id, "join"))),
        Button(say("Leave"), str(OnSession(session.id, "leave"))),
        *heard,
    )


def export_buttons(session_id: int) -> tuple[Button, ...]:
    """Return a button for each export format of a session."""
    return (
        Button(say("How it was"), str(OnSession(session_id, "recap"))),
        *(Button(say(label), str(OnSession(session_id, form))) for form, label in FORMATS.items()),
    )


def told(recap: Recap) -> str:
    """Return a recap in a few sentences: duration, satisfaction per user, common likes."""
    minutes = max(1, round(recap.seconds / 60))
    heard = counted(len(recap.songs), "song"), counted(minutes, "minute")
    parts = [say("{}: {} in {}, {} skipped.", recap.name, *heard, recap.skipped)]
    for person in recap.people:
        figures = ", ".join([counted(person.heard, "song"), f"👍 {person.liked}", f"👎 {person.disliked}"])
        name = _cut(person.name) or say("somebody")
        parts.append(say("{0}: {1}, {2} chosen for {0}", name, figures, person.chosen_for))
    if recap.loved:
        loved = listed(tuple(spoken(song) for song in recap.loved[:3]))
        parts.append(say("Liked by most: {}.", loved))
    if recap.new:
        new = listed(tuple(spoken(song) for song in recap.new[:5]))
        parts.append(say("New to all of you and liked: {}.", new))
    return "\n".join(parts)


def _votes(turn: Turn) -> str:
    said = [f"{MARKS[kind]} {turn.votes[kind]}" for _, kind in _VOTES if turn.votes[kind]]
    return f"  {' '.join(said)}" if said else ""


def _count(turn: Turn, kind: Kind) -> str:
    return f" {turn.votes[kind]}" if turn.votes[kind] else ""


def _person(session: LiveSession, person: Person) -> str:
    is_host = session.host is not None and session.host.user_id == person.user_id
    vote = f" {MARKS[person.vote]}" if person.vote else ""
    name = _cut(person.name)
    return f"{say('{} (host)', name) if is_host else name}{vote}"


def _figures(session: LiveSession) -> str:
    style = say("Style: {} ({})", session.style, say(_STYLES[session.style]))
    arc = say(", energy over {} songs", session.arc) if session.arc else ""
    return say("{}{}. {} so far.", style, arc, counted(session.played, "song"))


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
