"""What a likeness goes by: who listens, the words for it, or its sound; and how many listen to both."""

from dataclasses import replace

import numpy as np

from recommender.explain import SMALLEST_CROWD
from recommender.linalg import entries
from recommender.scorers.blend import Ensemble
from recommender.scorers.content import Content
from recommender.scorers.popularity import Popularity
from recommender.snapshot import Axis, Snapshot
from recommender.types import Explanation, Facet, Recommendation
from storage.records import Subject


def narrowed(snapshot: Snapshot, by: Facet) -> Snapshot:
    """Return the snapshot with only the opinions that go by this; "" leaves all of them."""
    if not by:
        return snapshot
    artists = _narrowed(snapshot.artists, by, of_songs=False)
    narrow = replace(snapshot, artists=artists, tracks=_narrowed(snapshot.tracks, by, of_songs=True))
    # What no opinion changes is not worked out again for every ask: of a million songs that takes 10 ms.
    vars(narrow).update(repeated=snapshot.repeated, feelings=snapshot.feelings)
    return narrow


def _narrowed(axis: Axis, by: Facet, *, of_songs: bool) -> Axis:
    if by == "listeners":
        return replace(axis, scorers=tuple(s.by_listeners for s in axis.scorers if isinstance(s, Ensemble)))
    described = [scorer for scorer in axis.scorers if isinstance(scorer, Content)]
    if not of_songs:
        # What is known of artists beside their tags is what texts say: words as well, and no sound.
        return replace(axis, scorers=tuple(described) if by == "words" else ())
    return replace(axis, scorers=tuple(s.words if by == "words" else s.sound for s in described))


def with_company(snapshot: Snapshot, pick: Recommendation) -> Explanation:
    """Return the reason of a pick with how many listen to it and to its cause, if they are a crowd."""
    explanation = pick.explanation
    if explanation.kind != "because" or explanation.cause is None:
        return explanation
    both = in_common(snapshot, pick.subject, explanation.cause)
    return replace(explanation, count=both) if both >= SMALLEST_CROWD else explanation


def in_common(snapshot: Snapshot, one: Subject, other: Subject) -> int:
    """Return how many people listen to both songs, or else to both artists."""
    artists = _both(snapshot.artists, one.artist_id, other.artist_id)
    if one.track_id is None or other.track_id is None:
        return artists
    return _both(snapshot.tracks, one.track_id, other.track_id) or artists


def _both(axis: Axis, one: int, other: int) -> int:
    columns = axis.items.column(one), axis.items.column(other)
    known = next((scorer for scorer in axis.scorers if isinstance(scorer, Popularity)), None)
    if known is None or min(columns) < 0 or one == other:
        return 0
    first, second = (entries(known.item_users, np.array([c], dtype=np.int32)).column for c in columns)
    return len(np.intersect1d(first, second))
