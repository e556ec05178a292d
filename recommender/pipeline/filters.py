"""Filters: songs that are rare, as far as users and general knowledge tell."""

import numpy as np

from recommender.arrays import Mask
from recommender.snapshot import Snapshot

_RARE_SHARE = 0.5  # of the songs that anybody plays, those played least are few enough
_RARE_LISTENERS = 3  # fewer than that are few in any catalogue
_FAMOUS_FROM = 0.9  # of the artists that anybody plays


def rarely_played(snapshot: Snapshot) -> Mask:
    """Tell which songs few people here play, of artists who are not famous.

    Where nobody plays anything yet, the best known are those that other sources call popular.
    """
    popularity = snapshot.tracks.popularity
    people = snapshot.tracks.people
    fame = people if popularity is None else people + popularity.elsewhere
    played = fame[fame >= 1]
    least = max(_RARE_LISTENERS, float(np.quantile(played, _RARE_SHARE))) if len(played) else _RARE_SHARE
    known: Mask = fame >= least if len(played) else fame > least
    return ~(known | _famous(snapshot)[snapshot.track_artists])


def _famous(snapshot: Snapshot) -> Mask:
    """Tell which artists are famous: most played here, or among the better known half in general."""
    axis = snapshot.artists
    heard = axis.people[axis.people > 0]
    played = float(np.quantile(heard, _FAMOUS_FROM)) if len(heard) else 0.0
    famous: Mask = axis.people > max(_RARE_LISTENERS, played)
    popularity = axis.popularity
    if popularity is not None and popularity.knows_fame:
        fame = popularity.elsewhere
        famous |= fame > np.median(fame[fame > 0])
    return famous
