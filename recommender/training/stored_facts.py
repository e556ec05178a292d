"""Stored facts: everything a training reads from the database, before anything is derived."""

from itertools import chain
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from recommender.arrays import Doubles, Floats, Ids, Ints
from recommender.content.audio_vectors import METHODS
from recommender.content.recordings import versions
from recommender.content.text_vectors import cultural_vectors
from recommender.feedback.matrix import IdIndex, ListeningMatrix, read_listening
from recommender.next_song.sequences import PlayColumns, Sequences
from recommender.snapshot import Snapshot
from recommender.training import catalog_arrays
from recommender.training.credited import credited
from recommender.training.fame import expected_likes, related_matrix
from recommender.training.heard import HeardVectors, read_heard, read_words
from recommender.training.impressions import ShownItems
from recommender.user_model.reward_model import read_decisions
from storage.catalogue.related import RelatedArtists
from storage.catalogue.texts import Texts
from storage.catalogue.versions import Versions
from storage.listening.decisions import Decisions
from storage.listening.listens import Listens
from storage.store import Store
from storage.users.erasures import Erasures

SOUND = "sound"
"""App setting for the similarity of tracks: one of `content.audio_vectors.METHODS`."""
_PLAYS = 500_000  # dated plays that sequences are cut from: 16 MB
# An incremental read pays while few users were active and weights have hardly faded.
_TOUCHED_SHARE = 0.2
_FULL_AFTER = 30 * 86_400.0
_SAMPLED = 0  # seed of a sample: the same users as long as nobody comes or goes


class StoredCatalog(NamedTuple):
    """The catalogue's songs and artists, their tags and sound, as they are stored."""

    artists: IdIndex
    tracks: IdIndex
    columns: tuple[Floats, ...]  # per track: its id, its artist's, popularity, year, length in ms
    tags: tuple[str, ...]  # names
    artist_tags: csr_matrix
    track_tags: csr_matrix
    features: Floats

    @property
    def track_artist_ids(self) -> Ids:
        """Per track, the id of its artist."""
        return self.columns[1].astype(np.int64)


class StoredFacts(NamedTuple):
    """All that a training reads, before anything is derived; other fields as in `TrainingFacts`."""

    catalog: StoredCatalog
    cursor: int
    erasures: int
    listening: tuple[ListeningMatrix, ListeningMatrix, int]
    memberships: Ids
    method: str
    heard: HeardVectors
    heard_words: csr_matrix
    works: Ints
    credited: tuple[Ints, Ints]
    related: csr_matrix
    fame: Floats
    artist_vectors: Floats
    decisions: tuple[Doubles, Doubles, Doubles]
    shown: ShownItems
    listed: tuple[list[int], list[int]]
    sequences: Sequences
    database: str


def _catalog(store: Store) -> StoredCatalog:
    artists = IdIndex(np.fromiter(store.music.all_artist_ids(), dtype=np.int64))
    rows = catalog_arrays.columns(store.music.track_rows(), 5)
    tracks = IdIndex(rows[0].astype(np.int64))
    names = store.music.tag_names()
    tags = IdIndex(np.array(sorted(names), dtype=np.int64))
    return StoredCatalog(
        artists,
        tracks,
        rows,
        tuple(names[ident] for ident in tags.ids.tolist()),
        catalog_arrays.tag_matrix(store.music.artist_tag_rows(), artists, tags),
        catalog_arrays.tag_matrix(store.music.track_tag_rows(), tracks, tags),
        catalog_arrays.feature_matrix(store.music.feature_rows(), tracks),
    )


def stored(store: Store, now: float, previous: Snapshot | None, sample: int | None) -> StoredFacts:
    """Read everything; within one transaction it is one consistent view. See `training.facts.read_facts`."""
    cursor, erasures = store.log.last_event_id(), Erasures(store.db).count()
    if previous is not None and previous.erasures != erasures:
        previous = None
    catalog = _catalog(store)
    artists, tracks = catalog.artists, catalog.tracks
    some = None if sample is None else _sample(store, sample)
    relations = RelatedArtists(store.db)
    related = related_matrix(relations.rows(), artists)
    return StoredFacts(
        catalog=catalog,
        cursor=cursor,
        erasures=erasures,
        listening=_listening(store, artists, tracks, now, None if some is not None else previous, some),
        memberships=np.array(store.people.communities(), dtype=np.int64).reshape(-1, 2),
        method=store.people.setting("app", 0, SOUND) or METHODS[0],
        heard=read_heard(store, tracks),
        heard_words=read_words(store, tracks),
        works=_works(store, tracks),
        credited=credited(store.music, artists, tracks),
        related=related,
        fame=expected_likes(relations.fame_rows(), related, artists),
        artist_vectors=cultural_vectors(Texts(store.db).terms(), artists, now=now),
        decisions=read_decisions(Decisions(store.db).reacted(until=cursor)),
        shown=ShownItems.read(Decisions(store.db)),
        listed=store.music.listed(),
        sequences=_sequences(store, artists, tracks),
        database=store.identity(),
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
