"""The fit of an artist or a track to a query, from 0 to 100."""

import re
from collections.abc import Iterable, Mapping, Sequence
from heapq import nsmallest
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from storage.catalogue.vocabulary import slips
from storage.naming.text import fold, unstylised, words_of_key
from storage.records import Match, Subject
from storage.search.candidates import Candidate

# A result with a lower fit is noise.
_CUT_OFF = 72.0
# The maximum bonus for fame: it breaks ties, and never beats a better fit.
_FAME = 4.0
# While the user is still typing, the most popular completion comes first.
_FAME_TYPING = 12.0
# All words match, but only part of the name: the fit grows from here to 1 with the part's share.
_PART = 0.72
# A track of an artist named without a title: below the artist, above names that contain the word.
_SONG_OF_ARTIST = 0.96
# A track with the name of a better-known artist.
_NAMESAKE = 95.0
# The query differs from the name only by spaces, signs, brackets or "the"; or names another version.
_OTHERWISE_SPELT = 99.5
_VERSION = 99.0
_MAY_HAVE_ADDITION = re.compile(r"\s[-\u2013]|[(\[]")
_VERSION_OF = re.compile(r"\s+[-\u2013]\s.*")  # "(What A) Wonderful World - Remastered 2011"
_ADDITION = re.compile(r"\s+[-\u2013]\s.*|\s*[(\[].*")  # "Radioactive (feat. ...) - Live"

# For each query word: its length, and the similar words with their similarity (0 to 1).
_Alike = Sequence[tuple[int, Mapping[str, float]]]


class Wording(NamedTuple):
    """One reading of a query."""

    key: str
    words: tuple[str, ...]
    typing: bool = False  # the last word may be incomplete


class _Names(NamedTuple):
    """The possible names of a candidate, as keys."""

    artists: list[str]
    titles: list[str]  # empty for an artist
    words: list[str]
    squashed_artists: list[str]
    squashed_titles: list[str]

    def spoken(self) -> list[str]:
        """Return the full names that a query may use for it."""
        return _spoken(self.artists[0], self.titles) if self.titles else self.artists


class _Judged(NamedTuple):
    """A candidate's fit, and how its name matches the query."""

    candidate: Candidate
    fit: float  # 0 to 100
    exact: bool  # the query is the whole name
    version: bool  # the query is the whole name without an addition such as "- Remastered 2011"


class Ranking:
    """The candidates of one search, each scored once against all readings of the query."""

    def __init__(self, wordings: Sequence[Wording]) -> None:
        self._wordings = wordings
        self._typed = {_squash(wording.key) for wording in wordings}
        self._judged: dict[Subject, _Judged] = {}
        self._weight = _FAME_TYPING if any(wording.typing for wording in wordings) else _FAME

    @property
    def fit(self) -> float:
        """The best fit so far, 0 to 100, whatever the fame."""
        return max((one.fit for one in self._judged.values()), default=0.0)

    def add(self, candidates: Iterable[Candidate]) -> int:
        """Judge candidates and return how many were new.

        Of one that comes under several names, the name counts that fits best.
        """
        new = {(one.subject, one.artist_key): one for one in candidates if not self._knows(one)}
        names = {key: _names(one) for key, one in new.items()}
        fits = dict.fromkeys(new, 0.0)
        for wording in self._wordings:
            alike = _alike(wording, names.values())
            for key, name in names.items():
                fits[key] = max(fits[key], _fit(wording, name, alike))
        for key, one in new.items():
            judged = self._judge(one, names[key], fits[key])
            known = self._judged.get(one.subject)
            if judged.fit >= (_CUT_OFF if known is None else known.fit):
                self._judged[one.subject] = judged
        return len(new)

    def _knows(self, one: Candidate) -> bool:
        known = self._judged.get(one.subject)
        return known is not None and known.candidate.artist_key == one.artist_key

    def _judge(self, one: Candidate, names: _Names, fit: float) -> _Judged:
        if any(_is_called(typed, names, slice(1)) for typed in self._typed):
            literal = self._wordings[0].key in _spoken(one.artist_key, [one.title_key] if one.title else [])
            return _Judged(one, 100.0 if literal else _OTHERWISE_SPELT, exact=True, version=False)
        if len(names.titles) > 1 and any(_is_called(typed, names, slice(1, None)) for typed in self._typed):
            return _Judged(one, _VERSION, exact=False, version=True)
        return _Judged(one, fit, exact=False, version=False)

    def best(self, n: int) -> list[Match]:
        """Return the `n` best candidates, best first, without those below the cut-off."""
        fame = self._fame_of_artists()
        stardom = max((fame[s] for s in fame if self._judged[s].exact), default=-1.0)
        scores = {
            subject: self._score(one, fame.get(subject, one.candidate.fame), stardom)
            for subject, one in self._judged.items()
        }
        # On a tie the artist comes first, then the lower id.
        order = nsmallest(n, scores, key=lambda s: (-scores[s], s.track_id is not None, s))
        exact = self._exact(order)
        return [self._match(subject, scores[subject], exact=subject in exact) for subject in order]

    def _fame_of_artists(self) -> dict[Subject, float]:
        # An artist is at least as well known as their tracks: only tracks have an outside popularity.
        named = {subject.artist_id: subject for subject in self._judged if subject.track_id is None}
        fame: dict[Subject, float] = dict.fromkeys(named.values(), 0.0)
        for subject, judged in self._judged.items():
            artist = named.get(subject.artist_id)
            if artist is not None:
                fame[artist] = max(fame[artist], judged.candidate.fame)
        return fame

    def _score(self, judged: _Judged, fame: float, stardom: float) -> float:
        one, fit, exact, _ = judged
        # A track with the name of a better-known artist ranks among that artist's tracks, not above them.
        if exact and one.title and fame <= stardom and _squash(one.title_key) in self._typed:
            fit = _NAMESAKE
        return fit - self._weight * (1.0 - fame)

    def _exact(self, order: Sequence[Subject]) -> set[Subject]:
        """Return the subjects the query names; the best version of a track replaces a missing plain one."""
        exact = {subject for subject in order if self._judged[subject].exact}
        for subject in order:
            artists = {one.artist_id for one in exact}
            if self._judged[subject].version and subject.artist_id not in artists:
                exact.add(subject)
        return exact

    def _match(self, subject: Subject, score: float, *, exact: bool) -> Match:
        one = self._judged[subject].candidate
        return Match(subject, one.artist, one.title, one.year, score, exact)


def _fit(wording: Wording, names: _Names, alike: _Alike) -> float:
    spoken = names.spoken()
    whole = _begins(wording.key, spoken) if wording.typing else max([_ratio(wording.key, n) for n in spoken])
    fit = max(whole, _covered(alike, names.words) * (_PART + (1.0 - _PART) * whole))
    if names.titles and fit < _SONG_OF_ARTIST:
        typed = _squash(wording.key)
        for name in names.squashed_artists:
            # Of names of such different lengths too few letters can be the same.
            if _SONG_OF_ARTIST * min(len(typed), len(name)) > fit * max(len(typed), len(name)):
                fit = max(fit, _SONG_OF_ARTIST * _ratio(typed, name))
    return 100.0 * fit


def _ratio(typed: str, name: str) -> float:
    return float(OSA.normalized_similarity(typed, name))


def _begins(typed: str, spoken: Sequence[str]) -> float:
    """Return how well the nearest of some names begins as typed, at most 1."""
    # Of two names with this beginning, the shorter one is slightly nearer.
    near = [1.0 - _longer(typed, name) for name in spoken if name.startswith(typed)]
    best = max(near, default=-1.0)
    if best >= 1.0 - 1.0 / len(typed):  # no name with a slip comes nearer
        return best
    others = [name for name in spoken if not name.startswith(typed)]
    return max([best, *(_ratio(typed, name[: len(typed)]) - _longer(typed, name) for name in others)])


def _longer(typed: str, name: str) -> float:
    return 0.001 * min(100, abs(len(name) - len(typed)))


def _alike(wording: Wording, names: Iterable[_Names]) -> _Alike:
    known = list({word for name in names for word in name.words})
    alike = []
    for position, typed in enumerate(wording.words, start=1):
        near = process.extract(typed, known, scorer=OSA.distance, score_cutoff=slips(typed), limit=None)
        similar = {word: 1.0 - distance / max(len(word), len(typed)) for word, distance, _ in near}
        if wording.typing and position == len(wording.words):
            similar |= dict.fromkeys((word for word in known if word.startswith(typed)), 1.0)
        alike.append((len(typed), similar))
    return alike


def _covered(alike: _Alike, known: Sequence[str]) -> float:
    """Return the share of the query found among the known words, 0 to 1, weighted by word length."""
    total, found = 0, 0.0
    for length, similar in alike:
        total += length
        found += length * max([similar.get(word, 0.0) for word in known])
    return found / total


def _names(candidate: Candidate) -> _Names:
    artists = _spellings(candidate.artist_key, candidate.artist)
    if candidate.artist_key.startswith("the "):
        artists.append(candidate.artist_key.removeprefix("the "))
    if candidate.title is None:
        return _Names(artists, [], _words(artists), list(map(_squash, artists)), [])
    titles = _spellings(candidate.title_key, candidate.title)
    known = _words(titles) + _words(artists)
    if _MAY_HAVE_ADDITION.search(candidate.title):
        shorter = {_VERSION_OF.sub("", candidate.title), _ADDITION.sub("", candidate.title)}
        titles += [fold(title) for title in shorter - {"", candidate.title}]
    return _Names(artists, titles, known, list(map(_squash, artists)), list(map(_squash, titles)))


def _spoken(artist: str, titles: Sequence[str]) -> list[str]:
    """Return the names of an artist, or of tracks: the title with or without the artist in either order."""
    if not titles:
        return [artist]
    return [*titles, *(f"{artist} {t}" for t in titles), *(f"{t} {artist}" for t in titles)]


def _spellings(key: str, name: str) -> list[str]:
    plain = unstylised(name)
    return [key] if plain is None else [key, plain]


def _words(spellings: Sequence[str]) -> list[str]:
    return [word for spelling in spellings for word in words_of_key(spelling)]


def _is_called(typed: str, names: _Names, which: slice) -> bool:
    """Tell whether the query names an artist, or a track with or without its artist; spaces aside.

    `which` of the titles of a track count.
    """
    if not names.titles:
        return _is_artist(typed, names)
    for title in names.squashed_titles[which]:
        if typed.startswith(title) and (typed == title or _is_artist(typed[len(title) :], names)):
            return True
        if typed.endswith(title) and _is_artist(typed[: -len(title)], names):
            return True
    return False


def _is_artist(typed: str, names: _Names) -> bool:
    """Tell whether this is one of the artist's names, with or without "the"."""
    if typed in names.squashed_artists:
        return True
    plain = {_squash(artist.removeprefix("the ")) for artist in names.artists}
    return typed in plain or (typed.startswith("the") and typed[3:] in plain)


def _squash(key: str) -> str:
    """Return a key without spaces: matching apart from spelling ignores spaces too."""
    return key.replace(" ", "")
