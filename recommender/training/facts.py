"""Training facts: everything a training reads from the database."""

import logging
from functools import partial
from itertools import chain
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, hstack

from recommender.arrays import Doubles, Floats, Ids, Ints, Mask
from recommender.content.audio_vectors import METHODS, vectors
from recommender.content.recordings import versions
from recommender.content.text_vectors import cultural_vectors
from recommender.feedback.matrix import IdIndex, ListeningMatrix, read_listening
from recommender.next_song.sequences import PlayColumns, Sequences
from recommender.snapshot import Snapshot
from recommender.training import catalog_arrays
from recommender.training.credited import credited
from recommender.training.fame import expected_likes, related_matrix
from recommender.training.heard import heard_axes, heard_places, read_heard, read_words, with_heard
from recommender.user_model.reward_model import read_decisions
from storage.decisions import Decisions
from storage.erasures import Erasures
from storage.exclusions import Exclusions
from storage.listens import Listens
from storage.related import RelatedArtists
from storage.store import Store
from storage.texts import Texts
from storage.versions import Versions


class TrainingFacts(NamedTuple):
    """All input of a training, as arrays; ids are database ids."""

    cursor: int
    credited: tuple[Ints, Ints]  # artist credits, see `recommender.training.credited`
    erasures: int  # see `storage.erasures`
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
        cursor, erasures = store.log.last_event_id(), Erasures(store.db).count()
        if previous is not None and previous.erasures != erasures:
            previous = None
        artists = IdIndex(np.fromiter(store.music.all_artist_ids(), dtype=np.int64))
        rows = catalog_arrays.columns(store.music.track_rows(), 5)
        tracks = IdIndex(rows[0].astype(np.int64))
        names = store.music.tag_names()
        tags = IdIndex(np.array(sorted(names), dtype=np.int64))
        some = None if sample is None else _sample(store, sample)
        listening = _listening(store, artists, tracks, now, None if some is not None else previous, some)
        memberships = np.array(store.people.communities(), dtype=np.int64).reshape(-1, 2)
        track_artist_ids = rows[1].astype(np.int64)
        artist_tags = catalog_arrays.tag_matrix(store.music.artist_tag_rows(), artists, tags)
        track_tags = catalog_arrays.tag_matrix(store.music.track_tag_rows(), tracks, tags)
        features = catalog_arrays.feature_matrix(store.music.feature_rows(), tracks)
        method = store.people.setting("app", 0, SOUND) or METHODS[0]
        heard, heard_words = read_heard(store, tracks), read_words(store, tracks)
        works = _works(store, tracks)
        named = credited(store.music, artists, tracks)
        relations = RelatedArtists(store.db)
        related = related_matrix(relations.rows(), artists)
        fame = expected_likes(relations.fame_rows(), related, artists)
        artist_vectors = cultural_vectors(Texts(store.db).terms(), artists, now=now)
        decisions = read_decisions(Decisions(store.db).reacted(until=cursor))
        listed = store.music.listed()
        sequences = _sequences(store, artists, tracks)
        database = store.identity()
    decades, decade_names = catalog_arrays.decades(rows[3])
    track_tags = csr_matrix(hstack([track_tags, decades], format="csr"))
    # An artist's decades come from the tracks, below: these columns start empty.
    width = artist_tags.shape[1] + len(decade_names)
    artist_tags = csr_matrix(
        (artist_tags.data, artist_tags.indices, artist_tags.indptr), shape=(len(artists), width)
    )
    belongs = catalog_arrays.incidence(artists.columns(track_artist_ids), len(artists))
    # An artist has the tags of its tracks.
    carried = (artist_tags + belongs.T @ track_tags).tocsr()
    track_tags = (track_tags + _INHERITED * catalog_arrays.scaled(belongs @ artist_tags)).tocsr()
    genres = [names[tag] for tag in tags.ids.tolist()]
    known = catalog_arrays.songs(features, (rows[3], rows[2], rows[4]), track_tags, genres)
    # Versions of a work are similar whoever performs them: train on one track of each work.
    alone = np.flatnonzero((works == np.arange(len(works))) & ~np.isnan(features).all(axis=1))
    # Not from listening data: a user's taste is far broader than an artist and would teach less.
    together = (csr_matrix(belongs.T),)
    compared = partial(vectors, method=method, groups=together, seed=0, rows=alone.astype(np.int32))
    axes = heard_axes(heard)
    return TrainingFacts(
        cursor=cursor,
        credited=named,
        erasures=erasures,
        full_at=listening[2],
        artists=listening[0],
        tracks=listening[1],
        track_artist_ids=track_artist_ids,
        track_popularity=rows[2].astype(np.float32),
        artist_tags=carried,
        track_tags=track_tags,
        track_features=catalog_arrays.standardised(features),
        track_vectors=compared(known),
        track_sounds=with_heard(compared(known.heard), heard, axes),
        track_heard=heard_places(heard, axes, len(tracks)),
        heard_words=heard_words,
        heard_axes=axes,
        track_tempo=catalog_arrays.tempo(features),
        memberships=memberships,
        tags=(*(names[ident] for ident in tags.ids.tolist()), *decade_names),
        artist_related=related,
        artist_fame=fame,
        works=works,
        artist_vectors=artist_vectors,
        decisions=decisions,
        artists_listed=np.isin(artists.ids, listed[0]),
        tracks_listed=np.isin(tracks.ids, listed[1]),
        sequences=sequences,
        database=database,
    )


def _sample(store: Store, n: int) -> Ids | None:
    """Return `n` users, None if there are no more than that."""
    users = np.array(store.people.user_ids(), dtype=np.int64)
    if len(users) <= n:
        return None
    return np.sort(np.random.default_rng(_SAMPLED).permutation(users)[:n])


def _listening(
    store: Store,
    artists: IdIndex,
    tracks: IdIndex,
    now: float,
    previous: Snapshot | None,
    some: Ids | None = None,
) -> tuple[ListeningMatrix, ListeningMatrix, int]:
    """Return the artist and track matrices, and the time of the last full read of the log.

    `some`: the users who are read, None for all.
    """
    grown = previous is not None and _grown(previous, artists, tracks)
    touched = _touched(store, previous, now) if previous is not None and grown else None
    if previous is not None and touched is not None:
        some = touched
    if some is None:
        rows = store.log.listening()
    else:
        rows = chain.from_iterable(map(store.log.listening_of, some.tolist()))
    events = read_listening(rows)
    by_artist = ListeningMatrix.build(events, artists, by_artist=True, now=now)
    by_track = ListeningMatrix.build(events, tracks, by_artist=False, now=now)
    if previous is None or touched is None:
        return by_artist, by_track, int(now)
    return (
        previous.artists.listening.with_rows(by_artist, touched),
        previous.tracks.listening.with_rows(by_track, touched),
        previous.full_at,
    )


def _grown(previous: Snapshot, artists: IdIndex, tracks: IdIndex) -> bool:
    """Tell whether items were only added since `previous`; otherwise some may have been merged."""
    axes = ((previous.artists.items.ids, artists.ids), (previous.tracks.items.ids, tracks.ids))
    return all(np.array_equal(before, now[: len(before)]) for before, now in axes)


def _touched(store: Store, previous: Snapshot, now: float) -> Ids | None:
    """Return the users active since `previous`; None if reading the whole log is better."""
    touched = np.array(store.log.touched_users(previous.cursor), dtype=np.int64)
    known = len(np.union1d(previous.artists.listening.users.ids, previous.tracks.listening.users.ids))
    many = len(touched) > _TOUCHED_SHARE * known
    # Weights of untouched rows fade: after a month they are read again.
    old = now - previous.full_at > _FULL_AFTER
    return None if many or old else touched


def _sequences(store: Store, artists: IdIndex, tracks: IdIndex) -> Sequences:
    rows = chain.from_iterable(Listens(store.db).latest(_PLAYS))
    user, artist, track, at = np.fromiter(rows, dtype=np.int64).reshape(-1, 4).T
    return Sequences.cut(PlayColumns(user, artists.columns(artist), tracks.columns(track), at))


def _works(store: Store, tracks: IdIndex) -> Ints:
    known = Versions(store.db)
    works = np.arange(len(tracks), dtype=np.int32)
    found = versions(known.titles(), known.decisions())
    ids = np.array([(one.track_id, one.work_id) for one in found], dtype=np.int64).reshape(-1, 2)
    works[tracks.columns(ids[:, 0])] = tracks.columns(ids[:, 1])
    return works


SOUND = "sound"
"""App setting for the similarity of tracks: one of `content.audio_vectors.METHODS`."""
log = logging.getLogger(__name__)
# A track also has its artist's tags at half the weight: users tag artists more than tracks.
_INHERITED = np.float32(0.5)
_PLAYS = 500_000  # dated plays that sequences are cut from: 16 MB
# Fewer new events than this change little; above it, this share of the log triggers a training.
_DUE_EVENTS = 50
_DUE_SHARE = 0.05
_DUE_AFTER = 24 * 3600.0
# An incremental read pays while few users were active and weights have hardly faded.
_TOUCHED_SHARE = 0.2
_FULL_AFTER = 30 * 86_400.0
_SAMPLED = 0  # seed of a sample: the same users as long as nobody comes or goes
