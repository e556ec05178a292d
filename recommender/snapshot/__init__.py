"""Snapshot: everything learned up to one moment, frozen, which is served until the next training.

On disk a snapshot is a folder of `.npy` files (memory-mapped when read, never pickled) and a `manifest.json`.
It is written under a temporary name; `current`, a one-line file naming the folder to use, is replaced last,
so that a reader sees the old snapshot or the new one and nothing between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.arrays import Floats, Ids, Ints, Mask
from recommender.content.mood_tags import is_feeling
from recommender.feedback.matrix import IdIndex, ListeningMatrix
from recommender.linalg import Entries, contained, distinct, entries
from recommender.next_song import NextSong
from recommender.next_song.experts import Discography, Ensembles
from recommender.scorers import Scorer, Voters
from recommender.scorers.blend import Blend
from recommender.scorers.popularity import CommunityPopularity, Popularity
from recommender.scorers.related import Related
from recommender.snapshot.eligibility import Eligibility
from recommender.snapshot.genre_families import GenreFamilies
from recommender.types import Facet
from recommender.user_model import UserModel
from recommender.user_model.reward_model import RewardModel
from storage.records import Subject

_MOST_PROPOSED = 5_000


class Proposals(NamedTuple):
    """The items whose expected reactions are worked out at every ask; scorers name the others."""

    items: Ints  # ascending
    model: UserModel  # of these items alone


@dataclass(frozen=True)
class Axis:
    """One kind of item, tracks or artists: who listened, what they carry, and who has an opinion on them."""

    listening: ListeningMatrix
    item_tags: csr_matrix  # items x tags float32
    scorers: tuple[Scorer, ...]
    user_model: UserModel
    eligibility: Eligibility

    @property
    def items(self) -> IdIndex:
        """The items, as database ids and columns."""
        return self.listening.items

    @cached_property
    def popularity(self) -> Popularity | None:
        """The count of everybody; None where only one facet of likeness is asked."""
        return next((one for one in self.scorers if isinstance(one, Popularity)), None)

    @cached_property
    def community(self) -> CommunityPopularity | None:
        """The count per community; None where only one facet of likeness is asked."""
        return next((one for one in self.scorers if isinstance(one, CommunityPopularity)), None)

    @cached_property
    def ensemble(self) -> Blend | None:
        """The ensemble; None where one facet is asked that it has no part for."""
        return next((one for one in self.scorers if isinstance(one, Blend)), None)

    @cached_property
    def related(self) -> Related | None:
        """What is generally known of related items; None where nothing can be, or one facet is asked."""
        return next((one for one in self.scorers if isinstance(one, Related)), None)

    @cached_property
    def people(self) -> Ints:
        """How many people like each item; 0 where only one facet of likeness is asked."""
        known = self.popularity
        return np.zeros(len(self.items), dtype=np.int32) if known is None else known.people

    @cached_property
    def proposals(self) -> Proposals:
        """What a posterior proposes itself: all items, or the most popular of very many."""
        everything = np.arange(len(self.items), dtype=np.int32)
        if len(everything) <= _MOST_PROPOSED or self.popularity is None:
            return Proposals(everything, self.user_model)
        return Proposals(self.popularity.first, self.user_model.only(self.popularity.first))

    @cached_property
    def voters(self) -> Voters:
        """What each scorer's votes weigh."""
        listeners = int(np.count_nonzero(np.diff(self.listening.user_items.indptr)))
        return Voters.of(self.scorers, listeners)

    def worked_out(self) -> None:
        """Work out now what follows from the axis alone, so that the first who asks need not wait."""
        _ = self.popularity, self.community, self.related, self.people, self.voters, self.proposals
        self.eligibility.worked_out()

    def only_by(self, facet: Facet) -> "Axis":
        """Return the axis with the scorers' parts that go by one facet alone; "" leaves all of them."""
        if not facet:
            return self
        parts = (scorer.only_by(facet) for scorer in self.scorers)
        return replace(self, scorers=tuple(part for part in parts if part is not None))


@dataclass(frozen=True)
class Snapshot:
    """What was learned, and from how much of the log."""

    version: str
    created_at: int  # seconds since 1970
    cursor: int  # the last event learned from
    erasures: int  # how many the database counted: after another one this is not used again
    full_at: int  # when the whole log was last read; since then only what changed
    seed: int
    artists: Axis
    tracks: Axis
    credited_artists: Ints  # K x 2: column of an artist, and of one whose credit names that artist
    credited_tracks: Ints  # K x 2: column of an artist, and of a track of others that names that artist
    track_artists: Ints  # column of the artist, per track column
    artist_tracks: Ints  # track columns grouped by artist, best known first
    artist_starts: Ids  # group of artist a: artist_tracks[artist_starts[a] : artist_starts[a + 1]]
    communities: IdIndex
    tags: tuple[str, ...]  # name per tag column
    rarity: Floats  # log(artists / artists with the tag), per tag column
    reward_model: RewardModel
    features: Floats  # tracks x audio features, standardised, rows of length 1, 0 where unknown; or x 0
    tempo: Floats  # per track column, beats a minute, NaN where unknown
    heard_axes: Floats  # 400 x H: the axes of heard songs, the last columns of `Content.sounds`; H may be 0
    heard_words: csr_matrix  # tracks x words: the probability of each word heard; no entry: not heard
    words: tuple[str, ...]  # what can be heard, per column of `heard_words`
    works: Ints  # per track column, the column of the track that stands for its work: mostly its own
    layout: Floats  # artists x 2: a place on the map of music, 0 to 1, NaN where unknown
    next_song: NextSong | None  # None where nobody's plays have times
    database: str  # the identity of the database it was learned from

    @cached_property
    def discography(self) -> Discography:
        """Which song is whose, and how many people like it."""
        starts = self.artist_starts
        return Discography(self.track_artists, self.artist_tracks, starts, self.tracks.people)

    @property
    def ensembles(self) -> Ensembles:
        """The ensembles of both axes."""
        return Ensembles(self.artists.ensemble, self.tracks.ensemble)

    @cached_property
    def feelings(self) -> Ints:
        """The tag columns that are words for a mood, ascending."""
        return np.flatnonzero([is_feeling(tag) for tag in self.tags]).astype(np.int32)

    @cached_property
    def families(self) -> GenreFamilies:
        """The genre families of every artist and track."""
        return GenreFamilies.read(self.artists.item_tags, self.tracks.item_tags, self.tags)

    @cached_property
    def eligible_artists(self) -> Mask:
        """Per artist, whether anybody may be shown them, or a song of theirs."""
        artists, songs = (axis.eligibility.anywhere for axis in (self.artists, self.tracks))
        found = artists.copy()
        found[self.track_artists[songs]] = True
        return found

    @cached_property
    def repeated(self) -> Ints:
        """The tracks that are not alone in their work, ascending."""
        counts = np.bincount(self.works, minlength=len(self.works))
        return np.flatnonzero(counts[self.works] > 1).astype(np.int32)

    @cached_property
    def _column_of_tag(self) -> dict[str, int]:
        return {name: column for column, name in enumerate(self.tags)}

    def versions_of(self, tracks: Ints) -> Ints:
        """Return these tracks and every other version of their works, ascending."""
        return distinct(tracks, self.repeating(tracks))

    def repeating(self, tracks: Ints) -> Ints:
        """Return the versions of works that have several, as far as these tracks are of them."""
        return self.repeated[contained(self.works[self.repeated], distinct(self.works[tracks]))]

    def tracks_of(self, artist: int) -> Ints:
        """Return the track columns of an artist column, best known first."""
        return self.artist_tracks[self.artist_starts[artist] : self.artist_starts[artist + 1]]

    def crediting(self, artists: Ints) -> tuple[Ints, Ints]:
        """Return the artists and the tracks, as columns, that credit any of these artists."""
        others, tracks = (
            pairs[np.isin(pairs[:, 0], artists), 1] for pairs in (self.credited_artists, self.credited_tracks)
        )
        return others, tracks

    def subject(self, artist: int, track: int = -1) -> Subject:
        """Return the track of an artist, or the artist (track -1), by database ids instead of columns."""
        artist_id = int(self.artists.items.ids[artist])
        return Subject(artist_id, int(self.tracks.items.ids[track]) if track >= 0 else None)

    def columns(self, subjects: Sequence[Subject]) -> tuple[Ids, Ids]:
        """Return each subject's artist column and track column, -1 for none."""
        artists = np.array([subject.artist_id for subject in subjects], dtype=np.int64)
        tracks = [-1 if subject.track_id is None else subject.track_id for subject in subjects]
        on_tracks = self.tracks.items.columns(np.array(tracks, dtype=np.int64))
        return self.artists.items.columns(artists), on_tracks

    def subjects(self, artists: Ints, tracks: Ints) -> list[Subject]:
        """Return many at once."""
        artist_ids = self.artists.items.ids[artists].tolist()
        ids = self.tracks.items.ids
        track_ids = [int(ids[track]) if track >= 0 else None for track in tracks.tolist()]
        return [Subject(*pair) for pair in zip(artist_ids, track_ids, strict=True)]

    def tag_columns(self, names: tuple[str, ...]) -> tuple[int, ...]:
        """Return the column of each tag, -1 for one that is newer than the snapshot.

        Of two with one name it is the last: "1990s" is when a song came out, not what some people call it.
        """
        return tuple(self._column_of_tag.get(name, -1) for name in names)

    def worked_out(self) -> "Snapshot":
        """Work out now what follows from it alone, so that the first who asks need not wait; return it."""
        self.artists.worked_out()
        self.tracks.worked_out()
        for name in _WORKED_OUT:
            getattr(self, name)
        return self

    def figures(self) -> dict[str, Any]:
        """Return what it was made of, as numbers for a person."""
        return {
            "version": self.version,
            "created_at": self.created_at,
            "events": self.cursor,
            "artists": len(self.artists.items),
            "tracks": len(self.tracks.items),
            "listeners": len(np.union1d(self.artists.listening.users.ids, self.tracks.listening.users.ids)),
            "artist_weights": int(self.artists.listening.user_items.nnz),
            "track_weights": int(self.tracks.listening.user_items.nnz),
            "tags": len(self.tags),
            **{name: figure for one in self.tracks.scorers for name, figure in one.figures().items()},
            **{
                f"artists_{name}": figure
                for one in self.artists.scorers
                for name, figure in one.figures().items()
            },
            **({} if self.next_song is None else {"next_song": self.next_song.figures()}),
            "learner": {
                name: vars(getattr(self, name).user_model.settings) for name in ("artists", "tracks")
            },
        }

    def only_by(self, facet: Facet) -> "Snapshot":
        """Return the snapshot with the opinions that go by one facet alone; "" leaves all of them."""
        if not facet:
            return self
        narrow = replace(self, artists=self.artists.only_by(facet), tracks=self.tracks.only_by(facet))
        # What no opinion changes is not worked out again for every ask: of a million songs that takes 10 ms.
        vars(narrow).update({name: getattr(self, name) for name in _WORKED_OUT})
        return narrow


_WORKED_OUT = ("eligible_artists", "families", "feelings", "repeated")

CARRIES = 0.1  # a tag counts as carried from this share of the item's strongest tag on


def carries(axis: Axis, tags: tuple[int, ...]) -> Mask:
    """Tell for each item whether it carries all of these tag columns."""
    allowed = np.ones(len(axis.items), dtype=bool)
    for tag in tags:
        items, share = tag_shares(axis, tag)
        carrying = np.zeros(len(axis.items), dtype=bool)
        carrying[items[share >= CARRIES]] = True
        allowed &= carrying
    return allowed


def tag_shares(axis: Axis, tag: int) -> tuple[NDArray[np.intp], Floats]:
    """Return the items with that tag, and the tag's weight as a share of each one's strongest."""
    tags = axis.item_tags
    where = np.flatnonzero(tags.indices == tag)
    items = np.searchsorted(tags.indptr, where, side="right") - 1
    row, _, weights = entries(tags, items.astype(np.int32))
    strongest = np.maximum.reduceat(weights, np.searchsorted(row, np.arange(len(items)))) if len(items) else 1
    return items, (tags.data[where] / strongest).astype(np.float32)


def tags_of(snapshot: Snapshot, tracks: Ints, owners: Ints) -> Entries:
    """Return the candidates' tags: a song's own, or an artist's where no song is known (-1)."""
    with_song, alone = np.flatnonzero(tracks >= 0), np.flatnonzero(tracks < 0)
    songs = entries(snapshot.tracks.item_tags, tracks[with_song])
    artists = entries(snapshot.artists.item_tags, owners[alone])
    return Entries(
        np.concatenate([with_song[songs.row], alone[artists.row]]),
        np.concatenate([songs.column, artists.column]),
        np.concatenate([songs.data, artists.data]),
    )
