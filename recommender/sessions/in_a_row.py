"""Radio of a session: how well each song of the pool follows what the group has just played."""

from collections.abc import Sequence

import numpy as np

from recommender.arrays import Doubles
from recommender.groups.expectations import Pool
from recommender.next_song.experts import JustPlayed
from recommender.next_song.sequences import Item
from recommender.pipeline.group_profile import together
from recommender.request import Request
from recommender.snapshot import Snapshot
from storage.records import Subject


def in_a_row(
    snapshot: Snapshot, requests: Sequence[Request], played: Sequence[Subject], pool: Pool
) -> Doubles:
    """Return one factor per song, 1 for what follows best; all 1 where nothing is known of order.

    `played`: the songs so far, the oldest first, without what was skipped.
    """
    model = snapshot.next_song
    if model is None or not played or not len(pool.tracks):
        return np.ones(len(pool.tracks))
    group = together(requests)
    artists = snapshot.artists.items.columns(np.array([s.artist_id for s in played], dtype=np.int64))
    ids = np.array([-1 if s.track_id is None else s.track_id for s in played], dtype=np.int64)
    recent = Item(artists.astype(np.int32), snapshot.tracks.items.columns(ids).astype(np.int32))
    said = model.told(snapshot.ensembles, JustPlayed(recent, group.artists, group.tracks))
    known = np.isin(pool.tracks, group.tracks.items)
    odds = model.odds(said, pool.tracks, pool.artists, snapshot.discography, known)
    return np.asarray(odds / max(float(odds.max()), 1e-300))
