"""Texts about artists: term counts per artist and document."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from sqlite_utils import Database

from storage.naming.text import fold

TEXTS = """
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    at INTEGER
);
CREATE TABLE artist_terms (
    artist_id INTEGER NOT NULL REFERENCES artists ON DELETE CASCADE,
    document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    term TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (artist_id, document_id, term)
) WITHOUT ROWID
"""
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*", re.UNICODE)
_NAME_LENGTH = 4  # words
_OFTEN = 2  # minimum mentions of a one-word name: many are ordinary words
_SHORTEST_NAME, _SHORTEST, _LONGEST = 3, 3, 30  # letters
_MOST_TERMS = 400  # per document


class Texts:
    """Verbs on texts, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def known(self, key: str) -> bool:
        """Tell whether a document is stored."""
        return self.db.execute("SELECT 1 FROM documents WHERE key = ?", (key,)).fetchone() is not None

    def mentioned(self, text: str) -> list[int]:
        """Return the artists whose capitalised names are in a text, most mentions first."""
        named: Counter[str] = Counter()
        words = [(found[0], found.start(), found.end()) for found in _WORD.finditer(text)]
        for first, (word, start, _) in enumerate(words):
            if word[0].isupper():
                for last in range(first, min(first + _NAME_LENGTH, len(words))):
                    between = text[start : words[last][2]]
                    if "\n" in between:
                        break
                    named[fold(between)] += 1
        keys = [
            key
            for key, times in named.items()
            if len(key) >= _SHORTEST_NAME and (" " in key or times >= _OFTEN)
        ]
        found: list[tuple[int, int]] = []
        for start in range(0, len(keys), 500):
            some = keys[start : start + 500]
            marks = ", ".join("?" * len(some))
            sql = f"SELECT id, key FROM artists WHERE hidden = 0 AND key IN ({marks})"
            found += [(-named[key], ident) for ident, key in self.db.execute(sql, some)]
        return [ident for _, ident in sorted(found)]

    def add(self, key: str, source: str, at: int | None, artists: list[int], text: str) -> bool:
        """Store a document's terms for some artists; return False if the document is known."""
        cursor = self.db.conn.execute(
            "INSERT INTO documents (key, source, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (key, source, at),
        )
        if not cursor.rowcount:
            return False
        terms = terms_of(text).most_common(_MOST_TERMS)
        rows = [(artist, cursor.lastrowid, term, count) for artist in artists for term, count in terms]
        self.db.conn.executemany("INSERT OR IGNORE INTO artist_terms VALUES (?, ?, ?, ?)", rows)
        return True

    def terms(self) -> Iterator[tuple[int, int, str, int, int | None, int]]:
        """Stream (artist_id, document_id, term, count, seconds since 1970 or None, artists it names)."""
        return self.db.execute(
            "SELECT artist_id, document_id, term, count, at, named FROM artist_terms"
            " JOIN documents ON documents.id = document_id"
            " JOIN (SELECT document_id AS d, count(DISTINCT artist_id) AS named FROM artist_terms GROUP BY 1)"
            " ON d = document_id WHERE artist_id NOT IN (SELECT id FROM artists WHERE hidden = 1)"
            " ORDER BY artist_id, document_id, term"
        )


def terms_of(text: str) -> Counter[str]:
    """Count the folded words of a text, and its pairs of neighbours ("slow burning" is a term of its own).

    >>> sorted(terms_of("Slow, slow burning"))
    ['burning', 'slow', 'slow burning', 'slow slow']
    """
    counted: Counter[str] = Counter()
    for line in text.splitlines():
        words = [fold(found[0]) for found in _WORD.finditer(line)]
        kept = [word if _SHORTEST <= len(word) <= _LONGEST else "" for word in words]
        counted.update(word for word in kept if word)
        pairs = pairwise(kept)
        counted.update(f"{first} {second}" for first, second in pairs if first and second)
    return counted
