"""One listener's own facts, read once per ask: what they like, know, and never want to see."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from recommender.catalog.resolve import decade_named
from recommender.feedback import Listening
from recommender.matrix import StandingRow, Vocabulary, profile_row, read_listening
from recommender.pipeline import Request
from recommender.scorers import Floats, Ints, Profile
from recommender.snapshot import Snapshot
from recommender.types import Explanation, Query, Share, Song, TasteProfile
from storage.records import Kind, Subject, Track

_SEED = 4.0  # what a seed weighs: as much as a like
_SONGS_OF_SEED = 5  # an artist given as a seed stands on the track axis for her best-known songs
_BARS = 8

_Row = tuple[Ints, Floats]


@dataclass(frozen=True)
class Taste:
    """What one listener's standing events say."""

    log: Listening
    verdicts: dict[Subject, Kind] = field(default_factory=dict)  # the latest like, dislike or skip
    blocked: frozenset[int] = frozenset()  # artist ids
    known: frozenset[Subject] = frozenset()  # heard, liked, disliked or skipped

    @classmethod
    def read(cls, rows: list[StandingRow]) -> Self:
        """Read standing events of one listener, in the order of the log."""
        verdicts: dict[Subject, Kind] = {}
        blocked: dict[int, bool] = {}
        for _, artist_id, track_id, kind, *_rest in rows:
            if kind in (Kind.BLOCK, Kind.UNBLOCK):
                blocked[artist_id] = kind == Kind.BLOCK
            elif kind != Kind.PLAY:
                verdicts[Subject(artist_id, track_id)] = Kind(kind)
        known = frozenset(Subject(r[1], r[2]) for r in rows if r[3] not in (Kind.BLOCK, Kind.UNBLOCK))
        still_blocked = frozenset(artist_id for artist_id, is_on in blocked.items() if is_on)
        # A standing event begins with its own id, an event of everybody's log with its listener.
        log = read_listening(rows)
        own = log._replace(user=np.zeros_like(log.user))
        return cls(own, verdicts, still_blocked, known)

    @property
    def unwanted_artists(self) -> frozenset[int]:
        """Artists of whom nothing is to be shown: blocked, or disliked as artists."""
        disliked = {s.artist_id for s, k in self.verdicts.items() if s.track_id is None and k == Kind.DISLIKE}
        return self.blocked | disliked

    def told(self, explanation: Explanation) -> Explanation:
        """Return the explanation in the listener's words: an artist known by one song alone is that song."""
        cause = explanation.cause
        if explanation.kind == "because" and cause is not None and cause.track_id is None:
            said = [subject for subject in self.known if subject.artist_id == cause.artist_id]
            if len(said) == 1:
                return replace(explanation, cause=said[0])
        return explanation

    def request(self, snapshot: Snapshot, query: Query, shown: list[Subject], now: float) -> Request:
        """Return the query with this taste, as columns of `snapshot`; `shown` was on a slate just now."""
        artists, tracks = snapshot.artists.items, snapshot.tracks.items
        community = snapshot.communities.column(query.community_id) if query.community_id else -1
        seeded = [s.artist_id for s in query.seeds if s.track_id is None]
        barred = self.known | set(shown) | set(query.seeds)
        # Asked for more like something, a known artist is a good answer; asked for anything, she is none.
        too_near = set(shown) | set(query.seeds) if query.seeds else barred
        names = {name: column for column, name in enumerate(snapshot.tags)}
        profiles = _seeds(snapshot, query.seeds) if query.seeds else self._profiles(snapshot, now)
        at = community if community >= 0 else None
        return Request(
            query,
            Profile(*profiles[0], at),
            Profile(*profiles[1], at),
            barred_artists=_columns(artists, [*self.unwanted_artists, *seeded]),
            barred_tracks=_columns(tracks, [s.track_id for s in barred if s.track_id is not None]),
            shown_artists=_columns(artists, [s.artist_id for s in too_near if s.track_id is None]),
            wishes=tuple(names[tag] for tag in query.tags),
        )

    def _profiles(self, snapshot: Snapshot, now: float) -> tuple[_Row, _Row]:
        return (
            profile_row(self.log, snapshot.artists.items, by_artist=True, now=now),
            profile_row(self.log, snapshot.tracks.items, by_artist=False, now=now),
        )

    def summary(
        self, snapshot: Snapshot, songs: Mapping[Subject, Song], tracks: Mapping[int, Track], now: float
    ) -> TasteProfile:
        """Return this taste in figures; `songs` and `tracks` name what it knows."""
        on_artists, on_tracks = self._profiles(snapshot, now)
        names = {s.artist_id: song.artist for s, song in songs.items()}
        artist_ids, track_ids = snapshot.artists.items.ids, snapshot.tracks.items.ids
        by_artist: defaultdict[str, float] = defaultdict(float)
        by_tag: defaultdict[str, float] = defaultdict(float)
        by_decade: defaultdict[str, float] = defaultdict(float)
        for column, weight in _positive(on_artists):
            by_artist[names[int(artist_ids[column])]] += weight
        for column, weight in _positive(on_tracks):
            if year := tracks[int(track_ids[column])].year:
                by_decade[f"{year // 10 * 10}s"] += weight
        for axis, row in ((snapshot.artists, on_artists), (snapshot.tracks, on_tracks)):
            for column, weight in _positive(row):
                tags = axis.item_tags[column]
                for tag, share in zip(tags.indices.tolist(), (tags.data / tags.sum()).tolist(), strict=True):
                    by_tag[snapshot.tags[tag]] += weight * share
        said = Counter(self.verdicts.values())
        return TasteProfile(
            likes=said[Kind.LIKE],
            dislikes=said[Kind.DISLIKE],
            plays=int(self.log.plays[self.log.kind == 0].sum()),
            artists=_shares(by_artist),
            tags=_shares({tag: weight for tag, weight in by_tag.items() if decade_named(tag) != tag}),
            decades=tuple(sorted(_shares(by_decade), key=lambda share: share.name)),
            blocked=tuple(songs[Subject(artist)] for artist in sorted(self.blocked)),
        )


def _seeds(snapshot: Snapshot, seeds: tuple[Subject, ...]) -> tuple[_Row, _Row]:
    artists = _columns(snapshot.artists.items, [seed.artist_id for seed in seeds])
    tracks = [_columns(snapshot.tracks.items, [s.track_id for s in seeds if s.track_id is not None])]
    for seed in seeds:
        column = snapshot.artists.items.column(seed.artist_id)
        if seed.track_id is None and column >= 0:
            tracks.append(snapshot.tracks_of(column)[:_SONGS_OF_SEED])
    columns = np.unique(np.concatenate(tracks))
    return (
        (artists, np.full(len(artists), _SEED, dtype=np.float32)),
        (columns, np.full(len(columns), _SEED, dtype=np.float32)),
    )


def _columns(vocabulary: Vocabulary, ids: list[int]) -> Ints:
    columns = np.unique(vocabulary.columns(np.array(ids, dtype=np.int64)))
    return columns[columns >= 0].astype(np.int32)


def _positive(row: _Row) -> Iterator[tuple[int, float]]:
    columns, weights = row
    keep = weights > 0
    return zip(columns[keep].tolist(), weights[keep].tolist(), strict=True)


def _shares(weights: Mapping[str, float]) -> tuple[Share, ...]:
    total = sum(weights.values())
    largest = sorted(weights.items(), key=lambda pair: -pair[1])[:_BARS]
    return tuple(Share(name, weight / total) for name, weight in largest)
