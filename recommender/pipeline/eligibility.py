"""Eligibility of a request: what one person brought is not recommended to strangers."""

from recommender.arrays import Mask
from recommender.request import Request
from recommender.snapshot import Snapshot


def eligible(snapshot: Snapshot, request: Request) -> tuple[Mask, Mask]:
    """Tell for each track and each artist whether `request` may be answered with it.

    An artist is eligible with one song that is.
    """
    songs = snapshot.tracks.eligibility.mask(request.tracks.community, request.own_tracks)
    artists = snapshot.artists.eligibility.mask(request.artists.community, request.own_artists)
    artists[snapshot.track_artists[songs]] = True
    return songs, artists
