"""Whom a song is for, and what they like that speaks for it."""

from collections.abc import Mapping

import numpy as np

from recommender.explain import explain
from recommender.groups import Doubles
from recommender.groups.outlook import Outlook
from recommender.snapshot import Snapshot
from storage.records import Subject

_NAMED = 0.6  # of the largest gain: from there on a song is for somebody as well


def whom_for(people: tuple[int, ...], gains: Doubles) -> frozenset[int]:
    """Return those for whom a song counts most at this moment: by what each gains of it."""
    return frozenset(
        user for user, gain in zip(people, gains.tolist(), strict=True) if gain >= _NAMED * gains.max()
    )


def cause_for(snapshot: Snapshot, outlooks: Mapping[int, Outlook], artist: int, track: int) -> Subject | None:
    """Return what all of these people like and what speaks for the song, None where there is no one thing.

    It is the cause for one of them, found by taking it away, and on the record of each.
    """
    for outlook in outlooks.values():
        cause = _cause(snapshot, outlook, artist, track)
        if cause is None:
            continue
        if all(_likes(snapshot, other, cause) for other in outlooks.values()):
            return cause
        singer = Subject(cause.artist_id)
        if all(_likes(snapshot, other, singer) for other in outlooks.values()):
            return singer
    return None


def _cause(snapshot: Snapshot, outlook: Outlook, artist: int, track: int) -> Subject | None:
    candidates, request = outlook.candidates, outlook.request
    rows = np.flatnonzero((candidates.tracks == track) & (candidates.artists == artist))
    if not len(rows):
        return None
    votes = dict(zip(candidates.names[2:], candidates.features[rows[0], 2:].tolist(), strict=True))
    told = explain(snapshot, request.artists, request.tracks, artist, track, votes, ())
    return told.cause if told.kind == "because" else None


def _likes(snapshot: Snapshot, outlook: Outlook, subject: Subject) -> bool:
    if subject.track_id is not None:
        column = snapshot.tracks.items.column(subject.track_id)
        return column in outlook.request.tracks.liked.items
    return snapshot.artists.items.column(subject.artist_id) in outlook.request.artists.liked.items
