"""Training facts: everything a training reads from the database."""

import logging
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, hstack

from recommender.arrays import Doubles, Floats, Ids, Ints, Mask
from recommender.content.audio_vectors import vectors
from recommender.feedback.matrix import ListeningMatrix
from recommender.next_song.sequences import Sequences
from recommender.snapshot import Snapshot
from recommender.training import catalog_arrays, stored_facts
from recommender.training.heard import (
    heard_axes,
    heard_places,
    with_heard,
)
from recommender.training.stored_facts import StoredCatalog, StoredFacts
from storage.listening.exclusions import Exclusions
from storage.store import Store

log = logging.getLogger(__name__)
# A track also has its artist's tags at half the weight: users tag artists more than tracks.
_INHERITED = np.float32(0.5)
# Fewer new events than this change little; above it, this share of the log triggers a training.
_DUE_EVENTS = 50
_DUE_SHARE = 0.05
_DUE_AFTER = 24 * 3600.0


class TrainingFacts(NamedTuple):
    """All input of a training, as arrays; ids are database ids."""

    cursor: int
    credited: tuple[Ints, Ints]  # artist credits, see `recommender.training.credited`
    erasures: int  # see `storage.users.erasures`
    full_at: int  # time of the last full read of the log, seconds since 1970
    artists: ListeningMatrix
    tracks: ListeningMatrix
    track_artist_ids: Ids  # per track column
    track_popularity: Floats  # 0 to 100, NaN if unknown
    artist_tags: csr_matrix
    track_tags: csr_matrix
    track_features: Floats  # standardised, rows of length 1, 0 if unknown
    track_vectors: Floats  # for similarity, see `content.audio_vectors`; NaN if unknown
    track_sounds: Floats  # the same from audio features alone
    track_heard: Floats  # tracks x H, see `recommender.training.heard.heard_places`
    heard_words: csr_matrix  # tracks x words, see `recommender.training.heard.read_words`
    heard_axes: Floats  # 400 x H, see `recommender.training.heard`
    track_tempo: Floats  # beats per minute, NaN if unknown
    memberships: Ids  # M x 2: community id, user id
    tags: tuple[str, ...]
    artist_vectors: Floats  # artists x at most 32: what texts say of them, NaN where nothing
    artist_related: csr_matrix  # artists x artists, > 0: the row's artist names the column's
    artist_fame: Floats  # per artist column, how many of 100 people should like it; 0 where unknown
    works: Ints  # per track column, the column of the track that stands for its work
    decisions: tuple[Doubles, Doubles, Doubles]  # what was shown and reacted to: see `RewardModel.fit`
    unanswered: tuple[csr_matrix, csr_matrix]  # users x artists, x tracks: see `ShownItems.unanswered`
    artists_listed: Mask  # per artist column, whether a catalogue has it
    tracks_listed: Mask
    sequences: Sequences  # what users played in a row, the newest sessions
    database: str  # identity of the database


def due(store: Store, snapshot: Snapshot, *, now: float) -> bool:
    """Tell whether enough has changed since `snapshot` for a new training.

    A day after the snapshot any change is enough, and so is at any time a user's change of what events
    teach; `now` is in seconds since 1970.
    """
    counts = store.music.counts()
    if counts["artists"] != len(snapshot.artists.items) or counts["tracks"] != len(snapshot.tracks.items):
        return True
    new = store.log.last_event_id() - snapshot.cursor
    if Exclusions(store.db).retaught_since(snapshot.created_at):
        return True
    late = now - snapshot.created_at >= _DUE_AFTER
    return new >= (1 if late else max(_DUE_EVENTS, _DUE_SHARE * snapshot.cursor))


def read_facts(
    store: Store, *, now: float, previous: Snapshot | None = None, sample: int | None = None
) -> TrainingFacts:
    """Read all training facts, in one consistent view of the database.

    With a `previous` snapshot only users active since then are read; all other matrix rows are kept.
    After an erasure the whole log is read. With a `sample` only so many users' rows are, drawn by their ids.
    """
    with store.db.atomic():
        stored = stored_facts.stored(store, now, previous, sample)
    return _derived(stored)


class _Tags(NamedTuple):
    """Tags with decades, passed on between tracks and their artists."""

    names: tuple[str, ...]
    of_artists: csr_matrix
    of_tracks: csr_matrix


def _tags(catalog: StoredCatalog, belongs: csr_matrix) -> _Tags:
    """Return the tags; `belongs`: tracks x artists, 1 at the track's artist."""
    decades, decade_names = catalog_arrays.decades(catalog.columns[3])
    of_tracks = csr_matrix(hstack([catalog.track_tags, decades], format="csr"))
    # An artist's decades come from the tracks, below: these columns start empty.
    said, width = catalog.artist_tags, catalog.artist_tags.shape[1] + len(decade_names)
    of_artists = csr_matrix((said.data, said.indices, said.indptr), shape=(len(catalog.artists), width))
    # An artist has the tags of its tracks.
    carried = (of_artists + belongs.T @ of_tracks).tocsr()
    of_tracks = (of_tracks + _INHERITED * catalog_arrays.scaled(belongs @ of_artists)).tocsr()
    return _Tags((*catalog.tags, *decade_names), carried, of_tracks)


def _vectors(stored: StoredFacts, tags: _Tags, belongs: csr_matrix) -> tuple[Floats, Floats]:
    """Return the tracks' vectors for similarity, by all that is known and by audio features alone."""
    catalog, works = stored.catalog, stored.works
    _, _, popularity, year, length = catalog.columns
    known = catalog_arrays.songs(
        catalog.features, (year, popularity, length), tags.of_tracks, list(catalog.tags)
    )
    # Versions of a work are similar whoever performs them: train on one track of each work.
    alone = np.flatnonzero((works == np.arange(len(works))) & ~np.isnan(catalog.features).all(axis=1))
    # Not from listening data: a user's taste is far broader than an artist and would teach less.
    together = (csr_matrix(belongs.T),)
    compared = partial(vectors, method=stored.method, groups=together, seed=0, rows=alone.astype(np.int32))
    return compared(known), compared(known.heard)


def _derived(stored: StoredFacts) -> TrainingFacts:
    catalog = stored.catalog
    belongs = catalog_arrays.incidence(
        catalog.artists.columns(catalog.track_artist_ids), len(catalog.artists)
    )
    tags = _tags(catalog, belongs)
    track_vectors, track_sounds = _vectors(stored, tags, belongs)
    axes = heard_axes(stored.heard)
    return TrainingFacts(
        cursor=stored.cursor,
        credited=stored.credited,
        erasures=stored.erasures,
        full_at=stored.listening[2],
        artists=stored.listening[0],
        tracks=stored.listening[1],
        track_artist_ids=catalog.track_artist_ids,
        track_popularity=catalog.columns[2].astype(np.float32),
        artist_tags=tags.of_artists,
        track_tags=tags.of_tracks,
        track_features=catalog_arrays.standardised(catalog.features),
        track_vectors=track_vectors,
        track_sounds=with_heard(track_sounds, stored.heard, axes),
        track_heard=heard_places(stored.heard, axes, len(catalog.tracks)),
        heard_words=stored.heard_words,
        heard_axes=axes,
        track_tempo=catalog_arrays.tempo(catalog.features),
        memberships=stored.memberships,
        tags=tags.names,
        artist_related=stored.related,
        artist_fame=stored.fame,
        works=stored.works,
        artist_vectors=stored.artist_vectors,
        decisions=stored.decisions,
        unanswered=(
            stored.shown.unanswered(stored.listening[0], by_artist=True),
            stored.shown.unanswered(stored.listening[1], by_artist=False),
        ),
        artists_listed=np.isin(catalog.artists.ids, stored.listed[0]),
        tracks_listed=np.isin(catalog.tracks.ids, stored.listed[1]),
        sequences=stored.sequences,
        database=stored.database,
    )
