"""From facts to a `Snapshot`: what is read, what is learned from it, and when that is due."""

import hashlib
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, hstack

from recommender import tables
from recommender.beliefs import Beliefs
from recommender.calibration import rarity
from recommender.credited import credited
from recommender.cultural import cultural_vectors
from recommender.linalg import Doubles
from recommender.matrix import Ids, ListeningMatrix, Vocabulary, read_listening
from recommender.rewards import Rewards, read_decisions
from recommender.scorers import Floats, Ints, Scorer, TrainingData
from recommender.scorers.content import Content
from recommender.scorers.indexed import indexed
from recommender.scorers.registry import SERVED, SERVED_ARTISTS
from recommender.snapshot import Axis, Snapshot
from recommender.sound import METHODS, vectors
from recommender.works import versions
from storage.decisions import Decisions
from storage.store import Store
from storage.texts import Texts
from storage.versions import Versions

SOUND = "sound"
"""The app setting that says what songs are compared by: one of `recommender.sound.METHODS`."""

Progress = Callable[[str, float], None]
"""Called with what is being done and the share that is done, 0 to 1."""

log = logging.getLogger(__name__)

# A track carries what its artist carries too, at half the weight: people tag artists more than songs.
_INHERITED = np.float32(0.5)
# Below this many new events a retraining cannot change much; above, when they are this share of the log.
_DUE_EVENTS = 50
_DUE_SHARE = 0.05
_DUE_AFTER = 24 * 3600.0
# Following the log pays while few people did something, and while weights have not faded much.
_TOUCHED_SHARE = 0.2
_FULL_AFTER = 30 * 86_400.0


class Facts(NamedTuple):
    """All that a training reads, as arrays; ids are the database's."""

    cursor: int
    full_at: int  # when the whole log was last read
    artists: ListeningMatrix
    tracks: ListeningMatrix
    track_artist_ids: Ids  # per track column
    track_popularity: Floats  # 0 to 100, NaN where unknown
    artist_tags: csr_matrix
    track_tags: csr_matrix
    track_features: Floats  # standardised, rows of length 1, 0 where unknown
    track_vectors: Floats  # what songs are compared by, as `recommender.sound` says; NaN where unknown
    track_sounds: Floats  # the same by sound alone
    track_tempo: Floats  # beats a minute, NaN where unknown
    memberships: Ids  # M x 2: community id, user id
    tags: tuple[str, ...]
    artist_vectors: Floats  # artists x at most 32: what texts say of them, NaN where nothing
    works: Ints  # per track column, the column of the track that stands for its work
    credited: tuple[Ints, Ints]  # who is named on what, as `recommender.credited` says
    decisions: tuple[Doubles, Doubles, Doubles]  # what was shown and reacted to, as `Rewards.fit` takes it


def due(store: Store, snapshot: Snapshot, *, now: float) -> bool:
    """Tell whether enough has happened since `snapshot` was made for a new one to be worth it.

    At `now` (seconds since 1970) a day old, anything that happened is enough.
    """
    counts = store.music.counts()
    if counts["artists"] != len(snapshot.artists.items) or counts["tracks"] != len(snapshot.tracks.items):
        return True
    new = store.log.last_event_id() - snapshot.cursor
    late = now - snapshot.created_at >= _DUE_AFTER
    return new >= (1 if late else max(_DUE_EVENTS, _DUE_SHARE * snapshot.cursor))


def read_facts(store: Store, *, now: float, previous: Snapshot | None = None) -> Facts:
    """Read everything that scorers learn from, in one consistent view of the database.

    With a `previous` snapshot only the log of those who did something since is read; all other rows of its
    matrices are kept.  Nobody may have been forgotten since it was made.
    """
    with store.db.atomic():
        cursor = store.log.last_event_id()
        artists = Vocabulary(np.fromiter(store.music.all_artist_ids(), dtype=np.int64))
        rows = tables.columns(store.music.track_rows(), 5)
        tracks = Vocabulary(rows[0].astype(np.int64))
        names = store.music.tag_names()
        tags = Vocabulary(np.array(sorted(names), dtype=np.int64))
        listening = _listening(store, artists, tracks, now, previous)
        memberships = np.array(store.people.communities(), dtype=np.int64).reshape(-1, 2)
        track_artist_ids = rows[1].astype(np.int64)
        artist_tags = tables.tag_matrix(store.music.artist_tag_rows(), artists, tags)
        track_tags = tables.tag_matrix(store.music.track_tag_rows(), tracks, tags)
        features = tables.feature_matrix(store.music.feature_rows(), tracks)
        method = store.people.setting("app", 0, SOUND) or METHODS[0]
        works = _works(store, tracks)
        named = credited(store.music, artists, tracks)
        artist_vectors = cultural_vectors(Texts(store.db), artists, now=now)
        decisions = read_decisions(Decisions(store.db).reacted(until=cursor))
    decades, decade_names = tables.decades(rows[3])
    track_tags = csr_matrix(hstack([track_tags, decades], format="csr"))
    # An artist's decades come from her songs, below: here are only empty columns for them.
    width = artist_tags.shape[1] + len(decade_names)
    artist_tags = csr_matrix(
        (artist_tags.data, artist_tags.indices, artist_tags.indptr), shape=(len(artists), width)
    )
    belongs = tables.incidence(artists.columns(track_artist_ids), len(artists))
    # An artist carries what her songs carry.
    carried = (artist_tags + belongs.T @ track_tags).tocsr()
    track_tags = (track_tags + _INHERITED * tables.scaled(belongs @ artist_tags)).tocsr()
    genres = [names[tag] for tag in tags.ids.tolist()]
    known = tables.songs(features, (rows[3], rows[2], rows[4]), track_tags, genres)
    # Versions of one work are alike whoever sings: of each work only one song teaches.
    alone = np.flatnonzero((works == np.arange(len(works))) & ~np.isnan(features).all(axis=1))
    # Not from who hears what: people's tastes are so much broader than an artist that less would be learned.
    together = (csr_matrix(belongs.T),)
    compared = partial(vectors, method=method, groups=together, seed=0, rows=alone.astype(np.int32))
    return Facts(
        cursor=cursor,
        full_at=listening[2],
        artists=listening[0],
        tracks=listening[1],
        track_artist_ids=track_artist_ids,
        track_popularity=rows[2].astype(np.float32),
        artist_tags=carried,
        track_tags=track_tags,
        track_features=tables.standardised(features),
        track_vectors=compared(known),
        track_sounds=compared(known.heard),
        track_tempo=tables.tempo(features),
        memberships=memberships,
        tags=(*(names[ident] for ident in tags.ids.tolist()), *decade_names),
        works=works,
        credited=named,
        artist_vectors=artist_vectors,
        decisions=decisions,
    )


def fit(facts: Facts, *, seed: int, now: float, progress: Progress | None = None) -> Snapshot:
    """Fit every scorer on both axes; the same facts and seed give the same snapshot."""
    communities = Vocabulary(np.unique(facts.memberships[:, 0]))
    artist_columns = facts.artists.items.columns(facts.track_artist_ids)
    order = np.lexsort((-_best_known(facts), artist_columns))
    artists = TrainingData(
        facts.artists.user_items,
        facts.artist_tags,
        facts.artist_vectors,
        _member_matrix(facts.memberships, communities, facts.artists.users),
        _best_of(facts.track_popularity, artist_columns, len(facts.artists.items)),
    )
    tracks = TrainingData(
        facts.tracks.user_items,
        facts.track_tags,
        facts.track_vectors,
        _member_matrix(facts.memberships, communities, facts.tracks.users),
        facts.track_popularity,
        facts.track_sounds,
    )
    tell = progress or (lambda _what, _share: None)
    snapshot = Snapshot(
        version=_version(facts, seed, now),
        created_at=int(now),
        cursor=facts.cursor,
        full_at=facts.full_at,
        seed=seed,
        artists=_axis(facts.artists, artists, "artists", seed, tell, 0.0),
        tracks=_axis(facts.tracks, tracks, "tracks", seed, tell, 0.5),
        track_artists=artist_columns.astype(np.int32),
        artist_tracks=order.astype(np.int32),
        artist_starts=np.searchsorted(artist_columns[order], np.arange(len(facts.artists.items) + 1)),
        communities=communities,
        tags=facts.tags,
        rarity=rarity(facts.artist_tags),
        features=facts.track_features,
        tempo=facts.track_tempo,
        works=facts.works,
        credited_artists=facts.credited[0],
        credited_tracks=facts.credited[1],
        rewards=Rewards.fit(*facts.decisions),
    )
    tell("done", 1.0)
    return snapshot


def _axis(
    listening: ListeningMatrix, data: TrainingData, name: str, seed: int, tell: Progress, start: float
) -> Axis:
    scorers = _scorers(data, name, seed, tell, start)
    return Axis(listening, data.item_tags, scorers, Beliefs.fit(data, seed=seed))


def _scorers(data: TrainingData, axis: str, seed: int, tell: Progress, start: float) -> tuple[Scorer, ...]:
    """Fit all scorers on one axis; progress runs from `start` over half of the whole."""
    fitted = []
    served = SERVED_ARTISTS if axis == "artists" else SERVED
    for k, scorer in enumerate(served):
        tell(f"{scorer.name} on {axis}", start + 0.5 * k / len(served))
        began = time.perf_counter()
        one = scorer.fit(data, seed=seed)
        if isinstance(one, Content) and axis == "tracks":  # artists have no sound
            one = indexed(one, seed=seed, tell=lambda what: tell(f"{what} on {axis}", start + 0.5))
        fitted.append(one)
        log.debug("%s on %s: %.2f s", scorer.name, axis, time.perf_counter() - began)
    return tuple(fitted)


def _best_of(popularity: Floats, owners: Ids, n_owners: int) -> Floats:
    """Return per artist the popularity of her most popular track, NaN where none is known."""
    best = np.full(n_owners, -np.inf, dtype=np.float32)
    known = ~np.isnan(popularity)
    np.maximum.at(best, owners[known], popularity[known])
    return np.where(np.isinf(best), np.float32(np.nan), best)


def listeners(listening: ListeningMatrix) -> list[tuple[int, int]]:
    """Return (item id, how many people like it) for every item with anybody."""
    counts = np.bincount(
        listening.user_items.indices, weights=listening.user_items.data > 0, minlength=len(listening.items)
    )
    there = np.flatnonzero(counts)
    return list(zip(listening.items.ids[there].tolist(), counts[there].astype(int).tolist(), strict=True))


def _listening(
    store: Store, artists: Vocabulary, tracks: Vocabulary, now: float, previous: Snapshot | None
) -> tuple[ListeningMatrix, ListeningMatrix, int]:
    """Return the matrices of artists and of tracks, and when the whole log was last read for them."""
    grown = previous is not None and _grown(previous, artists, tracks)
    touched = _touched(store, previous, now) if previous is not None and grown else None
    if previous is None or touched is None:
        rows = store.log.listening()
    else:
        rows = iter([(user, *event[1:]) for user in touched.tolist() for event in store.log.standing(user)])
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


def _grown(previous: Snapshot, artists: Vocabulary, tracks: Vocabulary) -> bool:
    """Tell whether items were only added since `previous`: some may have turned out to be others."""
    axes = ((previous.artists.items.ids, artists.ids), (previous.tracks.items.ids, tracks.ids))
    return all(np.array_equal(before, now[: len(before)]) for before, now in axes)


def _touched(store: Store, previous: Snapshot, now: float) -> Ids | None:
    """Return who did something since `previous`; None where reading the whole log is the better way."""
    touched = np.array(store.log.touched_users(previous.cursor), dtype=np.int64)
    known = len(np.union1d(previous.artists.listening.users.ids, previous.tracks.listening.users.ids))
    many = len(touched) > _TOUCHED_SHARE * known
    # Weights of untouched rows have faded since: after a month they are read again.
    old = now - previous.full_at > _FULL_AFTER
    return None if many or old else touched


def _best_known(facts: Facts) -> Floats:
    """Return one number per track to order an artist's songs by: listeners, then imported popularity."""
    heard = np.bincount(facts.tracks.user_items.indices, minlength=len(facts.tracks.items)).astype(np.float32)
    return heard + np.nan_to_num(facts.track_popularity) / np.float32(101.0)


def _version(facts: Facts, seed: int, now: float) -> str:
    counts = (facts.cursor, len(facts.artists.items), len(facts.tracks.items), seed)
    digest = hashlib.sha256(repr(counts).encode()).hexdigest()[:8]
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(now))}-{digest}"


def _works(store: Store, tracks: Vocabulary) -> Ints:
    known = Versions(store.db)
    works = np.arange(len(tracks), dtype=np.int32)
    found = versions(known.titles(), known.decisions())
    ids = np.array([(one.track_id, one.work_id) for one in found], dtype=np.int64).reshape(-1, 2)
    works[tracks.columns(ids[:, 0])] = tracks.columns(ids[:, 1])
    return works


def _member_matrix(memberships: Ids, communities: Vocabulary, users: Vocabulary) -> csr_matrix:
    rows = communities.columns(memberships[:, 0])
    columns = users.columns(memberships[:, 1])
    known = columns >= 0
    ones = np.ones(int(known.sum()), dtype=np.float32)
    return coo_matrix((ones, (rows[known], columns[known])), shape=(len(communities), len(users))).tocsr()
