"""Which policy runs, what the log says of another one, and the rule by which it may take over."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from recommender.bandit import off_policy
from recommender.bandit.off_policy import Logged, ValueEstimate, Verdict
from recommender.bandit.policy import POLICIES, Policy
from recommender.errors import NothingToDo, NotKnown
from storage.decisions import Decision, Decisions
from storage.store import Store

T = TypeVar("T")

DEFAULT = "bandit"
_RUNNING, _BEFORE = "policy", "policy_before"


class _Run(Protocol):
    def __call__(self, work: Callable[[Store], T], /) -> Awaitable[T]: ...


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a candidate would have earned in the places that the running policy filled."""

    candidate: str
    decisions: int  # with a reaction
    effective: float  # how many evenly weighted ones those are worth
    earned: ValueEstimate | None  # by the policy that ran; None without decisions
    estimates: dict[str, ValueEstimate]  # by estimator
    verdict: Verdict


class Promotion:
    """The verbs of the service on policies: `music.promotion`."""

    def __init__(self, read: _Run, write: _Run, default: str) -> None:
        """`read` and `write` run work on the threads of the service; `default` runs until one is promoted."""
        self._read = read
        self._write = write
        self._default = default

    def policy(self, store: Store) -> Policy:
        """Return the policy that runs; read at every ask, since another process may have promoted one."""
        return POLICIES[self._running(store)]

    async def running(self) -> str:
        """Return the name of the policy that runs."""
        return await self._read(self._running)

    async def compare(self, candidate: str) -> Comparison:
        """Return what the log says of a candidate; `NotKnown` if there is no such policy."""
        if candidate not in POLICIES:
            raise NotKnown(f"There is no policy {candidate}; choose one of {', '.join(POLICIES)}.")
        return await self._read(lambda store: compare(store, candidate, self._running(store)))

    async def promote(self, candidate: str) -> Comparison:
        """Let a candidate take over if the rule allows it; the verdict says whether it did."""
        found = await self.compare(candidate)
        if found.verdict.promote:

            def promoted(store: Store) -> None:
                store.people.set_setting("app", 0, _BEFORE, self._running(store))
                store.people.set_setting("app", 0, _RUNNING, candidate)

            await self._write(promoted)
        return found

    async def roll_back(self) -> str:
        """Let the policy before the last promotion run again; return its name."""

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


def compare(store: Store, candidate: str, running: str = DEFAULT) -> Comparison:
    """Return what the log says of a candidate, by the decisions of the policy that runs alone."""
    name = f"odds.{candidate}"
    told = [d for d in Decisions(store.db).reacted() if name in d.features and d.policy == running]
    logged = _logged(told, name)
    if not told:
        return Comparison(candidate, 0, 0.0, None, {}, off_policy.verdict(logged))
    expected, value = _column(told, "expected"), _column(told, f"value.{candidate}")
    estimates = {
        "IPS": off_policy.ips(logged),
        "clipped IPS": off_policy.clipped_ips(logged),
        "SNIPS": off_policy.snips(logged),
        "DR": off_policy.doubly_robust(logged, expected, value),
    }
    earned, size = off_policy.on_policy(logged), off_policy.effective(logged)
    return Comparison(candidate, len(told), size, earned, estimates, off_policy.verdict(logged))


def _logged(told: list[Decision], name: str) -> Logged:
    return Logged(
        np.array([d.reward for d in told], dtype=np.float64),
        np.array([d.propensity for d in told], dtype=np.float64),
        _column(told, name),
        np.array([d.user_id for d in told], dtype=np.int64),
    )


def _column(told: list[Decision], name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([d.features[name] for d in told], dtype=np.float64)
