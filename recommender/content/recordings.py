"""Recordings: groups tracks that are versions of the same work, by explicit rules.

Two tracks of one artist are versions of one work if
- `isrc`, `mbid`: they share an id of one recording, and their titles agree;
- `duration`: their titles agree except for version marks (remastered, live, radio edit, feat. ...), and their
  lengths differ by at most 3 seconds;
- `title`: one length is unknown, and their titles agree except for marks that leave the music the same
  (remastered, mono, explicit, feat. ...);
- `operator`: an operator merged or separated them, which overrides all other rules.
A remix, cover, acoustic or instrumental version, and a part 2, are works of their own.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from storage.naming.credit_names import without_company, without_guests
from storage.naming.text import fold
from storage.records import TitleRow, VersionDecision

_SAME_MS = 3_000
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_AFTER_DASH = re.compile(r"\s[-\u2013]\s([^-\u2013]*)$")
_MAY_HAVE = re.compile(r"(?i)[(\[]|\s[-\u2013]\s|\s(?:feat|ft|featuring)\b")
_YEAR = r"(?:19|20)\d\d"
_SAME_MUSIC = re.compile(
    rf"(?:(?:{_YEAR}|digital|digitally|newly|stereo|mono|20 bit|24 bit|original) )*"
    rf"(?:remaster(?:ed|izado|isé)?|mono|stereo|explicit|clean|album|lp|main|single|original|bonus track"
    rf"|deluxe|bonus)"
    rf"(?: (?:{_YEAR}|version|edition|mix|mono|stereo|edit|remaster(?:ed)?|in|track|single|album))*"
    rf"|from .+|.*\bsoundtrack(?: version)?|{_YEAR} (?:remaster(?:ed)?|digital remaster)(?: version)?"
)
_SAME_WORK = re.compile(
    rf"live\b.*|.* live(?: version)?|(?:radio|single|video|short|full length|long|extended single|edited|tv"
    rf"|us|uk|7|7 inch|original radio) (?:edit|version|mix)|edit|radio|{_YEAR} version|original mix|version"
)


class Version(NamedTuple):
    """A track in a work of several; the work's id is one of its tracks."""

    track_id: int
    work_id: int
    rule: str


class _Titled(NamedTuple):
    row: TitleRow
    base: str  # title key without version marks
    marks: int  # number of version marks
    same_music: bool  # no mark changes the music


def bare(title: str) -> tuple[str, int, bool]:
    """Return a title's key without version marks, the number of marks, and whether all are harmless.

    A harmless mark leaves the music the same.

    >>> bare("Heroes - 2017 Remaster"), bare("Hurt (Live at Wembley)")
    (('heroes', 1, True), ('hurt', 1, False))
    >>> bare("Crazy in Love (feat. Jay-Z) [Radio Edit]")
    ('crazy in love', 2, False)
    >>> bare("One More Time (Short Club Remix)"), bare("Live Forever")
    (('one more time short club remix', 0, True), ('live forever', 0, True))
    """
    if not _MAY_HAVE.search(title):
        return fold(title), 0, True
    rest, guests = without_guests(title)
    rest, company = without_company(rest)
    # "(with Me)" may be part of the title: then only equal lengths match.
    marks, same_music = len(guests) + len(company), not company
    for pattern in (_AFTER_DASH, _BRACKETS, _AFTER_DASH):
        for found in reversed(list(pattern.finditer(rest))):
            words = fold(found[1])
            harmless = _SAME_MUSIC.fullmatch(words) is not None
            if harmless or _SAME_WORK.fullmatch(words):
                rest = rest[: found.start()] + " " + rest[found.end() :]
                marks, same_music = marks + 1, same_music and harmless
    key = fold(rest.strip())
    return (key, marks, same_music) if rest.strip() else (fold(title), 0, True)


def versions(rows: Iterable[TitleRow], decisions: Iterable[VersionDecision]) -> list[Version]:
    """Return every track that shares its work with another, by work.

    `rows`: all tracks. A work's representative is the track with the fewest version marks, the first
    among equals.
    """
    groups: defaultdict[tuple[int, str], list[_Titled]] = defaultdict(list)
    titled: dict[int, _Titled] = {}
    for row in rows:
        marked = _MAY_HAVE.search(row.title) is not None
        one = _Titled(row, *(bare(row.title) if marked else (row.key, 0, True)))
        titled[row.track_id] = one
        groups[row.artist_id, one.base].append(one)
    joined = _Joined()
    decided = list(decisions)
    apart = {frozenset(d[:2]) for d in decided if not d.same}
    for first, second, rule in _pairs(groups.values()):
        joined.join(first, second, rule, apart)
    for first, second, rule, same in decided:
        known = titled.get(first), titled.get(second)
        if same and known[0] and known[1] and (rule == "operator" or known[0].base == known[1].base):
            joined.join(first, second, rule, apart)
    return joined.versions(titled)


def _pairs(groups: Iterable[list[_Titled]]) -> Iterator[tuple[int, int, str]]:
    for group in groups:
        if len(group) < 2:
            continue
        timed = sorted((ms, one.row.track_id) for one in group if (ms := one.row.duration_ms))
        shortest = timed[:1]
        for ms, track in timed[1:]:  # compared with the shortest of the group, so that chains do not grow
            if ms - shortest[0][0] <= _SAME_MS:
                yield shortest[0][1], track, "duration"
            else:
                shortest = [(ms, track)]
        plain = [one for one in group if one.same_music]
        for one in plain:
            if one is not plain[0] and not (one.row.duration_ms and plain[0].row.duration_ms):
                yield plain[0].row.track_id, one.row.track_id, "title"


class _Joined:
    """Disjoint sets of tracks, each with the rule that joined it."""

    def __init__(self) -> None:
        self._members: dict[int, set[int]] = {}
        self._rules: dict[int, str] = {}

    def join(self, first: int, second: int, rule: str, apart: set[frozenset[int]]) -> None:
        """Merge two works, unless an operator separated any two of their tracks."""
        ours, theirs = self._members.get(first, {first}), self._members.get(second, {second})
        if ours is theirs or any(frozenset((a, b)) in apart for a in ours for b in theirs):
            return
        both = ours | theirs
        for track in both:
            self._members[track] = both
        for track in (first, second):
            self._rules.setdefault(track, rule)

    def versions(self, titled: dict[int, _Titled]) -> list[Version]:
        """Return every track of a merged work, by work."""
        works = {id(members): members for members in self._members.values()}.values()
        found = []
        for members in works:
            known = sorted(members, key=lambda track: (titled[track].marks, track))
            found += [Version(track, known[0], self._rules[track]) for track in known]
        return found
