"""Arms: the choices of a learning policy, each a track with an explanation and an expected reward.

An arm pairs a candidate with a kind of explanation, as in McInerney et al., "Explore, exploit, and explain:
personalizing explainable recommendations with bandits", RecSys 2018. Only true explanations become arms.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats, Rows
from recommender.bandit.policy import POLICIES, Policy
from recommender.bandit.posterior import Posteriors
from recommender.bandit.true_reasons import TrueReasons
from recommender.linalg import summed
from recommender.request import Candidates, Request
from recommender.snapshot import Snapshot, tags_of
from recommender.types import Explanation
from recommender.user_model.reward_model import ABOUT, SAID

_FAME, _EXPERIENCE = 10.0, 5.0  # typical maxima of log(1 + users), log(1 + known items)


class Arms(NamedTuple):
    """A arms over K candidates, as rows of equal length."""

    candidate: Rows  # A: candidate row; arms of one track share it
    said: NDArray[np.intp]  # A: index into `SAID`
    features: Floats  # A x (1 + len(ABOUT)): the expected reward, and its inputs
    reasons: TrueReasons | None = None  # of the candidates

    def seen_by(self, policy: Policy) -> Floats:
        """Return the features with the policy's criterion first: the expected reward, or the fused score."""
        return self.features if policy.learns else self.features[:, [1 + ABOUT.index("fused")]]

    def explanation(self, arm: int) -> Explanation:
        """Return an arm's explanation."""
        if self.reasons is None:
            raise ValueError("These arms were made without reasons.")
        return self.reasons.explanation(int(self.candidate[arm]), SAID[self.said[arm]])


class ArmBuilder:
    """Builds the arms of one request from its candidates and the user's posteriors."""

    def __init__(self, snapshot: Snapshot, request: Request, posteriors: Posteriors) -> None:
        """Take `posteriors` of the same request."""
        self.snapshot, self.request = snapshot, request
        self._songs, self._artists = posteriors

    def ranked(self, candidates: Candidates) -> Candidates:
        """Set `expected`, the reward without an explanation, and `about`; return the best first."""
        about, fits = self._about(candidates), self._fits_now(candidates)
        unsaid = np.full(len(about), SAID.index("start"))
        expected = self.snapshot.reward_model.expected(about, unsaid) * fits
        columns = np.column_stack([about, fits]).astype(np.float32)
        candidates = candidates._replace(expected=expected.astype(np.float32), about=columns)
        return candidates.some(np.argsort(-candidates.expected, kind="stable"))

    def arms(self, candidates: Candidates) -> Arms:
        """Return every candidate, of those that were `ranked`, with each true kind of explanation."""
        if candidates.about is None:
            raise ValueError("Candidates become arms after they are ranked.")
        reasons = TrueReasons(self.snapshot, self.request, (self._songs, self._artists), candidates)
        candidate, said = np.nonzero(reasons.true)
        about = candidates.about[candidate]
        expected = self.snapshot.reward_model.expected(about[:, :-1], said) * about[:, -1]
        features = np.column_stack([expected, about[:, :-1]]).astype(np.float32)
        return Arms(candidate, said, features, reasons)

    def _fits_now(self, candidates: Candidates) -> Doubles:
        """Return each candidate's factor, 0 to 1: lower if shown lately or off the requested tags.

        If jazz is requested, a track with half the jazz of the best is worth a quarter: squared,
        since otherwise general likes would come first.
        """
        fits = self.request.freshness(candidates.tracks)
        if self.request.fits is not None:
            fits = fits * np.where(candidates.tracks >= 0, self.request.fits[candidates.tracks], 0.0) ** 2
        if not self.request.wishes:
            return fits
        tags = tags_of(self.snapshot, candidates.tracks, candidates.artists)
        strongest = np.full(len(fits), 1e-9)
        np.maximum.at(strongest, tags.row, tags.data)
        for wish in self.request.wishes:
            carried = summed(tags.row, np.where(tags.column == wish, tags.data, 0), len(fits))
            fits = fits * (carried / strongest) ** 2
        return fits

    def _about(self, candidates: Candidates) -> Floats:
        """Return K x len(ABOUT): the features of the candidates, in the order of `ABOUT`."""
        about = np.zeros((len(candidates.tracks), len(ABOUT)), dtype=np.float32)
        if self._artists is not None:
            about[:, 0] += self._artists.means(candidates.artists)
        if self._songs is not None:
            on_track = np.flatnonzero(candidates.tracks >= 0)
            about[on_track, 0] += self._songs.means(candidates.tracks[on_track])
        about[:, 1] = candidates.fused
        about[:, 2] = np.log1p(self.snapshot.artists.people[candidates.artists]) / _FAME
        about[:, 3] = np.log1p(len(self.request.artists.items)) / _EXPERIENCE
        return about


def counterfactuals(arms: Arms, rows: Rows, *, careful: bool) -> list[dict[str, float]]:
    """Return every policy's counterfactual per position: "odds.NAME", "value.NAME" and "behind".

    Logged with the impression for off-policy evaluation.
    """
    said = [{"behind": lag} for lag in _behind(arms, rows)]
    for name, policy in POLICIES.items():
        would = policy.would(
            arms.seen_by(policy), arms.features[:, 0], rows, groups=arms.candidate, careful=careful
        )
        for place, (odds, value) in enumerate(would):
            said[place] |= {f"odds.{name}": odds, f"value.{name}": value}
    return said


def _behind(arms: Arms, rows: Rows) -> list[float]:
    """Return each chosen track's expected reward behind the best remaining one; 0 for the best.

    Above 0 the track was an experiment; at 0 at most its explanation was.
    """
    best = np.full(int(arms.candidate.max(initial=-1)) + 1, -np.inf, dtype=np.float32)
    np.maximum.at(best, arms.candidate, arms.features[:, 0])
    found = []
    for song in arms.candidate[rows].tolist():
        found.append(float(best.max() - best[song]))
        best[song] = -np.inf
    return found
