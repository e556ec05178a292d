"""Ids of songs and artists outside of Segue: "artist:7/track:12", "artist:7"."""

import re
from typing import Annotated

from pydantic import Field

from storage.records import Subject

_TRACK = re.compile(r"artist:([0-9]{1,15})(?:/track:([0-9]{1,15}))?", re.ASCII)

SongId = Annotated[
    str,
    Field(
        pattern=r"^artist:[0-9]{1,15}(/track:[0-9]{1,15})?$",
        description="The id of a song, `artist:7/track:12`, or of an artist, `artist:7`, as answers give it.",
        examples=["artist:7/track:12", "artist:7"],
    ),
]


def song_id(subject: Subject) -> str:
    """Return the id of a song or artist.

    >>> song_id(Subject(7, 12)), song_id(Subject(7))
    ('artist:7/track:12', 'artist:7')
    """
    artist = f"artist:{subject.artist_id}"
    return artist if subject.track_id is None else f"{artist}/track:{subject.track_id}"


def subject_of(text: str) -> Subject:
    """Return the song or artist with an id of `song_id`; raise ValueError for any other text."""
    found = _TRACK.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no id of a song")
    return Subject(int(found[1]), int(found[2]) if found[2] else None)
