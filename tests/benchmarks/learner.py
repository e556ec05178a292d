"""What the learner costs and how true it is: `python tests/benchmarks/learner.py [LASTFM_2K [OBD]]`.

LASTFM_2K: the folder of HetRec 2011 Last.fm; OBD: that of the Open Bandit Data (men).  Newcomers are those of
`segue evaluate listeners`; each says what she thinks of twenty artists.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "recommender" / "bandit"))

from test_off_policy import open_bandit, served  # noqa: E402 - what the tests hold it to

from recommender import training  # noqa: E402
from recommender.bandit import off_policy  # noqa: E402
from recommender.bandit.arms import Arms, counterfactuals  # noqa: E402
from recommender.bandit.policy import POLICIES  # noqa: E402
from recommender.evaluation import listeners, readers  # noqa: E402
from recommender.pipeline.user_profile import UserProfile  # noqa: E402
from recommender.service import reactions  # noqa: E402
from recommender.slates import make_slate  # noqa: E402
from recommender.training.facts import read_facts  # noqa: E402
from recommender.types import Query  # noqa: E402
from storage.records import Kind, Subject  # noqa: E402
from storage.store import Store  # noqa: E402

NOW = 1_700_000_000
LIKES, DISLIKES, PEOPLE = 12, 8, 200
MORE = 80  # reactions, of which the cost is told as well


def main(arguments: list[str]) -> None:
    """Print every figure."""
    show("a slate of 5 of 1,000 songs with 3 reasons each, chosen", f"{1000 * choice():.2f} ms")
    show("the same with what every policy would have done", f"{1000 * choice(all_policies=True):.2f} ms")
    for n in (300, 1000):
        errors = [error(*served(n, seed)) for seed in range(200)]
        show(f"SNIPS, mean relative error at {n:,} simulated decisions", f"{np.mean(errors):.1%}")
    if arguments[1:]:
        estimate, truth = open_bandit(Path(arguments[1]))
        found = f"{estimate.value:.4f} ({estimate.low:.4f} to {estimate.high:.4f}), truth {truth:.4f}"
        show("Open Bandit Data, Bernoulli TS from the uniform log", found)
    if arguments:
        with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "l.db") as store:
            on_listeners(store, Path(arguments[0]))


def show(what: str, figure: str) -> None:
    """Print one line."""
    print(f"{what:<62} {figure}", flush=True)


def error(logged: off_policy.Logged, truth: float) -> float:
    """Return the relative error of SNIPS."""
    return abs(off_policy.snips(logged).value - truth) / truth


def choice(*, all_policies: bool = False) -> float:
    """Return the seconds that a choice takes, the median of 50."""
    rng = np.random.default_rng(0)
    features = rng.random((3000, 5)).astype(np.float32)
    arms = Arms(np.repeat(np.arange(1000), 3), np.tile(np.arange(3), 1000), features)
    spent = []
    for _ in range(50):
        began = time.perf_counter()
        rows, _ = POLICIES["bandit"].choose(features, 5, rng, groups=arms.candidate)
        if all_policies:
            counterfactuals(arms, rows, careful=False)
        spent.append(time.perf_counter() - began)
    return float(np.median(spent))


def on_listeners(store: Store, folder: Path) -> None:
    """Print what a belief costs, and how true reasons are to newcomers."""
    new = listeners.split(readers.read("lastfm-2k", folder), seed=0, people=PEOPLE)
    with store.db.atomic():
        town = listeners._settle(store, new, listeners.Behaviour(), 0)
    snapshot = training.fit(read_facts(store, now=NOW), seed=0, now=NOW)
    rng = np.random.default_rng(0)
    spent, later, captured, useless = [], [], [], 0
    for listener, has in zip(town.people, new.truth, strict=True):
        likes, rest = (rng.permutation(np.flatnonzero(these)).tolist() for these in (has, ~has))
        said = [(item, Kind.LIKE) for item in likes[:LIKES]]
        said += [(item, Kind.DISLIKE) for item in rest[:DISLIKES]]
        say(store, town, listener, said)
        query = Query(listener.user_id, 5, listener.community_id)
        slate = make_slate(store, snapshot, POLICIES["certain"], query, seed=0, now=NOW + 60)
        rows = store.profiles.rows(listener.user_id)
        whole, took = expected(snapshot, rows, query)
        spent.append(took)
        for impression in slate.impressions:
            if impression.explanation["kind"] != "because":
                continue
            at = snapshot.artists.items.column(impression.subject.artist_id)
            drops = {
                row.artist_id: whole[at] - expected(snapshot, [r for r in rows if r is not row], query)[0][at]
                for row in rows
                if row.verdict == Kind.LIKE
            }
            stated = drops[impression.explanation["cause"][0]]
            useless += bool(stated <= 0)
            captured.append(max(stated, 0) / max(drops.values()))
        say(store, town, listener, [(item, Kind.DISLIKE) for item in rest[DISLIKES : DISLIKES + MORE]])
        later.append(expected(snapshot, store.profiles.rows(listener.user_id), query)[1])
    for n, each in ((LIKES + DISLIKES, spent), (LIKES + DISLIKES + MORE, later)):
        reading, updating = 1000 * np.median(each, axis=0)
        show(f"an update: what is believed after {n} reactions", f"{updating:.2f} ms")
        show("before it: the profile's rows read, a change of taste looked for", f"{reading:.2f} ms")
    factors = snapshot.artists.user_model.prior.loadings.shape[1]
    size = 4 * factors * (factors + 3) // 2
    show("kept of a person's belief beside the reactions", "0 bytes")
    show(f"what a belief of {factors} factors would take", f"{size:,} bytes")
    show(f"'because you like X': of the largest drop, {len(captured)} reasons", f"{np.mean(captured):.1%}")
    show("the same: stated causes that did not help", f"{useless / len(captured):.1%}")


def say(store, town, listener, said):
    """Record what somebody says of some items, a second after each other."""
    with store.db.atomic():
        for second, (item, kind) in enumerate(said):
            key, subject = f"{listener.user_id}/{item}", Subject(int(town.artists[item]))
            reactions.record(store, listener, subject, kind, key=key, now=NOW + second)


def expected(snapshot, rows, query):
    """Return what is expected of every artist given these rows, and how long each half took."""
    began = time.perf_counter()
    request = UserProfile.read(rows).request(snapshot, query, NOW + 60)
    model = snapshot.artists.user_model
    read = time.perf_counter()
    belief = model.posterior(request.artists, request.artist_recency)
    took = read - began, time.perf_counter() - read
    return model.means(belief, request.artists.community), took


if __name__ == "__main__":
    main(sys.argv[1:])
