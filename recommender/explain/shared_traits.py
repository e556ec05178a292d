"""Shared traits: a mood or tempo that a track has in common with liked tracks."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Floats, Ints, Mask
from recommender.linalg import contained, summed
from recommender.request import Request
from recommender.scorers import Profile
from recommender.snapshot import Snapshot, tags_of

LEAST_MOODS = 2
"""Minimum number of shared mood tags for two tracks to have the same mood."""

CARRIES = 0.1
"""Minimum weight of a tag, relative to the item's strongest."""

SAME_TEMPO = 0.03
"""Maximum relative difference in beats per minute for the same tempo."""

_NAMED = 3  # words in an explanation
_MOST = 50  # strongest likes considered, tracks and artists each


class SongColumns(NamedTuple):
    """Tracks or artists, as columns of a snapshot."""

    tracks: Ints  # -1 for an artist
    artists: Ints


class Matches(NamedTuple):
    """For each of K tracks, the most similar liked one."""

    which: NDArray[np.intp]  # row among the liked
    found: Mask  # whether it is similar enough to mention


def liked(snapshot: Snapshot, request: Request) -> SongColumns:
    """Return the strongest liked tracks, then liked artists without a track among them."""
    songs = _strongest(request.tracks)
    owners = snapshot.track_artists[songs]
    alone = _strongest(request.artists)
    alone = alone[~contained(alone, np.sort(owners))]
    return SongColumns(
        np.concatenate([songs, np.full(len(alone), -1)]).astype(np.int32),
        np.concatenate([owners, alone]).astype(np.int32),
    )


def _strongest(profile: Profile) -> Ints:
    likes = profile.liked
    return likes.items[np.argsort(-likes.weights, kind="stable")[:_MOST]]


def of_mood(snapshot: Snapshot, songs: SongColumns, among: SongColumns) -> Matches:
    """Return the matches with the most shared mood tags, at least `LEAST_MOODS`.

    By other artists, of the same genre family: a mood alone connects nothing.
    """
    if not len(among.tracks) or not len(snapshot.feelings):
        return _nobody(songs)
    one, other = (_moods(snapshot, music) >= CARRIES for music in (songs, among))
    shared = one.astype(np.float32) @ other.T.astype(np.float32)
    shared[_same_artist(songs, among) | ~same_family(snapshot, songs, among)] = 0
    return Matches(shared.argmax(axis=1), shared.max(axis=1) >= LEAST_MOODS)


def shared_moods(snapshot: Snapshot, one: SongColumns, other: SongColumns) -> tuple[str, ...]:
    """Return the mood tags of both, given one track each, strongest first."""
    mine, theirs = (_moods(snapshot, music)[0] for music in (one, other))
    both = np.where((mine >= CARRIES) & (theirs >= CARRIES), mine * theirs, 0)
    strongest = np.argsort(-both, kind="stable")[:_NAMED]
    return tuple(snapshot.tags[snapshot.feelings[k]] for k in strongest.tolist() if both[k] > 0)


def of_tempo(snapshot: Snapshot, songs: SongColumns, among: SongColumns) -> Matches:
    """Return the matches closest in tempo, by other artists; none for tracks of unknown tempo."""
    if not len(among.tracks):
        return _nobody(songs)
    one, other = (_tempo(snapshot, music) for music in (songs, among))
    distance = np.abs(one[:, None] - other[None, :]) / other[None, :]
    distance = np.where(np.isnan(distance) | _same_artist(songs, among), np.inf, distance)
    return Matches(distance.argmin(axis=1), distance.min(axis=1) <= SAME_TEMPO)


def same_family(snapshot: Snapshot, songs: SongColumns, among: SongColumns) -> Mask:
    """Return K x L: whether a genre of each of K songs is of the same family as one of each of L others."""
    one, other = (snapshot.families.both(music.artists, music.tracks) for music in (songs, among))
    return np.asarray((one[:, None] & other[None, :]) != 0)


def _moods(snapshot: Snapshot, music: SongColumns) -> Floats:
    """Return K x moods: each mood tag's weight relative to the strongest tag, 0 to 1."""
    row, column, weight = tags_of(snapshot, music.tracks, music.artists)
    strongest = np.zeros(len(music.tracks), dtype=np.float32)
    np.maximum.at(strongest, row, weight)
    place = np.searchsorted(snapshot.feelings, column)
    known = snapshot.feelings[np.minimum(place, len(snapshot.feelings) - 1)] == column
    row, place = row[known], place[known]
    shape = len(music.tracks), len(snapshot.feelings)
    shares = summed(row * shape[1] + place, weight[known] / strongest[row], shape[0] * shape[1])
    return shares.reshape(shape).astype(np.float32)


def _tempo(snapshot: Snapshot, music: SongColumns) -> Floats:
    found = np.full(len(music.tracks), np.nan, dtype=np.float32)
    found[music.tracks >= 0] = snapshot.tempo[music.tracks[music.tracks >= 0]]
    return found


def _same_artist(songs: SongColumns, among: SongColumns) -> Mask:
    return np.asarray(songs.artists[:, None] == among.artists[None, :])


def _nobody(songs: SongColumns) -> Matches:
    n = len(songs.tracks)
    return Matches(np.zeros(n, dtype=np.intp), np.zeros(n, dtype=np.bool_))
