"""All words of the search index in memory, to correct misspelt words."""

from collections import defaultdict
from threading import Lock

from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlite_utils import Database

from storage.users.erasures import Erasures

# One list per first letter and length, so that a lookup compares a few ten thousand words, not all.
_Buckets = defaultdict[tuple[str, int], list[str]]

_MAX_ANSWERS = 1000


class Vocabulary:
    """The words of the search index; several connections to one database may share it.

    It only grows, and is reloaded after an erasure.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._erasures = 0
        self._clear()

    def _clear(self) -> None:
        self._last_id = 0
        self._words: set[str] = set()
        self._by_first: _Buckets = defaultdict(list)
        self._by_last: _Buckets = defaultdict(list)
        self._near: dict[tuple[str, int], list[str]] = {}  # cached answers since the last new word

    def update(self, db: Database) -> None:
        """Load the words stored since the last call, by any process."""
        with self._lock:
            before, self._erasures = self._erasures, Erasures(db).count()
            if before != self._erasures:  # an erased word's id may be used again
                self._clear()
            rows = db.execute("SELECT id, word FROM words WHERE id > ? ORDER BY id", (self._last_id,))
            for word_id, word in rows:
                self._near.clear()
                self._words.add(word)
                self._by_first[word[0], len(word)].append(word)
                self._by_last[word[-1], len(word)].append(word)
                self._last_id = word_id

    def __len__(self) -> int:
        return len(self._words)

    def __contains__(self, word: str) -> bool:
        return word in self._words

    def near(self, word: str, n: int) -> list[str]:
        """Return at most `n` known words that `word` may be a misspelling of, nearest first.

        Near is one slip (a letter too many, missing, wrong, or two swapped: optimal string alignment) in a
        word of three to five letters, two in a longer one.  People rarely get the first letter wrong: other
        first letters are tried only for unknown words.
        """
        found = self._near.get((word, n))
        if found is None:
            found = self._search(word, n)
            with self._lock:
                if len(self._near) >= _MAX_ANSWERS:
                    self._near.clear()
                self._near[word, n] = found
        return found

    def _search(self, word: str, n: int) -> list[str]:
        most = slips(word)
        if most == 0:
            return []
        found = _nearest(word, self._by_first, word[0], most, n)
        if word not in self._words:
            found += _nearest(word, self._by_last, word[-1], most if not found else 1, n)
            found.sort(key=lambda near: near[1])
        return list(dict.fromkeys(other for other, _ in found if other != word))[:n]

    def split(self, word: str) -> tuple[str, str] | None:
        """Return two known words that `word` is without their space, longest first word first, or None."""
        for middle in range(len(word) - 3, 2, -1):
            if word[:middle] in self._words and word[middle:] in self._words:
                return word[:middle], word[middle:]
        return None


def slips(word: str) -> int:
    """Return the number of slips allowed in a word of this length."""
    return 0 if len(word) < 3 else 1 if len(word) < 6 else 2


def _nearest(word: str, buckets: _Buckets, letter: str, most: int, n: int) -> list[tuple[str, int]]:
    found = []
    for length in range(max(1, len(word) - most), len(word) + most + 1):
        bucket = buckets.get((letter, length))
        if bucket:
            found += process.extract(word, bucket, scorer=OSA.distance, score_cutoff=most, limit=n + 1)
    return sorted(((other, distance) for other, distance, _ in found), key=lambda near: near[1])[: n + 1]
