"""Search for tracks and artists: by name, in any word order, misspelt, by link or by code."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from storage.catalogue.links import parse_link
from storage.naming.text import fold, unstylised, words
from storage.records import Link, Match
from storage.search import candidates
from storage.search.candidates import Candidate
from storage.search.ranking import Ranking, Wording
from storage.store import Store

_MAX_TEXT = 200
_MAX_WORDS = 12
# Maximum misspelt words looked up per search, and maximum corrections per word.
_MAX_MISSPELT = 5
_MEANINGS = 20
# Words too common to narrow a costly search; ranking still counts them.
_EVERYWHERE = frozenset(("the", "of", "and", "a", "in", "to", "by", "on", "you", "me", "my", "i", "it", "is"))
_ENOUGH_LETTERS = 5
# A known word shorter than this is not corrected: every short word is near "the".
_OFTEN_RIGHT = 4
# A best result of at least this fit (of 100) is the answer; below it, search tries other spellings ...
_GOOD = 90.0
# ... and below this, fewer words.
_FAIR = 78.0
_MAX_LEFT_OUT = 4
_BRACKETS = re.compile(r"[(\[].*?[)\]]")
_BY = re.compile(r"(?<=\S) by (?=\S)")


class Search:
    """Search over the artists and tracks of one store.

    Search first looks up keys (the whole name of an artist, a title, or both), then the full-text index with
    the words as typed, then with corrected words, then with one word fewer.  It ranks the results by the fit
    of their whole name.
    """

    def __init__(self, store: Store) -> None:
        """Search one store; the words of its index are loaded when a name is first misspelt."""
        self._db = store.db
        self._vocabulary = store.vocabulary

    def find(self, text: str, n: int = 5) -> list[Match]:
        """Return the `n` most likely artists and tracks for `text`, best first; [] if none is near."""
        return self._search(list(_wordings(text, typing=False)), n)

    def named(self, text: str, n: int = 5) -> list[Match]:
        """Return at most `n` artists and tracks with exactly the name `text`, best first; no corrections."""
        wordings = list(_wordings(text, typing=False))
        if not wordings or n < 1:
            return []
        ranking = Ranking(wordings)
        ranking.add(chain.from_iterable(map(self._by_key, wordings)))
        return [match for match in ranking.best(n) if match.exact]

    def complete(self, text: str, n: int = 25) -> list[Match]:
        """Return at most `n` completions of `text` while its last word is being typed, likeliest first."""
        return self._search(list(_wordings(text, typing=True)), n)

    def link(self, text: str) -> Link | None:
        """Return the track or artist that a link or ISRC in `text` names, None if it names none."""
        return parse_link(text)

    def _search(self, wordings: Sequence[Wording], n: int) -> list[Match]:
        if not wordings or n < 1:
            return []
        ranking = Ranking(wordings)
        tried: set[str] = set()
        matches: list[Match] = []
        for fetch, enough in ((self._as_typed, _GOOD), (self._respelt, _FAIR), (self._shortened, 0.0)):
            ranking.add(chain.from_iterable(fetch(wording, tried) for wording in wordings))
            matches = ranking.best(n)
            if ranking.add(self._songs_of_artists(matches)):
                matches = ranking.best(n)
            # What is still being typed is right as far as it fits, however few know it.
            if matches and max(matches[0].score, ranking.fit if wordings[0].typing else 0.0) >= enough:
                break
        return matches

    def _as_typed(self, wording: Wording, tried: set[str]) -> Iterator[Candidate]:
        yield from self._by_key(wording)
        yield from self._with_words([[_quoted(word)] for word in wording.words], tried, typing=wording.typing)

    def _by_key(self, wording: Wording) -> Iterator[Candidate]:
        key = wording.key
        yield from candidates.artists_by_key(self._db, [key, f"the {key}", key.removeprefix("the ")])
        yield from candidates.artists_by_squashed(self._db, key.replace(" ", ""))
        yield from candidates.tracks_by_key(self._db, key)
        yield from candidates.tracks_by_names(self._db, _pairs(key.split()))

    def _respelt(self, wording: Wording, tried: set[str]) -> Iterator[Candidate]:
        self._vocabulary.update(self._db)
        groups = self._meanings(_telling(wording))
        yield from self._with_words(groups, tried, typing=wording.typing)
        for respaced in self._respaced(wording.words):
            yield from self._with_words([[_quoted(word)] for word in respaced], tried, typing=False)

    def _shortened(self, wording: Wording, tried: set[str]) -> Iterator[Candidate]:
        wording = _telling(wording)
        groups = self._meanings(wording)
        # Unknown words are left out first, then short ones.
        order = sorted(
            range(len(groups)), key=lambda i: (wording.words[i] in self._vocabulary, len(wording.words[i]))
        )
        for left_out in islice(order, _MAX_LEFT_OUT if len(groups) > 1 else 0):
            yield from self._with_words(groups[:left_out] + groups[left_out + 1 :], tried, typing=False)

    def _respaced(self, spoken: Sequence[str]) -> Iterator[list[str]]:
        """Yield the words with one space moved by a letter or removed, if that makes them known words."""
        for i in range(len(spoken) - 1):
            one, two = spoken[i : i + 2]
            if one in self._vocabulary and two in self._vocabulary:
                continue
            for pair in ([one + two], [one[:-1], one[-1] + two], [one + two[0], two[1:]]):
                if all(word in self._vocabulary for word in pair):
                    yield [*spoken[:i], *pair, *spoken[i + 2 :]]

    def _with_words(
        self, groups: Sequence[Sequence[str]], tried: set[str], *, typing: bool
    ) -> Iterator[Candidate]:
        match = " AND ".join(f"({' OR '.join(group)})" for group in groups)
        if typing:
            match = f"{match[:-1]} *)"
        if match not in tried:
            tried.add(match)
            kept = candidates.KEPT_TYPING if typing else candidates.KEPT
            yield from candidates.artists_by_words(self._db, match, kept)
            yield from candidates.tracks_by_words(self._db, match, kept)

    def _meanings(self, wording: Wording) -> list[list[str]]:
        """Return the full-text expressions each word may stand for, the word itself last."""
        groups = [[_quoted(word)] for word in wording.words]
        unknown_first = sorted(range(len(groups)), key=lambda i: wording.words[i] in self._vocabulary)
        for position in unknown_first[:_MAX_MISSPELT]:
            word = wording.words[position]
            if word in self._vocabulary and len(word) < _OFTEN_RIGHT:
                continue
            groups[position][:0] = map(_quoted, self._vocabulary.near(word, _MEANINGS))
            if two := self._vocabulary.split(word):
                groups[position].insert(0, f"({_quoted(two[0])} AND {_quoted(two[1])})")
        return groups

    def _songs_of_artists(self, matches: Iterable[Match]) -> Iterator[Candidate]:
        named = [match for match in matches if match.title is None and match.score >= _GOOD - 5.0]
        for match in named[:2]:
            yield from candidates.tracks_of(self._db, match.subject.artist_id)


def _wordings(text: str, *, typing: bool) -> Iterator[Wording]:
    """Yield readings of a text: as typed, without brackets, without "by", with stylised letters plain."""
    text = text[:_MAX_TEXT]
    keys = [fold(text), fold(_BRACKETS.sub(" ", text))]
    # "Baby By Me by 50 Cent": each "by" may separate title and artist; the last one is the most likely.
    keys += [f"{key[: by.start()]} {key[by.end() :]}" for key in keys for by in [*_BY.finditer(key)][-2:]]
    keys.append(unstylised(text) or "")
    for key in dict.fromkeys(keys):
        if found := tuple(dict.fromkeys(words(key)))[:_MAX_WORDS]:
            yield Wording(key, found, typing)


def _telling(wording: Wording) -> Wording:
    """Leave out very common words if enough others remain to search for."""
    telling = tuple(word for word in wording.words if word not in _EVERYWHERE)
    return wording._replace(words=telling) if sum(map(len, telling)) >= _ENOUGH_LETTERS else wording


def _pairs(spoken: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield every (artist key, title key) split of the words in their order."""
    for middle in range(1, min(len(spoken), _MAX_WORDS)):
        left, right = " ".join(spoken[:middle]), " ".join(spoken[middle:])
        for artist, title in ((left, right), (right, left)):
            yield artist, title
            yield artist.removeprefix("the ") if artist.startswith("the ") else f"the {artist}", title


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
