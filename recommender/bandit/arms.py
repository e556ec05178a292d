"""Arms: the choices of a learning policy, each a track with an explanation and an expected reward.

An arm pairs a candidate with a kind of explanation, as in McInerney et al., "Explore, exploit, and explain:
personalizing explainable recommendations with bandits", RecSys 2018. Only true explanations become arms.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats, Ints, Mask, Rows
from recommender.bandit.policy import POLICIES, Policy
from recommender.bandit.posterior import AxisPosterior, Posteriors
from recommender.explain import SMALLEST_CROWD, because, crowd, shared_traits
from recommender.explain.shared_traits import SongColumns
from recommender.linalg import contained, summed
from recommender.request import Candidates, Request
from recommender.snapshot import Snapshot, tags_of
from recommender.types import Explanation
from recommender.user_model import Blamed
from recommender.user_model.reward_model import ABOUT, SAID, Said

_FAME, _EXPERIENCE = 10.0, 5.0  # typical maxima of log(1 + users), log(1 + known items)

SURELY = 2.0
"""Weight from which on a user surely likes an artist; a single like weighs 4."""

NEW_HERE_MIN_MEMBERS = 10
"""Minimum number of members with a known taste for anything to be called new in a community."""
NEW_HERE_MAX_SHARE = 0.05
"""An artist liked by at most this share of a community is new there."""
NEW_ANYWHERE_MAX_SHARE = 0.01
"""An artist liked by at most this share of all users is new, outside a community."""


class TrueReasons:
    """The true kinds of explanation of K candidates, with their causes."""

    def __init__(
        self,
        snapshot: Snapshot,
        request: Request,
        posteriors: tuple[AxisPosterior | None, AxisPosterior | None],
        candidates: Candidates,
    ) -> None:
        """Work out all of them; `posteriors` of songs and of artists."""
        self.snapshot, self.request = snapshot, request
        self._chosen = SongColumns(candidates.tracks, candidates.artists)
        self._liked = shared_traits.liked(snapshot, request)
        self._mood = shared_traits.of_mood(snapshot, self._chosen, self._liked)
        self._tempo = shared_traits.of_tempo(snapshot, self._chosen, self._liked)
        self._blamed = [
            self._blame(posterior, items)
            for posterior, items in zip(posteriors, self._chosen, strict=True)
            if posterior is not None
        ]
        self.true = self._true()

    def explanation(self, row: int, kind: Said) -> Explanation:
        """Return a candidate's explanation of one of its true kinds, worded for its track."""
        track, artist = (int(part[row]) for part in self._chosen)
        match kind:
            case "because":
                return self._because(row, artist, track)
            case "artist":
                return Explanation("artist", self.snapshot.subject(artist))
            case "mood" | "tempo":
                return self._like(row, kind)
            case "tags":
                return Explanation("tags", tags=tuple(self.snapshot.tags[t] for t in self.request.wishes))
            case "community" | "popular":
                found = crowd(self.snapshot, (self.request.artists, self.request.tracks), artist, track, kind)
                return found or Explanation("start")
        return Explanation(kind)

    def _blame(self, posterior: AxisPosterior, items: Ints) -> tuple[AxisPosterior, Blamed]:
        """Return the causes on one axis; a candidate that is none of its items (-1) has none."""
        there = np.flatnonzero(items >= 0)
        causes, drops = np.full(len(items), -1), np.zeros(len(items))
        causes[there], drops[there] = posterior.blamed(items[there])
        return posterior, Blamed(causes, drops)

    def _because(self, row: int, artist: int, track: int) -> Explanation:
        """Return the like that raises the expected reaction most, on either axis."""
        posterior, blamed = max(self._blamed, key=lambda found: found[1].drops[row])
        name = "artists" if posterior.axis is self.snapshot.artists else "tracks"
        return because(self.snapshot, posterior.axis, blamed.reason(row), artist, track, f"{name}.belief")

    def _like(self, row: int, kind: Literal["mood", "tempo"]) -> Explanation:
        """Return the liked item that shares the mood or tempo of a candidate."""
        at = (self._mood if kind == "mood" else self._tempo).which[row]
        nearest = SongColumns(*(part[at : at + 1] for part in self._liked))
        song = SongColumns(*(part[row : row + 1] for part in self._chosen))
        cause = self.snapshot.subject(int(nearest.artists[0]), int(nearest.tracks[0]))
        if kind == "mood":
            return Explanation("mood", cause, shared_traits.shared_moods(self.snapshot, song, nearest))
        return Explanation("tempo", cause, count=round(float(self.snapshot.tempo[song.tracks[0]])))

    def _true(self) -> NDArray[np.bool_]:
        """Return K x len(SAID): which kinds of explanation are true for which candidate."""
        tracks, artists = self._chosen
        true = np.zeros((len(tracks), len(SAID)), dtype=bool)
        column = {kind: true[:, k] for k, kind in enumerate(SAID)}
        for _, blamed in self._blamed:
            column["because"] |= blamed.drops > 0
        column["community"] |= _in_community(self.snapshot, self.request, artists)
        column["popular"] |= self.snapshot.artists.people[artists] >= SMALLEST_CROWD
        column["tags"] |= bool(self.request.wishes)
        loved = self.request.artists.items[self.request.artists.weights >= SURELY]
        column["artist"] |= (tracks >= 0) & contained(artists, loved)
        column["because"] &= ~column["artist"]  # the same, better said
        column["mood"] |= self._mood.found
        column["tempo"] |= self._tempo.found
        column["new"] |= _hardly_known(self.snapshot, self.request, artists)
        column["start"] |= ~true.any(axis=1)
        return true


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


def _hardly_known(snapshot: Snapshot, request: Request, artists: Ints) -> Mask:
    """Tell which artists are almost unknown in the community, or overall outside a community.

    In a small community nothing is called new, since that would reveal what its few members know.
    """
    axis, community = snapshot.artists, request.artists.community
    if request.query.community_id is None:
        return np.asarray(axis.people[artists] <= NEW_ANYWHERE_MAX_SHARE * len(axis.listening.users))
    if axis.community is None or (members := axis.community.around(community)) < NEW_HERE_MIN_MEMBERS:
        return np.zeros(len(artists), dtype=bool)
    return np.asarray(axis.community.counts(community, artists) <= NEW_HERE_MAX_SHARE * members)


def _in_community(snapshot: Snapshot, request: Request, artists: Ints) -> Mask:
    """Tell which artists are liked by enough members of the user's community to be mentioned."""
    counted = snapshot.artists.community
    if counted is None:
        return np.zeros(len(artists), dtype=bool)
    return np.asarray(counted.counts(request.artists.community, artists) >= SMALLEST_CROWD)
