"""Card of a radio: its lines and buttons, the same on every platform."""

from bot.replies import Button
from bot.replies.buttons import OnRadio, RadioVerb
from bot.replies.explanations import MARKS, reason
from bot.replies.i18n import counted, say
from recommender.radio import LiveRadio
from recommender.types import Song
from storage.records import Kind

_VERBS: tuple[tuple[RadioVerb, Kind], ...] = (
    ("like", Kind.LIKE),
    ("dislike", Kind.DISLIKE),
    ("skip", Kind.SKIP),
)


def song_of(radio: LiveRadio) -> Song:
    """Return the song that plays."""
    return radio.slate.picks[0].song


def why(radio: LiveRadio) -> str:
    """Return why it plays, in one line."""
    return reason(radio.slate.picks[0], radio.slate)


def headline(radio: LiveRadio) -> str:
    """Return the title of the card."""
    if radio.is_over:
        return say("📻 Radio over")
    return say("📻 Radio · song {}", radio.played)


def summary(radio: LiveRadio) -> str:
    """Return the radio in one line, once it is over."""
    return say("{} played, {} liked.", counted(radio.played, "song"), radio.liked)


def buttons(radio: LiveRadio) -> tuple[Button, ...]:
    """Return the buttons: thumbs, skip, stop, and why; none once it is over."""
    if radio.is_over:
        return ()
    slate_id, verdict = radio.slate.id, radio.slate.picks[0].verdict
    steering = (
        Button(f"{MARKS[kind]} ✓" if verdict is kind else MARKS[kind], str(OnRadio(slate_id, verb)))
        for verb, kind in _VERBS
    )
    return (
        *steering,
        Button("⏹", str(OnRadio(slate_id, "stop"))),
        Button(say("Why?"), str(OnRadio(slate_id, "why"))),
    )
