"""One listener's own facts, read once per ask: what they like, know, and never want to see."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np

from recommender.arrays import Floats, Ids, Ints
from recommender.catalog.resolve import decade_named
from recommender.feedback import CODES, NO_TRACK, Listening, amounts, latest_verdicts
from recommender.feedback.matrix import StandingRow, Vocabulary, profile_row, read_listening
from recommender.request import Request
from recommender.scorers import Profile
from recommender.snapshot import Axis, Snapshot
from recommender.types import Explanation, Outlook, Query, Share, Song, TasteProfile
from recommender.user_model import HALF_LIFE
from recommender.user_model.recency import mood
from storage.records import Kind, Subject, Track

_SEED = 4.0  # what a seed weighs: as much as a like
_SONGS_OF_SEED = 5  # an artist given as a seed stands on the track axis for her best-known songs
_BARS = 8
_PLAY = str(Kind.PLAY)
_NO_IDS: Ids = np.zeros(0, dtype=np.int64)

_Row = tuple[Ints, Floats]


class _Placed(NamedTuple):
    """A log with the column of each event on both axes, -1 where there is none."""

    log: Listening
    artists: Ids
    tracks: Ids

    def profiles(self, now: float) -> tuple[_Row, _Row]:
        """Return what is known and how much it weighs at `now`, of artists and of tracks."""
        counted = amounts(self.log, now)
        return (
            profile_row(counted, self.artists, by_artist=True),
            profile_row(counted, self.tracks, by_artist=False),
        )

    def on_artists(self, snapshot: Snapshot, profile: Profile, now: float) -> Floats:
        """Return how much the artists of a profile count at `now`."""
        return self.recency(snapshot.artists, self.artists, profile, now)

    def on_tracks(self, snapshot: Snapshot, profile: Profile, now: float) -> Floats:
        """Return how much the songs of a profile count at `now`."""
        return self.recency(snapshot.tracks, self.tracks, profile, now)

    def recency(self, axis: Axis, columns: Ids, profile: Profile, now: float) -> Floats:
        """Return how much each item of `profile` counts at `now`, by how many others were judged after it.

        `columns`: this log's, on that axis.  What was only played counts in full: it is no verdict.
        """
        items = profile.items
        judged = (self.log.kind != CODES[Kind.PLAY]) & (columns >= 0)
        latest = np.full(len(items), -np.inf)
        judged &= np.isin(columns, items)  # what weighs nothing has no place in a profile
        np.maximum.at(latest, np.searchsorted(items, columns[judged]), self.log.at[judged])
        newer = len(latest) - np.searchsorted(np.sort(latest), latest, side="right")
        kept = axis.beliefs.kept(profile, np.where(np.isinf(latest), -1, newer))
        faded = 0.5 ** (newer / HALF_LIFE) * mood(latest, newer, now) * kept
        return np.where(np.isinf(latest), 1.0, faded).astype(np.float32)


@dataclass(frozen=True)
class Taste:
    """What one listener's standing events say."""

    log: Listening
    verdicts: dict[Subject, Kind] = field(default_factory=dict)  # the latest like or dislike, else a skip
    blocked: frozenset[int] = frozenset()  # artist ids

    @classmethod
    def read(cls, rows: list[StandingRow]) -> Self:
        """Read standing events of one listener, in the order of the log."""
        verdicts: dict[Subject, Kind] = {}
        blocked: dict[int, bool] = {}
        for _, artist_id, track_id, kind, *_rest in rows:
            if kind == _PLAY:
                continue
            if kind in (Kind.BLOCK, Kind.UNBLOCK):
                blocked[artist_id] = kind == Kind.BLOCK
            elif kind == Kind.SKIP:  # about the moment, in a chat or on a player: a verdict stays
                verdicts.setdefault(Subject(artist_id, track_id), Kind.SKIP)
            else:
                verdicts[Subject(artist_id, track_id)] = Kind(kind)
        still_blocked = frozenset(artist_id for artist_id, is_on in blocked.items() if is_on)
        # A standing event begins with its own id, an event of everybody's log with its listener.
        log = read_listening(rows)
        own = log._replace(user=np.zeros_like(log.user))
        return cls(own, verdicts, still_blocked)

    @cached_property
    def known(self) -> frozenset[Subject]:
        """What was heard, liked, disliked or skipped."""
        pairs = zip(self.log.artist.tolist(), self.log.track.tolist(), strict=True)
        return frozenset(Subject(artist, None if track == NO_TRACK else track) for artist, track in pairs)

    @property
    def unwanted_artists(self) -> frozenset[int]:
        """Artists of whom nothing is to be shown: blocked, or disliked as artists."""
        disliked = {s.artist_id for s, k in self.verdicts.items() if s.track_id is None and k == Kind.DISLIKE}
        return self.blocked | disliked

    def likes(self, subject: Subject) -> bool:
        """Tell whether somebody has said to like that, or some of it."""
        return any(
            kind is Kind.LIKE
            and said.artist_id == subject.artist_id
            and (subject.track_id is None or said.track_id in (None, subject.track_id))
            for said, kind in self.verdicts.items()
        )

    def told(self, explanation: Explanation, subject: Subject) -> Explanation:
        """Return the explanation of `subject` in the listener's words.

        A song by an artist who is liked is more of that artist, unless a policy chose what to say; an artist
        known by one song alone is that song.
        """
        if explanation.kind == "because" and not explanation.scorer.endswith(".belief"):
            explanation = self._more_of(explanation, subject)
        cause = explanation.cause
        if explanation.kind in ("because", "artist") and cause is not None and cause.track_id is None:
            said = [subject for subject in self.known if subject.artist_id == cause.artist_id]
            if len(said) == 1:
                return replace(explanation, cause=said[0])
        return explanation

    def _more_of(self, explanation: Explanation, subject: Subject) -> Explanation:
        """Return that a song is by an artist who is liked, or who made the cause; else the explanation."""
        cause, artist = explanation.cause, Subject(subject.artist_id)
        if subject.track_id is None or cause is None:
            return explanation
        if cause.artist_id == subject.artist_id:
            return replace(explanation, kind="artist")
        return Explanation("artist", artist) if self.verdicts.get(artist) is Kind.LIKE else explanation

    def request(self, snapshot: Snapshot, query: Query, shown: list[Subject], now: float) -> Request:
        """Return the query with this taste, as columns of `snapshot`; `shown` was on a slate just now."""
        community = snapshot.communities.column(query.community_id) if query.community_id else -1
        at = community if community >= 0 else None
        placed = self._placed(snapshot)
        rows = _seeds(snapshot, query.seeds, query.away) if query.seeds else placed.profiles(now)
        artists = Profile(*rows[0], at, _row(snapshot.artists, query.user_id))
        tracks = Profile(*rows[1], at, _row(snapshot.tracks, query.user_id))
        # Asked for more like something, a known artist is a good answer; asked for anything, she is none.
        known = placed.artists[placed.log.track == NO_TRACK if not query.seeds else slice(0)]
        named = [*query.seeds, *query.away]
        avoided = [*shown, *named]
        seeded = [s.artist_id for s in named if s.track_id is None]
        songs = [s.track_id for s in avoided if s.track_id is not None]
        alone = [s.artist_id for s in avoided if s.track_id is None]
        return Request(
            query,
            artists,
            tracks,
            barred_artists=_columns(snapshot.artists.items, [*self.unwanted_artists, *seeded]),
            barred_tracks=_columns(snapshot.tracks.items, songs, placed.tracks),
            shown_artists=_columns(snapshot.artists.items, alone, known),
            wishes=snapshot.tag_columns(query.tags),
            own_artists=np.unique(placed.artists[placed.artists >= 0]).astype(np.int32),
            own_tracks=np.unique(placed.tracks[placed.tracks >= 0]).astype(np.int32),
            artist_recency=None if query.seeds else placed.on_artists(snapshot, artists, now),
            track_recency=None if query.seeds else placed.on_tracks(snapshot, tracks, now),
        )

    def _placed(self, snapshot: Snapshot) -> "_Placed":
        log = latest_verdicts(self.log)
        axes = snapshot.artists.items, snapshot.tracks.items
        return _Placed(log, axes[0].columns(log.artist), axes[1].columns(log.track))

    def summary(
        self, snapshot: Snapshot, songs: Mapping[Subject, Song], tracks: Mapping[int, Track], now: float
    ) -> TasteProfile:
        """Return this taste in figures; `songs` and `tracks` name what it knows."""
        placed = self._placed(snapshot)
        on_artists, on_tracks = placed.profiles(now)
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
            outlook=_outlook(snapshot, placed, Profile(*on_artists), now),
        )


def _outlook(snapshot: Snapshot, placed: _Placed, profile: Profile, now: float) -> Outlook | None:
    beliefs = snapshot.artists.beliefs
    recency = placed.on_artists(snapshot, profile, now)
    return Outlook(*beliefs.outlook(profile, recency)) if beliefs.known else None


def _row(axis: Axis, user_id: int) -> int | None:
    row = axis.listening.users.column(user_id)
    return row if row >= 0 else None


def _seeds(snapshot: Snapshot, seeds: tuple[Subject, ...], away: tuple[Subject, ...]) -> tuple[_Row, _Row]:
    """Return what is asked for as likes, and what it is to be unlike as dislikes, on both axes."""
    near, far = _places(snapshot, seeds), _places(snapshot, away)
    return _signed(near[0], far[0]), _signed(near[1], far[1])


def _places(snapshot: Snapshot, subjects: tuple[Subject, ...]) -> tuple[Ints, Ints]:
    artists = _columns(snapshot.artists.items, [subject.artist_id for subject in subjects])
    tracks = [_columns(snapshot.tracks.items, [s.track_id for s in subjects if s.track_id is not None])]
    for subject in subjects:
        column = snapshot.artists.items.column(subject.artist_id)
        if subject.track_id is None and column >= 0:
            tracks.append(snapshot.tracks_of(column)[:_SONGS_OF_SEED])
    return artists, np.unique(np.concatenate(tracks))


def _signed(near: Ints, far: Ints) -> _Row:
    columns = np.union1d(near, far).astype(np.int32)
    # What stands on both sides is neither: two songs of one artist tell nothing of the artist.
    weights = _SEED * (np.isin(columns, near).astype(np.float32) - np.isin(columns, far))
    kept = weights != 0
    return columns[kept], weights[kept].astype(np.float32)


def _columns(vocabulary: Vocabulary, ids: list[int], more: Ids = _NO_IDS) -> Ints:
    """Return the columns of some ids, and `more` columns, ascending; below 0 is none."""
    columns = np.unique(np.concatenate([vocabulary.columns(np.array(ids, dtype=np.int64)), more]))
    return columns[columns >= 0].astype(np.int32)


def _positive(row: _Row) -> Iterator[tuple[int, float]]:
    columns, weights = row
    keep = weights > 0
    return zip(columns[keep].tolist(), weights[keep].tolist(), strict=True)


def _shares(weights: Mapping[str, float]) -> tuple[Share, ...]:
    total = sum(weights.values())
    largest = sorted(weights.items(), key=lambda pair: -pair[1])[:_BARS]
    return tuple(Share(name, weight / total) for name, weight in largest)
