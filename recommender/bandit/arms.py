"""What a learning policy chooses among: songs with the reason that would be given, and what each should earn.

An arm is a pair of a candidate and a kind of reason, as in McInerney et al., "Explore, exploit, and explain:
personalizing explainable recommendations with bandits", RecSys 2018.  Only reasons that are true become arms.
"""

from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Doubles, Floats, Rows
from recommender.bandit.policy import POLICIES, Policy
from recommender.bandit.posterior import Views
from recommender.explain import SMALLEST_CROWD, because, crowd, shared_traits
from recommender.explain.shared_traits import Music
from recommender.linalg import summed
from recommender.request import Candidates, Request, freshness
from recommender.scorers import Profile
from recommender.snapshot import Axis, Snapshot, tags_of
from recommender.types import Explanation
from recommender.user_model.reward_model import ABOUT, SAID
from storage.records import Subject

SURELY = 2.0
"""A weight from which on somebody likes an artist without doubt; a like alone weighs 4."""

LEAST_AROUND = 10
"""Of so many people whose taste is known here, hardly any may like what is called new here."""
HARDLY_ANY = 0.05
"""Their share."""
LITTLE_KNOWN = 0.01
"""Outside a place: the share of all listeners."""

_FAME, _EXPERIENCE = 10.0, 5.0  # about the largest values of log(1 + listeners), log(1 + known items)


class Arms(NamedTuple):
    """A arms over K candidates, as rows of equal length."""

    candidate: Rows  # A: row of the candidates; arms of one song share it
    said: NDArray[np.intp]  # A: index into `SAID`
    features: Floats  # A x (1 + len(ABOUT)): the expected reward, and what it is expected from

    def seen_by(self, policy: Policy) -> Floats:
        """Return the features with what `policy` goes by first: the expected reward, or the fused score."""
        return self.features if policy.learns else self.features[:, [1 + ABOUT.index("fused")]]


class Opinionated:
    """What is believed of the listener of one request, asked about many candidates."""

    def __init__(self, snapshot: Snapshot, request: Request, views: Views) -> None:
        """Take what is believed, in `views` of the same request."""
        self.snapshot, self.request = snapshot, request
        self._songs, self._artists = views
        self._liked = shared_traits.liked(snapshot, request)

    def ranked(self, candidates: Candidates) -> Candidates:
        """Return the candidates by what is expected of them, which becomes their first feature."""
        about = self._about(candidates)
        unsaid = np.full(len(about), SAID.index("start"))
        features = candidates.features.copy()
        features[:, 0] = self.snapshot.rewards.expected(about, unsaid) * self._fits_now(candidates)
        return candidates._replace(features=features).some(np.argsort(-features[:, 0], kind="stable"))

    def arms(self, candidates: Candidates) -> Arms:
        """Return every candidate with each kind of reason that is true of it."""
        candidate, said = np.nonzero(self._true(candidates))
        about = self._about(candidates)[candidate]
        expected = self.snapshot.rewards.expected(about, said) * self._fits_now(candidates)[candidate]
        return Arms(candidate, said, np.column_stack([expected, about]).astype(np.float32))

    def explanation(self, arms: Arms, arm: int, candidates: Candidates) -> Explanation:
        """Return the reason of that kind, worked out for this one song."""
        row, kind = int(arms.candidate[arm]), SAID[arms.said[arm]]
        track, artist = int(candidates.tracks[row]), int(candidates.artists[row])
        match kind:
            case "because":
                views = ((self._songs, track, "tracks"), (self._artists, artist, "artists"))
                reasons = [
                    (view.because_of(item), view, name)
                    for view, item, name in views
                    if view is not None and item >= 0
                ]
                reason, view, name = max(reasons, key=lambda found: found[0].drop)
                told = because(self.snapshot, view.axis, reason, artist, track)
                return replace(told, scorer=f"{name}.belief")
            case "artist":
                return Explanation("artist", _subject(self.snapshot, artist, -1))
            case "mood" | "tempo":
                return self._like(Music(*(part[row : row + 1] for part in candidates[:2])), kind)
            case "tags":
                return Explanation("tags", tags=tuple(self.snapshot.tags[t] for t in self.request.wishes))
            case "community" | "popular":
                found = crowd(self.snapshot, self.request.artists, self.request.tracks, artist, track, kind)
                return found or Explanation("start")
        return Explanation(kind)

    def _like(self, song: Music, kind: Literal["mood", "tempo"]) -> Explanation:
        """Return what is liked that has the mood or the tempo of this one song."""
        find = shared_traits.of_mood if kind == "mood" else shared_traits.of_tempo
        mates = find(self.snapshot, song, self._liked)
        mate = Music(*(part[mates.which] for part in self._liked))
        cause = _subject(self.snapshot, int(mate.artists[0]), int(mate.tracks[0]))
        if kind == "mood":
            return Explanation("mood", cause, shared_traits.shared_moods(self.snapshot, song, mate))
        return Explanation("tempo", cause, count=round(float(self.snapshot.tempo[song.tracks[0]])))

    def _fits_now(self, candidates: Candidates) -> Doubles:
        """Return what is left of each expectation, 0 to 1, of what was shown lately or is hardly asked for.

        To somebody who wants jazz, a song that is half as much jazz as anything else is worth a quarter:
        the square, or what is liked for other reasons would come first.
        """
        fits = freshness(self.request, candidates)
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
        """Return K x len(ABOUT)."""
        on_track = candidates.tracks >= 0
        belief = np.zeros(len(candidates.tracks), dtype=np.float32)
        if self._artists is not None:
            belief += self._artists.means(candidates.artists)
        if self._songs is not None:
            belief[on_track] += self._songs.means(candidates.tracks[on_track])
        fame = np.log1p(self.snapshot.artists.people[candidates.artists]) / _FAME
        known = len(self.request.artists.items)
        experience = np.full(len(belief), np.log1p(known) / _EXPERIENCE)
        # In the order of `ABOUT`.
        return np.column_stack([belief, candidates.features[:, 1], fame, experience]).astype(np.float32)

    def _true(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return K x len(SAID): which kinds of reason are true of which candidate."""
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
        songs = Music(candidates.tracks, candidates.artists)
        loved = self.request.artists.items[self.request.artists.weights >= SURELY]
        column["artist"] |= (candidates.tracks >= 0) & np.isin(candidates.artists, loved)
        column["because"] &= ~column["artist"]  # the same, said better
        column["mood"] |= shared_traits.of_mood(self.snapshot, songs, self._liked).found
        column["tempo"] |= shared_traits.of_tempo(self.snapshot, songs, self._liked).found
        column["new"] |= _hardly_known(self.snapshot, self.request)[candidates.artists]
        column["start"] |= ~true.any(axis=1)
        return true


def believed(snapshot: Snapshot, request: Request) -> bool:
    """Tell whether beliefs may order the answer: one person asks for herself, and there is a population."""
    alone = not request.query.seeds and not request.query.others
    return alone and (snapshot.artists.beliefs.known or snapshot.tracks.beliefs.known)


def compared(arms: Arms, rows: Rows, *, careful: bool) -> list[dict[str, float]]:
    """Return for each place what every policy would have done there: "odds.NAME" and "value.NAME"; "behind".

    Kept with the impression, so that the log can say later what another policy would have earned.
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
    """Return by how much each chosen song is expected to please less than the best that was left; 0: it was.

    What is behind was an experiment with the song, anything else at most one with the reason given for it.
    """
    best = np.full(int(arms.candidate.max(initial=-1)) + 1, -np.inf, dtype=np.float32)
    np.maximum.at(best, arms.candidate, arms.features[:, 0])
    found = []
    for song in arms.candidate[rows].tolist():
        found.append(float(best.max() - best[song]))
        best[song] = -np.inf
    return found


def _hardly_known(snapshot: Snapshot, request: Request) -> NDArray[np.bool_]:
    """Tell which artists hardly anybody of the place likes, or of all listeners where there is no place.

    Of a handful of people this is not said: nobody is to learn what the other one does not know.
    """
    axis, community = snapshot.artists, request.artists.community
    if request.query.community_id is None:
        return axis.people <= LITTLE_KNOWN * len(axis.listening.users)
    if axis.community is None or (members := axis.community.around(community)) < LEAST_AROUND:
        return np.zeros(len(axis.items), dtype=bool)
    here = np.zeros(len(axis.items))
    columns, counts = axis.community.row(community)
    here[columns] = counts
    return np.asarray(here <= HARDLY_ANY * members)


def _subject(snapshot: Snapshot, artist: int, track: int) -> Subject:
    ids = snapshot.artists.items.ids, snapshot.tracks.items.ids
    return Subject(int(ids[0][artist]), int(ids[1][track]) if track >= 0 else None)


def _members(axis: Axis, profile: Profile) -> NDArray[np.bool_]:
    """Tell which items enough people of the listener's place like for that to be said."""
    enough = np.zeros(len(axis.items), dtype=bool)
    if axis.community is not None:
        items, counts = axis.community.row(profile.community)
        enough[items[counts >= SMALLEST_CROWD]] = True
    return enough
