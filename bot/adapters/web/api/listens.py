"""Submitted listens: what ListenBrainz accepts, and its sentences for what it refuses.

Source: listenbrainz.readthedocs.io, "JSON documentation" and the constants of the API.
"""

import json
import math
import re
from typing import Any

from recommender.service.scrobbles import check

MOST_LISTEN = 10_240
"""Largest listen, in bytes of JSON."""
MOST_LISTENS = 1_000
"""Listens of one request."""
MOST_BODY = MOST_LISTEN * MOST_LISTENS
_MOST_TAGS, _LONGEST_TAG = 50, 64
_EARLIEST = 1_033_430_400  # October 2002: the first scrobble
_AHEAD = 3_600  # seconds that a clock may be ahead
_KINDS = ("single", "playing_now", "import")
_MBIDS = ("recording_mbid", "release_mbid", "release_group_mbid", "track_mbid")
_LISTS_OF_MBIDS = ("artist_mbids", "work_mbids")
_MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class BadListens(Exception):
    """A submission that ListenBrainz refuses, with its sentence."""


def checked(document: dict[str, Any], now: int) -> tuple[str, list[dict[str, Any]]]:
    """Return the kind of a submission and its listens; raise `BadListens`. `now`: seconds since 1970."""
    kind, listens = document.get("listen_type"), document.get("payload")
    if kind not in _KINDS:
        raise BadListens("JSON document requires a valid listen_type key.")
    if not isinstance(listens, list):
        raise BadListens("Invalid JSON document submitted.")
    if not listens:
        raise BadListens("JSON document does not contain any listens")
    if len(listens) > MOST_LISTENS:
        raise BadListens(f"Too many listens. You may not submit more than {MOST_LISTENS} listens at once.")
    if kind != "import" and len(listens) > 1:
        raise BadListens(
            "JSON document contains more than listen for a single/playing_now. It should contain only one."
        )
    return kind, [_listen(one, now, playing=kind == "playing_now") for one in listens]


def _listen(listen: Any, now: int, *, playing: bool) -> dict[str, Any]:  # noqa: ANN401 - whatever was sent
    if not isinstance(listen, dict) or not isinstance(listen.get("track_metadata"), dict):
        raise BadListens("JSON document does not contain required track_metadata.")
    if len(json.dumps(listen).encode()) > MOST_LISTEN:
        raise BadListens(
            "JSON document is too large. In aggregate, listens may not be larger than "
            f"{MOST_LISTEN} characters."
        )
    facts = listen["track_metadata"]
    _check_names(facts)
    _check_more(facts.get("additional_info"))
    if playing:
        if "listened_at" in listen:
            raise BadListens("JSON document must not contain listened_at while submitting playing_now.")
        return listen
    timed = {"listened_at": _time(listen, now), "track_metadata": facts}
    try:
        check(timed)
    except ValueError as error:
        raise BadListens(f"This listen cannot be stored: {error}.") from error
    return timed


def _time(listen: dict[str, Any], now: int) -> int:
    if "listened_at" not in listen:
        raise BadListens("JSON document must contain the key listened_at at the top level.")
    given = listen["listened_at"]
    is_number = isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given)
    if not is_number and not (isinstance(given, str) and given.isascii() and given.isdecimal()):
        raise BadListens("JSON document must contain an int value for listened_at.")
    at = int(given) if len(str(given)) < 20 else 1 << 62
    if at > now + _AHEAD:
        raise BadListens("Value for key listened_at is too high.")
    if at < _EARLIEST:
        raise BadListens(
            "Value for key listened_at is too low. listened_at timestamp should be greater than "
            f"{_EARLIEST} (2002 Oct 1)."
        )
    return at


def _check_names(facts: dict[str, Any]) -> None:
    for key in ("artist_name", "track_name"):
        name = facts.get(key)
        if name is not None and not isinstance(name, str):
            raise BadListens(f"{key} must be a single string.")
        if not name or not name.strip():
            raise BadListens(f"JSON document does not contain required track_metadata.{key}.")
    album = facts.get("release_name")
    if album is not None and not isinstance(album, str):
        raise BadListens("release_name must be a single string.")


def _check_more(more: Any) -> None:  # noqa: ANN401 - whatever was sent
    if more is None:
        return
    if not isinstance(more, dict):
        raise BadListens("track_metadata.additional_info must be an object.")
    tags = more.get("tags") or []
    if not isinstance(tags, list) or len(tags) > _MOST_TAGS:
        raise BadListens(
            f"JSON document may not contain more than {_MOST_TAGS} items in "
            "track_metadata.additional_info.tags."
        )
    if any(not isinstance(tag, str) or len(tag) > _LONGEST_TAG for tag in tags):
        raise BadListens(
            "JSON document may not contain track_metadata.additional_info.tags longer than "
            f"{_LONGEST_TAG} characters."
        )
    for key in (*_MBIDS, *_LISTS_OF_MBIDS):
        _check_mbids(key, more.get(key))


def _check_mbids(key: str, given: Any) -> None:  # noqa: ANN401 - whatever was sent
    several = given if isinstance(given, list) and key in _LISTS_OF_MBIDS else [given]
    if any(one and not (isinstance(one, str) and _MBID.fullmatch(one)) for one in several):
        raise BadListens(f"{key} MBID format invalid.")
