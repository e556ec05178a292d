"""Small servers: newcomers of a place where twenty people have said a little, and all else is bundled.

Each draw is a database of its own: the bundled catalogue, with what is generally known of artists, and people
of a data set who like a few of their artists.  Each newcomer comes to a place with the same twenty.  Beside
Segue stand two simple orders of the same artists: by how many of the twenty like them, and by the scorer of
related artists alone, which learns from every reaction and goes by popularity until something is liked.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender import training
from recommender.arrays import Doubles, Ids, Ints, Mask
from recommender.bandit.policy import Policy
from recommender.errors import EvaluationError
from recommender.evaluation.first_run import artist_ids
from recommender.evaluation.interactions import Interactions
from recommender.evaluation.listeners import LEAST_ITEMS, START, Behaviour, Meeting, Met, Newcomers, settled
from recommender.pipeline.candidates import allowed
from recommender.scorers import Profile
from recommender.scorers.related import Related
from recommender.slates import request_of
from recommender.snapshot import Snapshot
from recommender.training.facts import read_facts
from recommender.types import Query
from storage.ingest.importer import fill_starter
from storage.store import Store
from storage.writer import Writer

MEMBERS, REACTIONS = 20, 15
_NEWCOMERS = 40  # per server, at most
_LIKE = 4.0  # weight of a like, and of a dislike below 0


class SmallServer(NamedTuple):
    """What N newcomers of one server liked of what they were shown, N x rounds, by three recommenders."""

    met: Met
    popularity: Mask
    related: Mask


def meet(
    data: Interactions,
    starter: Path,
    policy: Policy,
    behaviour: Behaviour,
    *,
    seed: int,
    watch: Callable[[str], None],
) -> SmallServer:
    """Draw a server and let newcomers meet it; `watch` is called every round."""
    with TemporaryDirectory(prefix="segue-") as folder:
        path = Path(folder) / "small.db"
        with Writer(path) as writer:
            fill_starter(writer, starter)
        with Store.open(path) as store:
            with store.db.atomic():
                artists, newcomers = _drawn(store, data, behaviour.people or _NEWCOMERS, seed)
                town = settled(store, artists, newcomers, behaviour, seed)
            watch("training")
            snapshot = training.fit(read_facts(store, now=START), seed=seed, now=START)
            someone = town.people[0]
            query = Query(someone.user_id, 1, someone.community_id)
            request, _ = request_of(store, snapshot, query, START)
            at = snapshot.artists.items.columns(artists.astype(np.int64))
            may = allowed(snapshot, request)[1][at]
            likes = np.asarray((newcomers.known > 0).sum(axis=0), dtype=np.float64).ravel()
            likes += np.random.default_rng([seed, 5]).random(len(likes))  # equals in random order
            order = np.flatnonzero(may)[np.argsort(-likes[may], kind="stable")]
            related = [_by_related(snapshot, at, order, has, behaviour.rounds) for has in newcomers.truth]
            met = Meeting(store, snapshot, policy, newcomers, town, behaviour, seed).run(watch)
            return SmallServer(met, newcomers.truth[:, order[: behaviour.rounds]], np.array(related))


def _drawn(store: Store, data: Interactions, people: int, seed: int) -> tuple[Ints, Newcomers]:
    """Return the ids of all artists in the database, and the members and newcomers of a server.

    Artists of the members who are not in the catalogue come in; newcomers have enough of all these.
    """
    rng = np.random.default_rng([seed, 4])
    rows = rng.permutation(len(data.users)).tolist()
    members = [row for row in rows if len(_has(data, row)) >= REACTIONS][:MEMBERS]
    liked = [rng.choice(_has(data, row), REACTIONS, replace=False) for row in members]
    for item in np.unique(np.concatenate([*liked, np.zeros(0, dtype=np.int32)])).tolist():
        store.music.ensure_artist(data.items[item])
    artists = np.array(sorted(store.music.all_artist_ids()), dtype=np.int32)
    place = np.searchsorted(artists, ids := artist_ids(store, data))
    place[ids < 0] = len(artists)  # nobody here has heard of them

    def marked(some: list[NDArray[np.integer]]) -> Mask:
        found = np.zeros((len(some), len(artists) + 1), dtype=bool)
        for row, items in zip(found, some, strict=True):
            row[place[items]] = True
        return found[:, :-1]

    others = np.setdiff1d(rows, members, assume_unique=True).tolist()
    truth = marked([_has(data, row) for row in others])
    truth = truth[truth.sum(axis=1) >= LEAST_ITEMS][:people]
    if len(members) < MEMBERS or not len(truth):
        raise EvaluationError(f"A server needs {MEMBERS} people of {REACTIONS} artists each, and newcomers.")
    known = csr_matrix(marked(liked), dtype=np.float32)
    friends = csr_matrix(np.ones((len(truth), MEMBERS), dtype=np.float32))
    return artists, Newcomers(known, truth, friends)


def _has(data: Interactions, row: int) -> Ints:
    found: Ints = data.user_items.indices[data.user_items.indptr[row] : data.user_items.indptr[row + 1]]
    return found


def _by_related(snapshot: Snapshot, at: Ids, order: NDArray[np.integer], truth: Mask, rounds: int) -> Mask:
    """Return what a newcomer likes of the best of related artists, one after the other.

    `at`: the column of each item. `order`: the items that may be shown, the most popular first.
    """
    scorer = next(each for each in snapshot.artists.scorers if isinstance(each, Related))
    liked = np.zeros(rounds, dtype=bool)
    shown: list[int] = []
    left = order
    for turn in range(min(rounds, len(order))):
        columns = at[np.array(shown, dtype=np.intp)]
        said = np.where(liked[:turn], _LIKE, -_LIKE).astype(np.float32)
        rows = np.argsort(columns)
        scores = scorer.score(Profile(columns[rows].astype(np.int32), said[rows]))
        best = int(np.argmax(np.nan_to_num(scores[at[left]], nan=-np.inf)))
        liked[turn] = truth[left[best]]
        shown.append(int(left[best]))
        left = np.delete(left, best)
    return liked


def compared(servers: list[SmallServer]) -> dict[str, dict[str, float]]:
    """Return the rates of all three, and how far Segue is above the better; standard errors over servers."""
    rates = {
        "Segue": _rates([each.met.liked for each in servers]),
        "popularity of the server": _rates([each.popularity for each in servers]),
        "related artists alone": _rates([each.related for each in servers]),
    }
    own, *others = rates.values()
    ahead = own - max(others, key=lambda values: float(values.mean()))
    return {name: _figure(values) for name, values in (rates | {"ahead": ahead}).items()}


def _rates(liked: list[Mask]) -> Doubles:
    return np.array([each.mean() for each in liked])


def _figure(values: Doubles) -> dict[str, float]:
    error = values.std(ddof=1) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return {"rate": round(float(values.mean()), 4), "se": round(float(error), 4)}
