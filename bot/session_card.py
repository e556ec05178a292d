"""A session in words and buttons, the same on every platform; adapters escape and draw."""

from bot.buttons import OnSession, OnSong, SessionVerb, SongVerb
from bot.context import spoken
from bot.explanations import MARKS, counted, listed
from bot.replies import Button
from recommender.sessions.recap import Recap
from recommender.sessions.state import LiveSession, Person, Turn
from storage.records import Kind

_MOST_NAMED = 12
_LONGEST_NAME = 32
_VOTES: tuple[tuple[SongVerb, Kind], ...] = (
    ("like", Kind.LIKE), ("dislike", Kind.DISLIKE), ("skip", Kind.SKIP),
)  # fmt: skip
_STYLES = {
    "fair": "fair to everybody", "crowd-pleaser": "what most of you like",
    "discover": "artists new to all", "no-misery": "nothing that anybody minds",
}  # fmt: skip
FORMATS: dict[SessionVerb, str] = {
    "m3u8": "M3U8",
    "xspf": "XSPF",
    "jspf": "JSPF",
    "csv": "CSV",
    "links": "Links",
}


def headline(session: LiveSession) -> str:
    """Return the name of a session, and that it is over or paused."""
    state = " (over)" if session.is_over else " (paused)" if session.is_paused else ""
    return f"🎧 {session.name[:80]}{state}"


def lines(session: LiveSession) -> list[str]:
    """Return what a card says below its headline, a line each."""
    said = []
    if session.now is not None:
        said += [f"▶ {spoken(session.now.song)}{_votes(session.now)}", f"   {why(session.now)}"]
    elif not session.is_over:
        said.append("Nothing plays yet: /next begins." if not session.played else "/next goes on.")
    if session.next and not session.is_over:
        said.append("Next:")
        said += [f"   {n}. {spoken(turn.song)}, {why(turn)}" for n, turn in enumerate(session.next, 1)]
    return [*said, people(session), _figures(session)]


def why(turn: Turn) -> str:
    """Return whom a song is for, and what speaks for it.

    Those who join a session let the others see that much: for whom, and what they like.
    """
    if turn.requested_by:
        return f"{_cut(turn.requested_by)} asked for it"
    who = listed(tuple(_cut(name) for name in turn.names)) if turn.names else "everybody"
    if turn.cause is None:
        return f"for {who}"
    if not turn.names:
        return f"for everybody: all like {spoken(turn.cause)}"
    like = {1: "likes", 2: "both like"}.get(len(turn.names), "all like")
    return f"for {who}: {like} {spoken(turn.cause)}"


def people(session: LiveSession) -> str:
    """Return who listens along, the host first named as such, with their vote on the song that plays."""
    if not session.people:
        return "Nobody listens along."
    named = [_person(session, person) for person in session.people[:_MOST_NAMED]]
    more = len(session.people) - len(named)
    return f"{counted(len(session.people), 'listener')}: " + ", ".join(
        [*named, *([f"{more} more"] if more else [])]
    )


def buttons(session: LiveSession) -> tuple[Button, ...]:
    """Return what can be pressed under a card."""
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
            Button("Veto", str(OnSong(song.song_id, "veto"))),
        )
    forward = (
        Button("Next", str(OnSong(song.song_id, "next")))
        if song is not None and song.song_id is not None
        else Button("Next", str(OnSession(session.id, "next")))
    )
    return (
        *on_song,
        forward,
        Button("Join", str(OnSession(session.id, "join"))),
        Button("Leave", str(OnSession(session.id, "leave"))),
    )


def export_buttons(session_id: int) -> tuple[Button, ...]:
    """Return a button for each way to take a session along."""
    return (
        Button("How it was", str(OnSession(session_id, "recap"))),
        *(Button(label, str(OnSession(session_id, form))) for form, label in FORMATS.items()),
    )


def told(recap: Recap) -> str:
    """Return a session in a few sentences: how long, who was served how well, what everybody liked."""
    minutes = max(1, round(recap.seconds / 60))
    heard = f"{counted(len(recap.songs), 'song')} in {counted(minutes, 'minute')}"
    parts = [f"{recap.name}: {heard}, {recap.skipped} skipped."]
    for person in recap.people:
        figures = [counted(person.heard, "song"), f"👍 {person.liked}", f"👎 {person.disliked}"]
        parts.append(f"{_cut(person.name)}: {', '.join(figures)}, chosen for {person.chosen_for}")
    if recap.loved:
        parts.append(f"Liked by most: {listed(tuple(spoken(song) for song in recap.loved[:3]))}.")
    if recap.new:
        parts.append(f"New to all of you and liked: {listed(tuple(spoken(song) for song in recap.new[:5]))}.")
    return "\n".join(parts)


def _votes(turn: Turn) -> str:
    said = [f"{MARKS[kind]} {turn.votes[kind]}" for _, kind in _VOTES
            if turn.votes[kind]]  # fmt: skip
    return f"  {' '.join(said)}" if said else ""


def _count(turn: Turn, kind: Kind) -> str:
    return f" {turn.votes[kind]}" if turn.votes[kind] else ""


def _person(session: LiveSession, person: Person) -> str:
    is_host = session.host is not None and session.host.user_id == person.user_id
    vote = f" {MARKS[person.vote]}" if person.vote else ""
    return f"{_cut(person.name)}{' (host)' if is_host else ''}{vote}"


def _figures(session: LiveSession) -> str:
    arc = f", energy over {session.arc} songs" if session.arc else ""
    return f"Style: {session.style}, {_STYLES[session.style]}{arc}. {counted(session.played, 'song')} so far."


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
