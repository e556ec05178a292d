"""Releases from ListenBrainz (all new ones) and MusicBrainz (those of one artist).  Calls block.

ListenBrainz lists the release groups of a span of days, without a key (metabrainz/listenbrainz-server,
`webserver/views/explore_api.py`).  MusicBrainz lists the release groups of an artist by id, 100 at a time
(https://musicbrainz.org/doc/MusicBrainz_API, browse requests).
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from recommender.catalog.musicbrainz import MBID, MusicBrainz
from recommender.catalog.web import Web
from storage.services.releases import Release

FORMS = ("album", "single", "ep")
"""Forms of a release that are told by default; any other is "other"."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PAGE = 100  # release groups per answer, MusicBrainz' maximum
_MOST_PAGES = 10


class FoundRelease(NamedTuple):
    """A release and the ids of its artists."""

    release: Release
    artists: tuple[str, ...]
    name: str = ""  # of the artist, if there is only one


def fresh(web: Web, day: str, days: int) -> list[FoundRelease]:
    """Return the releases of the `days` before `day` ("2026-11-30"), from ListenBrainz."""
    answer = web.get(
        "/1/explore/fresh-releases/",
        release_date=day,
        days=days,
        sort="release_date",
        past="true",
        future="false",
    )
    rows = (answer.get("payload") or {}).get("releases") or []
    found = [one for row in rows if (one := _fresh(row)) is not None]
    ids: dict[str, set[str]] = {}
    for one in found:
        ids.setdefault(one.name, set()).update(one.artists)
    # Two artists may share a name, and the answer does not say which one it is.
    return [one if len(ids[one.name]) == 1 else one._replace(name="") for one in found]


def _fresh(row: dict[str, Any]) -> FoundRelease | None:
    artists = tuple(mbid for mbid in row.get("artist_mbids") or [] if MBID.fullmatch(str(mbid)))
    release = _release(
        row.get("release_group_mbid"),
        row.get("release_name"),
        row.get("release_group_primary_type"),
        [row.get("release_group_secondary_type")],
        row.get("release_date"),
    )
    name = str(row.get("artist_credit_name") or "") if len(artists) == 1 else ""
    return None if release is None or not artists else FoundRelease(release, artists, name)


def of_artist(brainz: MusicBrainz, mbid: str, since: str) -> Iterator[FoundRelease]:
    """Yield an artist's releases from `since` on, from MusicBrainz, with one request per hundred."""
    for page in range(_MOST_PAGES):
        rows, count = brainz.release_groups(mbid, offset=page * _PAGE, n=_PAGE)
        for row in rows:
            release = _release(
                row.get("id"),
                row.get("title"),
                row.get("primary-type"),
                row.get("secondary-types") or [],
                row.get("first-release-date"),
            )
            if release is not None and release.day >= since:
                yield FoundRelease(release, (mbid,))
        if not rows or (page + 1) * _PAGE >= count:
            return


def _release(mbid: object, title: object, form: object, also: list[Any], day: object) -> Release | None:
    """Return a release, None if its id, title or full date is missing."""
    ident, name, when = str(mbid or ""), " ".join(str(title or "").split()), str(day or "")
    if not (MBID.fullmatch(ident) and name and _DAY.fullmatch(when)):
        return None
    kind = str(form or "").casefold()
    more = tuple(str(one).casefold().replace(",", " ") for one in also if one)
    return Release(ident, name, kind if kind in FORMS else "other", more, when)
