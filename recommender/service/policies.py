"""Policies in service: the running one, off-policy comparison with a candidate, and promotion by rule."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from recommender.bandit import off_policy
from recommender.bandit.off_policy import Logged, ValueEstimate, Verdict
from recommender.bandit.policy import POLICIES, Policy
from recommender.errors import NothingToDo, NotKnown
from storage.listening.decisions import Decision, Decisions
from storage.store import Store
from storage.work import RunsWork

T = TypeVar("T")

DEFAULT = "bandit"
_RUNNING, _BEFORE = "policy", "policy_before"


@dataclass(frozen=True, slots=True)
class PolicyComparison:
    """Estimated value of a candidate policy on the running policy's decisions."""

    candidate: str
    decisions: int  # those with a reaction
    effective: float  # effective sample size
    earned: ValueEstimate | None  # value of the running policy; None without decisions
    estimates: dict[str, ValueEstimate]  # by estimator
    verdict: Verdict


class Promotion:
    """Verbs on policies: `music.promotion`."""

    def __init__(self, read: RunsWork, write: RunsWork, default: str) -> None:
        """`read` and `write` run work on the service's threads; `default` runs until another is promoted."""
        self._read = read
        self._write = write
        self._default = default

    def policy(self, store: Store) -> Policy:
        """Return the running policy; read on each request, since another process may promote one."""
        return POLICIES[self._running(store)]

    async def running(self) -> str:
        """Return the running policy's name."""
        return await self._read(self._running)

    async def compare(self, candidate: str) -> PolicyComparison:
        """Return the off-policy estimates of a candidate; raise `NotKnown` for an unknown policy."""
        if candidate not in POLICIES:
            raise NotKnown(f"There is no policy {candidate}; choose one of {', '.join(POLICIES)}.")
        return await self._read(lambda store: compare(store, candidate, self._running(store)))

    async def promote(self, candidate: str) -> PolicyComparison:
        """Promote a candidate if the rule allows it; the verdict says whether it did."""
        found = await self.compare(candidate)
        if found.verdict.promote:

            def promoted(store: Store) -> None:
                store.people.set_setting("app", 0, _BEFORE, self._running(store))
                store.people.set_setting("app", 0, _RUNNING, candidate)

            await self._write(promoted)
        return found

    async def roll_back(self) -> str:
        """Revert the last promotion; return the name of the policy that runs again."""

        def rolled(store: Store) -> str:
            before = store.people.setting("app", 0, _BEFORE)
            if before not in POLICIES:
                raise NothingToDo("No policy has been promoted: there is nothing to go back to.")
            store.people.set_setting("app", 0, _BEFORE, self._running(store))
            store.people.set_setting("app", 0, _RUNNING, before)
            return before

        return await self._write(rolled)

    def _running(self, store: Store) -> str:
        promoted = store.people.setting("app", 0, _RUNNING)
        return promoted if promoted in POLICIES else self._default


def compare(store: Store, candidate: str, running: str = DEFAULT) -> PolicyComparison:
    """Return off-policy estimates of a candidate, from the decisions of the `running` policy alone."""
    name = f"odds.{candidate}"
    told = [d for d in Decisions(store.db).reacted() if name in d.features and d.policy == running]
    logged = _logged(told, name)
    if not told:
        return PolicyComparison(candidate, 0, 0.0, None, {}, off_policy.verdict(logged))
    expected, value = _column(told, "expected"), _column(told, f"value.{candidate}")
    estimates = {
        "IPS": off_policy.ips(logged),
        "clipped IPS": off_policy.clipped_ips(logged),
        "SNIPS": off_policy.snips(logged),
        "DR": off_policy.doubly_robust(logged, expected, value),
    }
    earned, size = off_policy.on_policy(logged), off_policy.effective(logged)
    return PolicyComparison(candidate, len(told), size, earned, estimates, off_policy.verdict(logged))


def _logged(told: list[Decision], name: str) -> Logged:
    return Logged(
        np.array([d.reward for d in told], dtype=np.float64),
        np.array([d.propensity for d in told], dtype=np.float64),
        _column(told, name),
        np.array([d.user_id for d in told], dtype=np.int64),
    )


def _column(told: list[Decision], name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([d.features[name] for d in told], dtype=np.float64)
