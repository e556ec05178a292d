"""Order of a radio's next songs: the odds of each candidate, best first.  Pure: no state, no side effects.

The odds are those of the learned experts on order and taste (`recommender.next_song`), times how well a song
fits the wish, times what the radio's own thumbs and skips say of songs like it.  Without sequences to learn
from they are the fused votes.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Ints, Mask
from recommender.bandit.posterior import Posteriors
from recommender.linalg import inverse, row_norms, scaled_rows
from recommender.next_song.experts import JustPlayed
from recommender.next_song.sequences import Item
from recommender.pipeline.candidates import allowed, candidates_for
from recommender.pipeline.ranking import one_version_each
from recommender.request import Candidates, Request
from recommender.scorers import Profile
from recommender.snapshot import Snapshot


class Moment(NamedTuple):
    """A radio at one moment, as columns."""

    recent: Item  # what was played to the end or liked, the oldest first
    liked: Item  # what this radio's listener said
    refused: Item
    artists: Profile  # everything that is known of the user, not only the strongest of it
    songs: Profile
    lately: Ints = np.zeros(0, dtype=np.int32)  # artists who are not to come again so soon


def following(snapshot: Snapshot, request: Request, moment: Moment, rng: np.random.Generator) -> Candidates:
    """Return all candidates, the likeliest first; `fresh` has their odds, with a sum of at most 1."""
    candidates = candidates_for(snapshot, request, Posteriors.of(snapshot, request), rng)
    if (candidates.tracks >= 0).any():
        candidates = candidates.some(candidates.tracks >= 0)
    odds = _by_order(snapshot, request, moment, candidates)
    if odds is None:
        odds = (candidates, _by_votes(candidates))
    candidates, values = odds
    values = values * _fits(request, candidates) * _welcome(snapshot, moment, candidates)
    values = _spaced(moment, candidates, values)
    rows = np.argsort(-values, kind="stable")
    ranked = candidates.some(rows)._replace(fresh=values[rows].astype(np.float32))
    return one_version_each(snapshot, ranked)


def _by_order(
    snapshot: Snapshot, request: Request, moment: Moment, candidates: Candidates
) -> tuple[Candidates, Doubles] | None:
    """Return the candidates, those of the experts included, with their odds; None without such a model."""
    model = snapshot.next_song
    if model is None:
        return None
    said = model.told(snapshot.ensembles, JustPlayed(moment.recent, moment.artists, moment.songs))
    songs = allowed(snapshot, request)[0]
    named = said.names(snapshot.discography)
    candidates = _with_songs(snapshot, candidates, named[songs[named]])
    known: Mask = np.isin(candidates.tracks, moment.songs.items)
    odds = model.odds(said, candidates.tracks, candidates.artists, snapshot.discography, known)
    return candidates, odds


def _with_songs(snapshot: Snapshot, candidates: Candidates, tracks: Ints) -> Candidates:
    """Return the candidates with more songs, for which nobody has voted."""
    more = np.setdiff1d(tracks, candidates.tracks).astype(np.int32)
    n = len(more)
    zeros, unknown = np.zeros(n, dtype=np.float32), np.full(n, np.nan, dtype=np.float32)
    return Candidates(
        np.concatenate([candidates.tracks, more]),
        np.concatenate([candidates.artists, snapshot.track_artists[more]]),
        np.concatenate([candidates.votes, np.zeros((n, candidates.votes.shape[1]), dtype=np.float32)]),
        candidates.names,
        np.concatenate([candidates.fused, zeros]),
        np.concatenate([candidates.expected, unknown]),
        np.concatenate([candidates.fresh, unknown]),
        np.concatenate([candidates.place, unknown]),
    )


def _by_votes(candidates: Candidates) -> Doubles:
    """Return shares of the fused votes."""
    votes = np.maximum(candidates.fused.astype(np.float64), 0) + 1e-9
    return np.asarray(votes / max(float(votes.sum()), 1e-300))


def _spaced(moment: Moment, candidates: Candidates, values: Doubles) -> Doubles:
    """Return the odds without the artists who were on lately, unless there are no others."""
    others = np.where(np.isin(candidates.artists, moment.lately), 0.0, values)
    return others if others.any() else values


def _fits(request: Request, candidates: Candidates) -> Doubles:
    """Return how well each candidate fits the wish, squared: else general likes would come first."""
    if request.fits is None:
        return np.ones(len(candidates.tracks))
    return np.where(candidates.tracks >= 0, request.fits[candidates.tracks], 0.0).astype(np.float64) ** 2


def _welcome(snapshot: Snapshot, moment: Moment, candidates: Candidates) -> Doubles:
    """Return the chance that a candidate is liked, by the thumbs and skips of this radio.

    One thumb up is given (Laplace), and each song that was judged counts as much as it is like the candidate:
    the cosine of their tags, at least a half for the same artist.
    """
    good = _likeness(snapshot, candidates, moment.liked)
    bad = _likeness(snapshot, candidates, moment.refused)
    return np.asarray((1 + good) / (1 + good + bad))


def _likeness(snapshot: Snapshot, candidates: Candidates, judged: Item) -> Doubles:
    """Return how like the judged songs each candidate is, in all."""
    if not len(judged.artist):
        return np.zeros(len(candidates.tracks))
    theirs = _unit(snapshot, Item(candidates.artists, candidates.tracks))
    cosines = (theirs @ _unit(snapshot, judged).T).toarray()
    same = candidates.artists[:, None] == judged.artist[None, :]
    return np.asarray(np.where(same, 0.5 + 0.5 * cosines, cosines).sum(axis=1), dtype=np.float64)


def _unit(snapshot: Snapshot, items: Item) -> csr_matrix:
    """Return the tags of some songs by rarity, rows of length 1; the artist's where the track is -1."""
    tags = snapshot.tracks.item_tags[np.maximum(items.track, 0)]
    if (items.track < 0).any():
        own = snapshot.artists.item_tags[items.artist]
        tags = scaled_rows(csr_matrix(tags), (items.track >= 0).astype(np.float64)) + scaled_rows(
            csr_matrix(own), (items.track < 0).astype(np.float64)
        )
    rare = csr_matrix(csr_matrix(tags, dtype=np.float64).multiply(snapshot.rarity[None, :]))
    return scaled_rows(rare, inverse(row_norms(rare)))
