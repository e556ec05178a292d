"""First run: how good a new server's first lists are, for listeners of a data set who name a few favourites.

Somebody installs Segue, names some artists or songs and judges the next list.  A database of its own is
filled with the bundled catalogue, learned from, and asked through the code that the service runs.  Hits are
artists on a list whom the listener has in the data set; what was named counts neither way.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender import training
from recommender.arrays import Floats, Ints
from recommender.bandit.policy import POLICIES
from recommender.errors import EvaluationError, NothingToDo
from recommender.evaluation.baseline_scorers.item_neighbours import ItemNeighbours
from recommender.evaluation.interactions import Interactions
from recommender.linalg import binary
from recommender.scorers import Profile, TrainingData
from recommender.scorers.content import Content
from recommender.service import reactions
from recommender.service.policies import DEFAULT
from recommender.slates import make_slate
from recommender.snapshot import Snapshot
from recommender.training.facts import read_facts
from recommender.types import Listener, Query
from storage.catalogue.related import RelatedArtists
from storage.imports import FriendRow, ListenRow, Reader, TaggingRow
from storage.ingest.importer import fill_starter, run_import
from storage.naming.text import fold
from storage.records import Account, Kind, Subject
from storage.rows import Row
from storage.store import Store
from storage.writer import Writer

NAMED = (0, 1, 3, 5)
SIZES = (5, 10)
KINDS: tuple[Literal["artists", "songs"], ...] = ("artists", "songs")
_LEAST_ARTISTS = 10  # of a listener that the catalogue knows
_START = 1_700_000_000  # seconds since 1970

Watch = Callable[[str], None]


@dataclass(frozen=True)
class Lists:
    """Lists of one length that one recommender gave to many people who named equally many."""

    share: NDArray[np.float64]  # per person, hits among the artists on the list
    different: int  # artists on any of the lists

    def figures(self) -> dict[str, float]:
        """Return the mean share of hits with its standard error, the share of lists with a hit, and more."""
        error = self.share.std(ddof=1) / np.sqrt(len(self.share)) if len(self.share) > 1 else 0.0
        return {
            "share": float(self.share.mean()),
            "se": float(error),
            "any": float((self.share > 0).mean()),
            "different": self.different,
        }


Results = dict[tuple[int, str, int], Lists]
"""By how many were named, the recommender, and the length of the list."""


class FirstRunUser(NamedTuple):
    """A listener of the data set."""

    row: int  # of the data set
    favourites: tuple[int, ...]  # ids of artists of the catalogue, in the order in which they are named
    truth: frozenset[int]  # ids of all artists in the database whom the listener has


class _Others:
    """A reader without what is said of some users."""

    def __init__(self, reader: Reader, without: frozenset[str]) -> None:
        self.source, self.platform = reader.source, reader.platform
        self._reader, self._without = reader, without

    def rows(self) -> Generator[Row, None, None]:
        """Yield the rows that say something of others, or of nobody."""
        for row in self._reader.rows():
            if isinstance(row, (ListenRow, TaggingRow)) and row.user in self._without:
                continue
            if isinstance(row, FriendRow) and self._without & {row.user, row.friend}:
                continue
            yield row

    def progress(self) -> float:
        return self._reader.progress()

    def digest(self) -> str:
        return self._reader.digest()


def meet(
    data: Interactions,
    starter: Path,
    *,
    people: int,
    seed: int,
    watch: Watch,
    others: Reader | None = None,
) -> Results:
    """Let at most `people` of a data set meet a new server; `watch` is told of every step.

    `others`: a reader of the same data set, to bring in what all others listen to first.
    """
    with TemporaryDirectory(prefix="segue-") as folder:
        path = Path(folder) / "first-run.db"
        with Writer(path) as writer:
            fill_starter(writer, starter)
            with Store.open(path, readonly=True) as store:
                drawn = _drawn(store, data, people, seed)
            if others is not None:
                watch("importing the others")
                names = frozenset(data.users[person.row] for person in drawn)
                run_import(writer, _Others(others, names))
        with Store.open(path) as store:
            watch("learning")
            snapshot = training.fit(read_facts(store, now=_START), seed=seed, now=_START)
            drawn = _with_truth(store, data, drawn)
            judge = _Judge(data, snapshot, drawn, artist_ids(store, data))
            results = judge.baselines(watch)
            for n in NAMED:
                for kind in KINDS:
                    watch(f"{n} {kind}")
                    with store.db.atomic():
                        asked = [_ask(store, snapshot, person, n, kind, seed) for person in drawn]
                    for size in SIZES:
                        lists = [of_size[size] for of_size in asked]
                        results[n, kind, size] = judge.judged(n, lists)
    return results


def artist_ids(store: Store, data: Interactions) -> Ints:
    """Return the artist's id per item of the data set, -1 where the database has none."""
    keys = [fold(name) for name in data.items]
    known = RelatedArtists(store.db).named(keys)
    return np.array([known.get(key, -1) for key in keys], dtype=np.int32)


def _drawn(store: Store, data: Interactions, people: int, seed: int) -> list[FirstRunUser]:
    """Return listeners with enough artists in the catalogue, and the order in which they name them."""
    rng = np.random.default_rng([seed, 0])
    ids, drawn = artist_ids(store, data), []
    with_songs = {artist for _, artist, *_ in store.music.track_rows()}
    for row in rng.permutation(len(data.users)).tolist():
        has = np.unique(ids[_items(data.user_items, row)])
        has = np.array([artist for artist in has.tolist() if artist in with_songs])
        if len(has) >= _LEAST_ARTISTS:
            drawn.append(FirstRunUser(row, tuple(rng.permutation(has).tolist()), frozenset()))
        if len(drawn) == people:
            break
    if not drawn:
        raise EvaluationError(f"Nobody there has {_LEAST_ARTISTS} artists whom the bundled catalogue knows.")
    return drawn


def _with_truth(store: Store, data: Interactions, drawn: list[FirstRunUser]) -> list[FirstRunUser]:
    ids = artist_ids(store, data)
    found = (set(ids[_items(data.user_items, person.row)].tolist()) - {-1} for person in drawn)
    return [person._replace(truth=frozenset(has)) for person, has in zip(drawn, found, strict=True)]


def _items(user_items: csr_matrix, row: int) -> Ints:
    found: Ints = user_items.indices[user_items.indptr[row] : user_items.indptr[row + 1]]
    return found


def _ask(
    store: Store, snapshot: Snapshot, person: FirstRunUser, n: int, kind: str, seed: int
) -> dict[int, list[int]]:
    """Let a new user like some artists, or a song of each, and ask; return the artists by length of list."""
    name = f"{person.row} {n} {kind}"
    user = store.people.ensure(Account("study", name, name), now=_START)
    rng = np.random.default_rng([seed, person.row])
    for artist in person.favourites[:n]:
        subject = Subject(artist)
        if kind == "songs":
            songs = snapshot.tracks_of(snapshot.artists.items.column(artist))
            subject = Subject(artist, int(snapshot.tracks.items.ids[rng.choice(songs)]))
        someone = Listener(user, None, "study")
        reactions.record(store, someone, subject, Kind.LIKE, key=f"{name} {artist}", now=_START)
    lists = {}
    for size in SIZES:
        query = Query(user, size)
        slate_seed = int(np.random.default_rng([seed, person.row, n, size]).integers(2**62))
        try:
            slate = make_slate(store, snapshot, POLICIES[DEFAULT], query, seed=slate_seed, now=_START + 1)
            lists[size] = [one.subject.artist_id for one in slate.impressions]
        except NothingToDo:
            lists[size] = []
    return lists


class _Judge:
    """What is true of some people, and what simple recommenders would have given them."""

    def __init__(self, data: Interactions, snapshot: Snapshot, people: list[FirstRunUser], ids: Ints) -> None:
        """Take `ids`, the artist of each item of the data set."""
        self._snapshot, self._people = snapshot, people
        self._columns = snapshot.artists.items.columns(ids.astype(np.int64))
        self._others = self._listening(data)

    def _listening(self, data: Interactions) -> csr_matrix:
        """Return other users of the data set x artists of the snapshot, 1 where the user has the artist."""
        rows = np.setdiff1d(np.arange(len(data.users)), [person.row for person in self._people])
        found = data.user_items[rows].tocoo()
        known = self._columns[found.col] >= 0
        places = (found.row[known], self._columns[found.col[known]])
        shape = (len(rows), len(self._snapshot.artists.items))
        return binary(csr_matrix((np.ones(len(places[0]), dtype=np.float32), places), shape=shape))

    def judged(self, n: int, lists: list[list[int]]) -> Lists:
        """Return how many of the artists on each list the person has; what was named is left out."""
        share, different = [], set()
        for person, artists in zip(self._people, lists, strict=True):
            said = list(dict.fromkeys(a for a in artists if a not in person.favourites[:n]))
            different.update(said)
            share.append(sum(artist in person.truth for artist in said) / len(said) if said else 0.0)
        return Lists(np.array(share), len(different))

    def baselines(self, watch: Watch) -> Results:
        """Return what simple recommenders give; popularity and item-kNN know what all others listen to."""
        results: Results = {}
        for name, score in self._recommenders(watch):
            for n in NAMED:
                ranked = [self._best(score, person.favourites[:n]) for person in self._people]
                for size in SIZES:
                    results[n, name, size] = self.judged(n, [artists[:size] for artists in ranked])
        return results

    def _recommenders(self, watch: Watch) -> Iterator[tuple[str, Callable[[Profile], Floats]]]:
        watch("baselines")
        axis = self._snapshot.artists
        fame = np.log1p(np.asarray(self._others.sum(axis=0)).ravel()).astype(np.float32)
        content = next(scorer for scorer in axis.scorers if isinstance(scorer, Content))
        nothing = np.zeros((len(fame), 0), dtype=np.float32)
        nobody = csr_matrix(np.zeros((0, self._others.shape[0]), dtype=np.float32))
        data = TrainingData(self._others, csr_matrix(nothing), nothing, nobody)
        neighbours = ItemNeighbours.fit(data, seed=0)
        yield "popularity", lambda _: fame
        yield "tag cosine", lambda profile: np.nan_to_num(content.score(profile))
        yield "tag cosine x fame", lambda profile: np.nan_to_num(content.score(profile)) * fame
        yield "item-kNN of the others", lambda profile: np.nan_to_num(neighbours.score(profile))

    def _best(self, score: Callable[[Profile], Floats], named: tuple[int, ...]) -> list[int]:
        items = self._snapshot.artists.items
        columns = np.sort(items.columns(np.array(named, dtype=np.int64))).astype(np.int32)
        scores = score(Profile(columns, np.ones(len(columns), dtype=np.float32))).copy()
        scores[columns] = -np.inf
        best = np.argsort(-scores, kind="stable")[: max(SIZES)]
        return [int(ident) for ident in items.ids[best]]


def report(results: Results) -> dict[str, Any]:
    """Return {"named": {"3": {"songs@5": hit share, ..., "se": {...}, "any": {...}, "different": {...}}}}."""
    named: dict[str, dict[str, Any]] = {}
    for (n, name, size), lists in results.items():
        row = named.setdefault(str(n), {"se": {}, "any": {}, "different": {}})
        figures, key = lists.figures(), f"{name}@{size}"
        row[key] = round(figures["share"], 4)
        row["se"][key] = round(figures["se"], 4)
        row["any"][key] = round(figures["any"], 4)
        row["different"][key] = figures["different"]
    return {"named": named}
