"""Finding songs and artists by what people type: by name, in any order, misspelt, by link or by code."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from storage import candidates
from storage.candidates import Candidate
from storage.links import parse_link
from storage.ranking import Ranking, Wording
from storage.records import Link, Match
from storage.store import Store
from storage.text import fold, unstylised, words

_MAX_TEXT = 200
_MAX_WORDS = 12
# Misspelt words looked up in one search, and how many words each may mean.
_MAX_MISSPELT = 5
_MEANINGS = 20
# Words that tell little apart, in searches that are costly; the ranking still counts them.
_EVERYWHERE = frozenset(("the", "of", "and", "a", "in", "to", "by", "on", "you", "me", "my", "i", "it", "is"))
_ENOUGH_LETTERS = 5
# A known word shorter than this is taken as it is: everything is near "the".
_OFTEN_RIGHT = 4
# A best result from here on (of 100) is what was meant; below, other spellings are tried ...
_GOOD = 90.0
# ... and below this, fewer words.
_FAIR = 78.0
_MAX_LEFT_OUT = 4
_BRACKETS = re.compile(r"[(\[].*?[)\]]")
_BY = re.compile(r"(?<=\S) by (?=\S)")


class Search:
    """Finds artists and tracks in one store.

    Keys come first (the whole name of an artist, a title, or both), then the full-text index with the words
    as typed, then with the words that they may be misspellings of, then with one word fewer.  What was
    fetched is ranked by how well its whole name fits.
    """

    def __init__(self, store: Store) -> None:
        """Take the words of the index into memory; later searches only add what is new."""
        self._db = store.db
        self._vocabulary = store.vocabulary
        self._vocabulary.update(self._db)

    def find(self, text: str, n: int = 5) -> list[Match]:
        """Return the `n` artists and tracks that `text` most likely means, best first; [] if none is near."""
        return self._search(list(_wordings(text, typing=False)), n)

    def named(self, text: str, n: int = 5) -> list[Match]:
        """Return at most `n` artists and tracks called exactly `text`, best first; never a misspelt one."""
        wordings = list(_wordings(text, typing=False))
        if not wordings or n < 1:
            return []
        ranking = Ranking(wordings)
        ranking.add(chain.from_iterable(map(self._by_key, wordings)))
        return [match for match in ranking.best(n) if match.exact]

    def complete(self, text: str, n: int = 25) -> list[Match]:
        """Return what `text` may become when the last word is still being typed, the likeliest first."""
        return self._search(list(_wordings(text, typing=True)), n)

    def link(self, text: str) -> Link | None:
        """Return the song or artist that a link or ISRC in `text` names, None if there is none."""
        return parse_link(text)

    def _search(self, wordings: Sequence[Wording], n: int) -> list[Match]:
        if not wordings or n < 1:
            return []
        self._vocabulary.update(self._db)
        ranking = Ranking(wordings)
        tried: set[str] = set()
        matches: list[Match] = []
        for fetch, enough in ((self._as_typed, _GOOD), (self._respelt, _FAIR), (self._shortened, 0.0)):
            ranking.add(chain.from_iterable(fetch(wording, tried) for wording in wordings))
            ranking.add(self._songs_of_artists(ranking.best(n)))
            matches = ranking.best(n)
            if matches and matches[0].score >= enough:
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
        groups = self._meanings(_telling(wording))
        yield from self._with_words(groups, tried, typing=wording.typing)
        for respaced in self._respaced(wording.words):
            yield from self._with_words([[_quoted(word)] for word in respaced], tried, typing=False)

    def _shortened(self, wording: Wording, tried: set[str]) -> Iterator[Candidate]:
        wording = _telling(wording)
        groups = self._meanings(wording)
        # Words that nobody knows are the first to be left out, then the short ones.
        order = sorted(
            range(len(groups)), key=lambda i: (wording.words[i] in self._vocabulary, len(wording.words[i]))
        )
        for left_out in islice(order, _MAX_LEFT_OUT if len(groups) > 1 else 0):
            yield from self._with_words(groups[:left_out] + groups[left_out + 1 :], tried, typing=False)

    def _respaced(self, spoken: Sequence[str]) -> Iterator[list[str]]:
        """Yield the words with one space moved by a letter or left out, where that makes them known."""
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
            yield from candidates.artists_by_words(self._db, match)
            yield from candidates.tracks_by_words(self._db, match)

    def _meanings(self, wording: Wording) -> list[list[str]]:
        """Return for each word what it may mean, as full-text expressions, the word itself last."""
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
    """Yield the readings of a text: as it stands, without brackets, without "by", stylised letters plain."""
    text = text[:_MAX_TEXT]
    keys = [fold(text), fold(_BRACKETS.sub(" ", text))]
    # "Baby By Me by 50 Cent": each "by" may be the one between title and artist, the last most likely.
    keys += [f"{key[: by.start()]} {key[by.end() :]}" for key in keys for by in [*_BY.finditer(key)][-2:]]
    keys.append(unstylised(text) or "")
    for key in dict.fromkeys(keys):
        if found := tuple(dict.fromkeys(words(key)))[:_MAX_WORDS]:
            yield Wording(key, found, typing)


def _telling(wording: Wording) -> Wording:
    """Leave out words that stand everywhere, if enough others remain to search for."""
    telling = tuple(word for word in wording.words if word not in _EVERYWHERE)
    return wording._replace(words=telling) if sum(map(len, telling)) >= _ENOUGH_LETTERS else wording


def _pairs(spoken: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield every (artist key, title key) that the words in their order may be."""
    for middle in range(1, min(len(spoken), _MAX_WORDS)):
        left, right = " ".join(spoken[:middle]), " ".join(spoken[middle:])
        for artist, title in ((left, right), (right, left)):
            yield artist, title
            yield artist.removeprefix("the ") if artist.startswith("the ") else f"the {artist}", title


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
