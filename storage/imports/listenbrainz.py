"""The export of a ListenBrainz account: `listens/<year>/<month>.jsonl` and `feedback.jsonl`."""

import re
from typing import Any

from storage.imports.cells import CellError
from storage.imports.entries import Heard, Shape, inner, milliseconds, named, when
from storage.imports.json_file import Entry
from storage.records import Kind
from storage.rows import ExternalIds

SOURCE = "listenbrainz-file"
_SPOTIFY = re.compile(r"(?:https?://open\.spotify\.com/track/|spotify:track:)?([0-9A-Za-z]{22})")
_MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_SCORES = {1: Kind.LIKE, -1: Kind.DISLIKE}


def _is_listen(entry: Entry) -> bool:
    return "listened_at" in entry and isinstance(entry.get("track_metadata"), dict)


def listen(entry: Entry) -> Heard:
    """Read one listen in the form of the export or the API; raise CellError if a field is missing."""
    facts = entry["track_metadata"]
    artist, title = named(facts.get("artist_name"), facts.get("track_name"))
    ms_played = inner(facts, "additional_info", "duration_played")
    return Heard(
        artist,
        title,
        when(entry["listened_at"]),
        None if ms_played is None else milliseconds(float(ms_played) * 1000),
        facts.get("release_name"),
        _ids(facts),
    )


def _ids(facts: Entry) -> ExternalIds:
    more = facts.get("additional_info")
    mapped = inner(facts, "mbid_mapping", "recording_mbid")
    found: list[tuple[str, str]] = []
    for scheme, pattern, value in (
        ("mbid", _MBID, mapped or inner(more, "recording_mbid")),
        ("isrc", _ISRC, inner(more, "isrc")),
        ("spotify", _SPOTIFY, inner(more, "spotify_id")),
    ):
        if one := _matched(pattern, value):
            found.append((scheme, one))
    return tuple(found)


def _matched(pattern: re.Pattern[str], value: Any) -> str:  # noqa: ANN401 - whatever a file holds
    found = pattern.fullmatch(value.strip()) if isinstance(value, str) else None
    return found[found.lastindex or 0] if found else ""


def _is_feedback(entry: Entry) -> bool:
    return "score" in entry and not entry.keys().isdisjoint({"recording_mbid", "recording_msid"})


def _feedback(entry: Entry) -> Heard:
    kind = _SCORES.get(entry["score"]) if isinstance(entry["score"], int) else None
    if kind is None:
        raise CellError("a verdict taken back")
    facts = entry.get("track_metadata")
    artist, title = named(inner(facts, "artist_name"), inner(facts, "track_name"))
    made = entry.get("created")
    mbid = _matched(_MBID, entry.get("recording_mbid"))
    at = None if made is None else when(made)
    return Heard(artist, title, at, track_ids=(("mbid", mbid),) if mbid else (), kind=kind, plays=None)


SHAPES = (
    Shape(SOURCE, "the listens of a ListenBrainz export", _is_listen, listen),
    Shape(SOURCE, "the loved and hated recordings of a ListenBrainz export", _is_feedback, _feedback),
)
