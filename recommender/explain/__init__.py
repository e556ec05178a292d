"""Explanations: the most truthful reason for each recommendation.

The scorer with the most votes comes first. If its score for the item drops without a known item, the known
item with the largest drop is the cause ("because you like X"). If no scorer has a cause, the explanation is
the requested tag, or the item's popularity here or overall.
"""

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.explain.heard_words import heard_in_both
from recommender.request import Candidates
from recommender.scorers import Profile, Reason
from recommender.scorers.related import Related
from recommender.snapshot import Axis, Snapshot
from recommender.types import Explanation, ReasonKind

SMALLEST_CROWD = 3
"""Minimum number of users for a popularity statement: with two, one would learn the other's likes."""

_BY_RELATIONS = f"artists.{Related.name}"
_MOST_TAGS = 3
_HOUSEHOLD_NAME = 5.0  # of 100 people like the artist: the highest class of fame
_AGREED = 0.1  # a tag is shared from a tenth of the strongest tag on, on both sides

Profiles = tuple[Profile, Profile]
"""(artist profile, track profile)."""


def explain(
    snapshot: Snapshot, profiles: Profiles, chosen: Candidates, wishes: tuple[int, ...] = ()
) -> list[Explanation]:
    """Return an explanation for each chosen candidate; `wishes` are the requested tag columns."""
    causes = _causes(snapshot, profiles, chosen)
    return [
        because(snapshot, *cause)
        if cause is not None
        else _otherwise(snapshot, profiles, chosen, row, wishes)
        for row, cause in enumerate(causes)
    ]


def because(
    snapshot: Snapshot, axis: Axis, reason: Reason, artist: int, track: int, scorer: str = ""
) -> Explanation:
    """Return that `reason`, a known item of `axis`, is the cause for the candidate at these columns.

    It is a related artist where relations were the opinion and one of the two names the other.
    """
    if reason.item is None or reason.drop <= 0:
        return Explanation("start")
    is_artist = axis is snapshot.artists
    cause = (reason.item, -1) if is_artist else (int(snapshot.track_artists[reason.item]), reason.item)
    shared = _shared_tags(snapshot, cause, (artist, track))
    relations = snapshot.artists.related
    told_so = relations is not None and scorer == _BY_RELATIONS and relations.relates(cause[0], artist)
    kind: ReasonKind = "related" if told_so else "because"
    alike = heard_in_both(snapshot, cause[1], track) if snapshot.heard_words.nnz else ()
    heard = tuple(word for word in alike if word not in shared)
    return Explanation(kind, snapshot.subject(*cause), shared, None, scorer, reason.drop, heard=heard)


def crowd(
    snapshot: Snapshot, profiles: Profiles, artist: int, track: int, kind: str = ""
) -> Explanation | None:
    """Return the number of users who like the track, or else its artist, here or overall.

    Only of `kind` if given.
    """
    axes = [(snapshot.artists, profiles[0], artist, -1)]
    if track >= 0:
        axes.insert(0, (snapshot.tracks, profiles[1], track, track))
    for axis, profile, item, song in axes:
        here = 0
        if axis.community is not None and profile.community is not None and kind != "popular":
            here = axis.community.listeners(profile.community, item)
        if here >= SMALLEST_CROWD:
            return Explanation("community", snapshot.subject(artist, song), count=here)
        everywhere = int(axis.people[item])
        if everywhere >= SMALLEST_CROWD and kind != "community":
            return Explanation("popular", snapshot.subject(artist, song), count=everywhere)
    return None


Cause = tuple[Axis, Reason, int, int, str]
"""Arguments of `because` after the snapshot."""


def _causes(snapshot: Snapshot, profiles: Profiles, chosen: Candidates) -> list[Cause | None]:
    """Return each candidate's cause, by the highest-voting scorer that has one.

    All candidates are passed to a scorer at once, the first choices first.
    """
    found: list[Cause | None] = [None] * len(chosen.tracks)
    by_votes = np.argsort(-chosen.votes, axis=1, kind="stable")
    for turn in by_votes.T:
        open_rows = np.array([row for row, cause in enumerate(found) if cause is None], dtype=np.intp)
        open_rows = open_rows[chosen.votes[open_rows, turn[open_rows]] > 0]
        if not len(open_rows):
            break
        for column in np.unique(turn[open_rows]).tolist():
            rows = open_rows[turn[open_rows] == column]
            for row, cause in zip(
                rows.tolist(), _blamed(snapshot, profiles, chosen.some(rows), column), strict=True
            ):
                found[row] = cause
    return found


def _blamed(snapshot: Snapshot, profiles: Profiles, some: Candidates, column: int) -> list[Cause | None]:
    """Return the causes given by the scorer of one column of votes."""
    name = some.names[column]
    axis_name, _, scorer_name = name.partition(".")
    on_tracks = axis_name == "tracks"
    axis, profile = (snapshot.tracks, profiles[1]) if on_tracks else (snapshot.artists, profiles[0])
    scorer = next((one for one in axis.scorers if one.name == scorer_name), None)
    if scorer is None or not len(profile.liked.items):
        return [None] * len(some.tracks)
    items = some.tracks if on_tracks else some.artists
    different, place = np.unique(items, return_inverse=True)
    reasons = scorer.reasons(profile, different)
    pairs = zip(place.tolist(), some.artists.tolist(), some.tracks.tolist(), strict=True)
    return [
        (axis, reasons[at], artist, track, name)
        if reasons[at].item is not None and reasons[at].drop > 0
        else None
        for at, artist, track in pairs
    ]


def _otherwise(
    snapshot: Snapshot, profiles: Profiles, chosen: Candidates, row: int, wishes: tuple[int, ...]
) -> Explanation:
    """Return a true explanation for a candidate without a cause."""
    if wishes:
        return Explanation("tags", tags=tuple(snapshot.tags[tag] for tag in wishes))
    artist, track = int(chosen.artists[row]), int(chosen.tracks[row])
    found = crowd(snapshot, profiles, artist, track)
    return found or Explanation("famous" if _is_famous(snapshot, artist) else "start")


def _is_famous(snapshot: Snapshot, artist: int) -> bool:
    """Tell whether it is generally known that many people like an artist."""
    popularity = snapshot.artists.popularity
    return popularity is not None and float(popularity.elsewhere[artist]) >= _HOUSEHOLD_NAME


def _shared_tags(snapshot: Snapshot, one: tuple[int, int], other: tuple[int, int]) -> tuple[str, ...]:
    """Return the tags strongest in both, strongest first; each argument is (artist column, track column)."""
    (mine, my_weights), (theirs, their_weights) = _tags(snapshot, *one), _tags(snapshot, *other)
    if not len(mine) or not len(theirs):
        return ()
    at = np.minimum(theirs.searchsorted(mine), len(theirs) - 1)
    is_shared = theirs[at] == mine
    shared, both = mine[is_shared], np.sqrt(my_weights[is_shared] * their_weights[at[is_shared]])
    strongest = np.argsort(-both, kind="stable")[:_MOST_TAGS].tolist()
    return tuple(snapshot.tags[shared[at]] for at in strongest if both[at] > _AGREED)


def _tags(snapshot: Snapshot, artist: int, track: int) -> tuple[Ints, Floats]:
    """Return a track's tags, or else its artist's (-1), ascending, and weights relative to the strongest."""
    axis, item = (snapshot.tracks, track) if track >= 0 else (snapshot.artists, artist)
    row = slice(axis.item_tags.indptr[item], axis.item_tags.indptr[item + 1])
    weights: Floats = axis.item_tags.data[row]
    return axis.item_tags.indices[row], weights / weights.max() if len(weights) else weights
