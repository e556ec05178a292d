"""Session explanations: who a track is for, and which shared like explains it."""

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

_NAMED = 0.6  # share of the largest gain from which on a track is for a user, too


def whom_for(people: tuple[int, ...], gains: Doubles) -> frozenset[int]:
    """Return the users who gain most from a track."""
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
    """Return the item all these users like that explains a track best, None if there is none.

    It is the disclosed like (`said`) whose removal lowers the track's expected reaction most.
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
    """Return the first profile reduced to the items all users like; None without profiles."""
    if not profiles:
        return None
    first = profiles[0].liked
    keep = np.ones(len(first.items), dtype=np.bool_)
    for profile in profiles[1:]:
        keep &= np.isin(first.items, profile.liked.items)
    return replace(first, items=first.items[keep], weights=first.weights[keep])
