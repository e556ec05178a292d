"""Whom a song is for, and what they like that speaks for it."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from recommender.arrays import Doubles
from recommender.disclosure import Disclosure
from recommender.explain import explain
from recommender.explain.other_reasons import disclosed
from recommender.groups.expectations import Expectations
from recommender.scorers import Profile
from recommender.snapshot import Snapshot
from recommender.types import BY_SCORE
from storage.records import Subject

_NAMED = 0.6  # of the largest gain: from there on a song is for somebody as well


def whom_for(people: tuple[int, ...], gains: Doubles) -> frozenset[int]:
    """Return those for whom a song counts most at this moment: by what each gains of it."""
    return frozenset(
        user for user, gain in zip(people, gains.tolist(), strict=True) if gain >= _NAMED * gains.max()
    )


def cause_for(
    snapshot: Snapshot,
    outlooks: Mapping[int, Expectations],
    said: Mapping[int, Disclosure],
    artist: int,
    track: int,
) -> Subject | None:
    """Return what all of these people like and what speaks most for the song, None if there is none.

    Of what each of them likes and the others may know (`said`), it is the one without which the score for
    the song would fall most.
    """
    known = [disclosed(snapshot, outlook.request, said[user]) for user, outlook in outlooks.items()]
    artists = _shared([request.artists for request in known])
    tracks = _shared([request.tracks for request in known])
    if artists is None or tracks is None or not (len(artists.items) or len(tracks.items)):
        return None
    for outlook in outlooks.values():
        candidates = outlook.candidates
        rows = np.flatnonzero((candidates.tracks == track) & (candidates.artists == artist))
        if len(rows):
            (told,) = explain(snapshot, (artists, tracks), candidates.some(rows[:1]))
            return told.cause if told.kind in BY_SCORE else None
    return None


def _shared(profiles: list[Profile]) -> Profile | None:
    """Return the first profile with only those items that all of them like; None of nobody."""
    if not profiles:
        return None
    first = profiles[0].liked
    keep = np.ones(len(first.items), dtype=np.bool_)
    for profile in profiles[1:]:
        keep &= np.isin(first.items, profile.liked.items)
    return replace(first, items=first.items[keep], weights=first.weights[keep])
