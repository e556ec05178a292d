"""Simulated users: new users meet the product, see one item at a time and react truthfully.

A random fifth of the users is new; all others are known, and the only training data. An item takes part with
at least 5 known users, a new user with at least 10 such items. Each round shows a new user one unseen item,
through the service's own code: facts in a separate database, the trained snapshot, `pipeline.answer`,
`service.reactions`. The user likes the items in their history and dislikes all others.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender import training
from recommender.arrays import Ints, Mask
from recommender.bandit.policy import Policy
from recommender.errors import EvaluationError, NothingToDo
from recommender.evaluation.interactions import Interactions
from recommender.service import reactions
from recommender.slates import make_slate
from recommender.snapshot import Snapshot
from recommender.snapshot.eligibility import Eligibility
from recommender.training.facts import read_facts
from recommender.types import Listener, Query
from storage.records import Account, Community, Event, Kind, Subject
from storage.store import Store

Place = Literal["friends", "none", "strangers"]

_NEW_SHARE, LEAST_ITEMS, _LEAST_LISTENERS = 0.2, 10, 5
START = 1_700_000_000  # seconds since 1970
_PACE = 30  # seconds between two items


@dataclass(frozen=True)
class Behaviour:
    """Deviations of the new users from the ideal; `segue evaluate listeners --help` explains each."""

    community: Place = "friends"
    rounds: int = 100
    answered: float = 1.0  # share of the items that get a reaction
    wrong: float = 0.0  # share of the reactions that are inverted
    late: int = 0  # rounds until a reaction arrives
    backwards: bool = False  # late reactions arrive in blocks, newest first
    change: bool = False  # halfway everybody gets another new user's taste
    seeds: int = 0  # likes before the first item
    people: int | None = None  # maximum number of new users
    candidates: Literal["all", "rated"] = "all"  # what they may be shown
    like_from: float | None = None  # the least rating that is a like
    cold_place: bool = False  # the new users' friends are new as well, and come one after another
    small_server: bool = False  # twenty people have said a little; all else is bundled


class Newcomers(NamedTuple):
    """One split: K known and N new users over I items."""

    known: csr_matrix  # K x I: above 0 is a like, below 0 a dislike
    truth: Mask  # N x I: items that they like
    friends: csr_matrix  # N x K: their friends
    rated: Mask | None = None  # N x I: items that they may be shown; None: all
    drawn: NDArray[np.int64] = np.zeros(0, dtype=np.int64)  # N: their places among all that are new
    places: list[list[int]] | None = (
        None  # new users of each new place, in order of arrival; None: all at once
    )


class Met(NamedTuple):
    """Results of N new users over the rounds."""

    liked: Mask  # N x rounds: whether the shown item is in the history; False if none was left
    most: NDArray[np.int64]  # N: number of items to find


def drawn(users: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of the new users and of the known ones."""
    order = np.random.default_rng(seed).permutation(users)
    cut = int(_NEW_SHARE * users)
    return order[:cut], order[cut:]


def split(data: Interactions, *, seed: int, people: int | None = None) -> Newcomers:
    """Draw the new users."""
    has = csr_matrix(data.user_items > 0, dtype=np.float32)
    new, known = drawn(has.shape[0], seed)
    items = np.flatnonzero(np.bincount(has[known].indices, minlength=has.shape[1]) >= _LEAST_LISTENERS)
    truth = has[new][:, items].toarray() > 0
    enough = np.flatnonzero(truth.sum(axis=1) >= LEAST_ITEMS)[:people]
    if not len(enough):
        raise EvaluationError(f"Nobody new has {LEAST_ITEMS} items that {_LEAST_LISTENERS} others have.")
    friends = data.friends[new[enough]][:, known]
    return Newcomers(has[known][:, items], truth[enough], friends, drawn=enough)


def meet(
    newcomers: Newcomers, policy: Policy, behaviour: Behaviour, *, seed: int, watch: Callable[[str], None]
) -> Met:
    """Train on the known users and simulate the new ones; `watch` is called every round."""
    with TemporaryDirectory(prefix="segue-") as folder, Store.open(Path(folder) / "listeners.db") as store:
        with store.db.atomic():
            town = _settle(store, newcomers, behaviour, seed)
        watch("training")
        facts = read_facts(store, now=START)
        snapshot = training.fit(facts, seed=seed, now=START)
        return Meeting(store, snapshot, policy, newcomers, town, behaviour, seed).run(watch)


class Town(NamedTuple):
    """Database ids of the simulation; item columns are artists."""

    artists: Ints  # per item
    people: list[Listener]  # per new user


def _settle(store: Store, newcomers: Newcomers, behaviour: Behaviour, seed: int) -> Town:
    """Store items, known users, new users and their communities in the database."""
    artists = np.array([store.music.ensure_artist(f"artist {i}") for i in range(newcomers.known.shape[1])])
    return settled(store, artists.astype(np.int32), newcomers, behaviour, seed)


def settled(store: Store, artists: Ints, newcomers: Newcomers, behaviour: Behaviour, seed: int) -> Town:
    """Store known users, new users and their communities; `artists`: the id of each item."""
    users = []
    for row in range(newcomers.known.shape[0]):
        user = store.people.ensure(Account("study", f"known {row}", f"known {row}"), now=START)
        users.append(user)
        at = slice(newcomers.known.indptr[row], newcomers.known.indptr[row + 1])
        said = zip(newcomers.known.indices[at].tolist(), newcomers.known.data[at].tolist(), strict=True)
        for item, value in said:
            key, subject = f"{row}:{item}", Subject(int(artists[item]))
            kind = Kind.LIKE if value > 0 else Kind.DISLIKE
            store.log.append(Event(key, user, subject, kind, "study"), now=START)
    circles = _circles(newcomers.friends, behaviour.community, seed)
    rooms = list(range(len(circles)))  # the place of each new user
    for together in newcomers.places or []:
        for row in together:
            rooms[row] = together[0]
    people = []
    for row, circle in enumerate(circles):
        user = store.people.ensure(Account("study", f"new {row}", f"new {row}"), now=START)
        place = None
        if circle is not None:
            place = store.people.ensure_community(
                Community("study", f"place {rooms[row]}", "room", "a place")
            )
            for member in (user, *(users[known] for known in circle)):
                store.people.join(place, member, now=START)
        people.append(Listener(user, place, "study"))
    return Town(artists, people)


def _circles(friends: csr_matrix, kind: Place, seed: int) -> list[list[int] | None]:
    """Return each new user's known community members; strangers are as many as friends."""
    rng = np.random.default_rng([seed, 1])
    named = [friends.indices[a:b].tolist() for a, b in zip(friends.indptr, friends.indptr[1:], strict=False)]
    if kind == "none":
        return [None for _ in named]
    if kind == "friends":
        return [list(circle) for circle in named]
    return [rng.choice(friends.shape[1], len(circle), replace=False).tolist() for circle in named]


def _only(snapshot: Snapshot, columns: NDArray[np.integer]) -> Snapshot:
    """Return the snapshot with these artist columns alone to be recommended."""
    axis = snapshot.artists
    listed = np.zeros(len(axis.items), dtype=bool)
    listed[columns] = True
    nobody = np.zeros(len(listed), dtype=np.int32)
    shown = Eligibility(listed, nobody, 0 * axis.eligibility.members)
    return replace(snapshot, artists=replace(axis, eligibility=shown))


class _Said(NamedTuple):
    """A pending reaction."""

    round: int
    row: int  # of the new user
    slate_id: int
    kind: Kind


class Meeting:
    """The rounds of one split."""

    def __init__(
        self,
        store: Store,
        snapshot: Snapshot,
        policy: Policy,
        newcomers: Newcomers,
        town: Town,
        behaviour: Behaviour,
        seed: int,
    ) -> None:
        """Take the `town` that is stored, and the `snapshot` that is learned from it."""
        self.store, self.policy, self.town = store, policy, town
        self.truth, self.behaviour, self.seed = newcomers.truth, behaviour, seed
        self.snapshots = [snapshot] * len(self.truth)
        if newcomers.rated is not None:
            columns = snapshot.artists.items.columns(town.artists.astype(np.int64))
            self.snapshots = [_only(snapshot, columns[rated]) for rated in newcomers.rated]
        self.rng = np.random.default_rng([seed, 2])
        self.column = {int(artist): item for item, artist in enumerate(town.artists.tolist())}
        self.waiting: list[_Said] = []
        self.start = START
        every = [[row] for row in range(len(self.truth))] if newcomers.places is None else newcomers.places
        self.waves = [[row for row in wave if row is not None] for wave in zip_longest(*every)]

    def run(self, watch: Callable[[str], None]) -> Met:
        """Run all rounds."""
        truth, rounds = self.truth, self.behaviour.rounds
        liked = np.zeros((len(truth), rounds), dtype=bool)
        self._seed()
        for wave in self.waves:
            truth = self.truth
            for turn in range(rounds):
                watch(f"round {turn + 1}")
                if self.behaviour.change and turn == rounds // 2:
                    truth = np.roll(truth, 1, axis=0)
                # One commit for all: choices are measured, not disk speed.
                with self.store.db.atomic():
                    for row in wave:
                        liked[row, turn] = self._show(row, turn, truth[row])
                    self._deliver(turn)
            self.start += _PACE * (rounds + 1)
            self.waiting.clear()
        return Met(liked, truth.sum(axis=1))

    def _seed(self) -> None:
        """Let every new user like a few items first, as /start asks."""
        with self.store.db.atomic():
            for row, has in enumerate(self.truth):
                chosen = self.rng.choice(np.flatnonzero(has), self.behaviour.seeds, replace=False)
                for item in chosen.tolist():
                    subject, key = Subject(int(self.town.artists[item])), f"seed {row}:{item}"
                    someone = self.town.people[row]
                    reactions.record(self.store, someone, subject, Kind.LIKE, key=key, now=START)

    def _show(self, row: int, turn: int, truth: NDArray[np.bool_]) -> bool:
        """Show one item; return whether the user likes it."""
        someone, now = self.town.people[row], self.start + _PACE * (turn + 1)
        query = Query(someone.user_id, 1, someone.community_id)
        seed = int(np.random.default_rng([self.seed, row, turn]).integers(2**62))
        try:
            slate = make_slate(self.store, self.snapshots[row], self.policy, query, seed=seed, now=now)
        except NothingToDo:
            return False
        slate = self.store.slates.add(slate)
        if slate.id is None:
            raise ValueError("a stored slate has an id")
        self.store.slates.stamp_shown(slate.id, now=now)
        likes = bool(truth[self.column[slate.impressions[0].subject.artist_id]])
        if self.rng.random() < self.behaviour.answered:
            means = likes != (self.rng.random() < self.behaviour.wrong)
            self.waiting.append(_Said(turn, row, slate.id, Kind.LIKE if means else Kind.DISLIKE))
        return likes

    def _deliver(self, turn: int) -> None:
        """Deliver the reactions that are due."""
        late, backwards = self.behaviour.late, self.behaviour.backwards
        if backwards and late and (turn + 1) % late:
            return
        due = [said for said in self.waiting if backwards or said.round <= turn - late]
        self.waiting = self.waiting[len(due) :]  # in order of the rounds
        for said in reversed(due) if backwards else due:
            someone, key = self.town.people[said.row], f"press {said.slate_id}"
            now = self.start + _PACE * (turn + 1)
            reactions.press(self.store, someone, said.slate_id, 0, said.kind, key=key, now=now)


def report(met: list[Met], policy: str, behaviour: Behaviour) -> dict[str, object]:
    """Return the rates over the first 5, 20, 100 and 500 rounds, as far as run, and more.

    `first_like` is the mean rank of the first like, from 1; a user without a like counts with one round
    more than there were. `se` are standard errors over users. `after_change`: rates per ten rounds, two
    before the change and up to four after it.
    """
    liked = np.concatenate([each.liked for each in met])
    rounds = liked.shape[1]
    first = np.where(liked.any(axis=1), liked.argmax(axis=1) + 1, rounds + 1)
    figures: dict[str, object] = {}
    errors: dict[str, float] = {}
    for n in (n for n in (5, 20, 100, 500) if n <= rounds):
        rates = liked[:, :n].mean(axis=1)
        figures[f"rate@{n}"] = _rounded(rates.mean())
        errors[f"rate@{n}"] = _rounded(rates.std(ddof=1) / np.sqrt(len(rates)))
    figures["first_like"] = _rounded(first.mean())
    figures |= {"se": errors, "policy": policy, "listeners": len(liked), "splits": len(met)}
    figures["behaviour"] = vars(behaviour)
    if behaviour.change:
        middle = rounds // 2
        spans = [liked[:, max(middle + 10 * k, 0) : middle + 10 * k + 10] for k in range(-2, 4)]
        figures["after_change"] = [_rounded(span.mean()) for span in spans if span.size]
    most = np.concatenate([each.most for each in met])
    possible = np.minimum(np.arange(1, rounds + 1), most[:, None]).mean(axis=0)
    figures["regret"] = [_rounded(x) for x in possible - liked.cumsum(axis=1).mean(axis=0)]
    return figures


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
