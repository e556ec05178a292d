"""Subject of each kind of button, so that one rule decides which users may press it."""

from typing import assert_never

from bot.replies.buttons import (
    Act,
    ActOnFound,
    Agree,
    Feedback,
    Join,
    KeepOut,
    Love,
    OnRadio,
    OnSession,
    OnSong,
    Payload,
    Run,
    Trim,
    Whole,
    Yes,
)
from recommender.service.permissions import OneQuestion, OneSession, OneSlate, OneSong, Thing


def thing_of(button: Payload) -> Thing | None:
    """Return the subject of a button; None if it concerns only the user who presses it.

    `Join` carries its own proof, the code: every user who has it was given it.
    """
    match button:
        case Feedback(slate_id) | Whole(slate_id) | Trim(slate_id) | OnRadio(slate_id):
            return OneSlate(slate_id)
        case OnSong(song_id):
            return OneSong(song_id)
        case OnSession(session_id):
            return OneSession(session_id)
        case Agree(community_id, user_id):
            return OneQuestion(community_id, user_id)
        case Act() | ActOnFound() | Run() | Love() | Join() | Yes() | KeepOut():
            return None
    assert_never(button)
