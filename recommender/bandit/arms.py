"""Arms: the choices of a learning policy, each a track with an explanation and an expected reward.

An arm pairs a candidate with a kind of explanation, as in McInerney et al., "Explore, exploit, and explain:
personalizing explainable recommendations with bandits", RecSys 2018. Only true explanations become arms.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats, Rows
from recommender.bandit.policy import POLICIES, Policy
from recommender.bandit.posterior import Posteriors
from recommender.explain import SMALLEST_CROWD, because, crowd, shared_traits
from recommender.explain.shared_traits import SongColumns
from recommender.linalg import summed
from recommender.request import Candidates, Request
from recommender.scorers import Profile
from recommender.snapshot import Axis, Snapshot, tags_of
from recommender.types import Explanation
from recommender.user_model.reward_model import ABOUT, SAID
from storage.records import Subject

SURELY = 2.0
"""Weight from which on a user surely likes an artist; a single like weighs 4."""

NEW_HERE_MIN_MEMBERS = 10
"""Minimum number of members with a known taste for anything to be called new in a community."""
NEW_HERE_MAX_SHARE = 0.05
"""An artist liked by at most this share of a community is new there."""
NEW_ANYWHERE_MAX_SHARE = 0.01
"""An artist liked by at most this share of all users is new, outside a community."""

_FAME, _EXPERIENCE = 10.0, 5.0  # typical maxima of log(1 + users), log(1 + known items)


class Arms(NamedTuple):
    """A arms over K candidates, as rows of equal length."""

    candidate: Rows  # A: candidate row; arms of one track share it
    said: NDArray[np.intp]  # A: index into `SAID`
    features: Floats  # A x (1 + len(ABOUT)): the expected reward, and its inputs

    def seen_by(self, policy: Policy) -> Floats:
        """Return the features with the policy's criterion first: the expected reward, or the fused score."""
        return self.features if policy.learns else self.features[:, [1 + ABOUT.index("fused")]]


class ArmBuilder:
    """Builds the arms of one request from its candidates and the user's posteriors."""

    def __init__(self, snapshot: Snapshot, request: Request, posteriors: Posteriors) -> None:
        """Take `posteriors` of the same request."""
        self.snapshot, self.request = snapshot, request
        self._songs, self._artists = posteriors
        self._liked = shared_traits.liked(snapshot, request)

    def ranked(self, candidates: Candidates) -> Candidates:
        """Set `expected`, the reward without an explanation, and return the candidates best first."""
        about = self._about(candidates)
        unsaid = np.full(len(about), SAID.index("start"))
        expected = self.snapshot.reward_model.expected(about, unsaid) * self._fits_now(candidates)
        candidates = candidates._replace(expected=expected.astype(np.float32))
        return candidates.some(np.argsort(-candidates.expected, kind="stable"))

    def arms(self, candidates: Candidates) -> Arms:
        """Return every candidate with each true kind of explanation."""
        candidate, said = np.nonzero(self._true(candidates))
        about = self._about(candidates)[candidate]
        expected = self.snapshot.reward_model.expected(about, said) * self._fits_now(candidates)[candidate]
        return Arms(candidate, said, np.column_stack([expected, about]).astype(np.float32))

    def subject(self, arms: Arms, arm: int, candidates: Candidates) -> Subject:
        """Return the track of an arm."""
        row = arms.candidate[arm]
        return self.snapshot.subject(int(candidates.artists[row]), int(candidates.tracks[row]))

    def explanation(self, arms: Arms, arm: int, candidates: Candidates) -> Explanation:
        """Return the arm's explanation, worded for its track."""
        row, kind = int(arms.candidate[arm]), SAID[arms.said[arm]]
        track, artist = int(candidates.tracks[row]), int(candidates.artists[row])
        match kind:
            case "because":
                return self._because(artist, track)
            case "artist":
                return Explanation("artist", self.snapshot.subject(artist))
            case "mood" | "tempo":
                return self._like(
                    SongColumns(candidates.tracks[row : row + 1], candidates.artists[row : row + 1]), kind
                )
            case "tags":
                return Explanation("tags", tags=tuple(self.snapshot.tags[t] for t in self.request.wishes))
            case "community" | "popular":
                found = crowd(self.snapshot, (self.request.artists, self.request.tracks), artist, track, kind)
                return found or Explanation("start")
        return Explanation(kind)

    def _because(self, artist: int, track: int) -> Explanation:
        """Return the like that raises the expected reaction most, on either axis."""
        posteriors = ((self._songs, track, "tracks"), (self._artists, artist, "artists"))
        reasons = [(one.because_of(item), one, name) for one, item, name in posteriors if one and item >= 0]
        reason, posterior, name = max(reasons, key=lambda found: found[0].drop)
        return because(self.snapshot, posterior.axis, reason, artist, track, f"{name}.belief")

    def _like(self, song: SongColumns, kind: Literal["mood", "tempo"]) -> Explanation:
        """Return the liked item that shares the mood or tempo of this track."""
        find = shared_traits.of_mood if kind == "mood" else shared_traits.of_tempo
        matches = find(self.snapshot, song, self._liked)
        nearest = SongColumns(*(part[matches.which] for part in self._liked))
        cause = self.snapshot.subject(int(nearest.artists[0]), int(nearest.tracks[0]))
        if kind == "mood":
            return Explanation("mood", cause, shared_traits.shared_moods(self.snapshot, song, nearest))
        return Explanation("tempo", cause, count=round(float(self.snapshot.tempo[song.tracks[0]])))

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
        """Return K x len(ABOUT): the features of the candidates."""
        on_track = candidates.tracks >= 0
        reaction = np.zeros(len(candidates.tracks), dtype=np.float32)
        if self._artists is not None:
            reaction += self._artists.means(candidates.artists)
        if self._songs is not None:
            reaction[on_track] += self._songs.means(candidates.tracks[on_track])
        fame = np.log1p(self.snapshot.artists.people[candidates.artists]) / _FAME
        known = len(self.request.artists.items)
        experience = np.full(len(reaction), np.log1p(known) / _EXPERIENCE)
        # In the order of `ABOUT`.
        return np.column_stack([reaction, candidates.fused, fame, experience]).astype(np.float32)

    def _true(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return K x len(SAID): which kinds of explanation are true for which candidate."""
        on_track = np.flatnonzero(candidates.tracks >= 0)
        true = np.zeros((len(candidates.tracks), len(SAID)), dtype=bool)
        column = {kind: true[:, k] for k, kind in enumerate(SAID)}
        if self._artists is not None:
            column["because"] |= self._artists.falls(candidates.artists)
        if self._songs is not None:
            column["because"][on_track] |= self._songs.falls(candidates.tracks[on_track])
        column["community"] |= _members(self.snapshot.artists, self.request.artists)[candidates.artists]
        column["popular"] |= self.snapshot.artists.people[candidates.artists] >= SMALLEST_CROWD
        column["tags"] |= bool(self.request.wishes)
        songs = SongColumns(candidates.tracks, candidates.artists)
        loved = self.request.artists.items[self.request.artists.weights >= SURELY]
        column["artist"] |= (candidates.tracks >= 0) & np.isin(candidates.artists, loved)
        column["because"] &= ~column["artist"]  # the same, better said
        column["mood"] |= shared_traits.of_mood(self.snapshot, songs, self._liked).found
        column["tempo"] |= shared_traits.of_tempo(self.snapshot, songs, self._liked).found
        column["new"] |= _hardly_known(self.snapshot, self.request)[candidates.artists]
        column["start"] |= ~true.any(axis=1)
        return true


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


def _hardly_known(snapshot: Snapshot, request: Request) -> NDArray[np.bool_]:
    """Return a mask of the artists almost unknown in the community, or overall outside a community.

    In a small community nothing is called new, since that would reveal what its few members know.
    """
    axis, community = snapshot.artists, request.artists.community
    if request.query.community_id is None:
        return axis.people <= NEW_ANYWHERE_MAX_SHARE * len(axis.listening.users)
    if axis.community is None or (members := axis.community.around(community)) < NEW_HERE_MIN_MEMBERS:
        return np.zeros(len(axis.items), dtype=bool)
    here = np.zeros(len(axis.items))
    columns, counts = axis.community.row(community)
    here[columns] = counts
    return np.asarray(here <= NEW_HERE_MAX_SHARE * members)


def _members(axis: Axis, profile: Profile) -> NDArray[np.bool_]:
    """Return a mask of the items liked by enough members of the user's community to be mentioned."""
    enough = np.zeros(len(axis.items), dtype=bool)
    if axis.community is not None:
        items, counts = axis.community.row(profile.community)
        enough[items[counts >= SMALLEST_CROWD]] = True
    return enough
