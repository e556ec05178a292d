"""The history of a YouTube Music account: `watch-history.json` of Google Takeout."""

import re

from storage.imports.cells import CellError
from storage.imports.entries import NO_MUSIC, Heard, Shape, inner, named, text, when
from storage.imports.json_file import Entry
from storage.imports.table import squash
from storage.imports.takeout_words import is_topic, title_watched, without_topic

SOURCE = "youtube-file"
_HEADER = "YouTube Music"
_ADDRESS = "https://music.youtube.com/"
# Channels of artists and labels: "ArianaGrandeVEVO", "Queen Official", "Roxy Music TV".
_VEVO = re.compile(r"(?<=\w)[\s_-]*VEVO$", re.IGNORECASE)
_CHANNEL = re.compile(r"^Official\s+|\s+Official(?:\s+(?:Artist\s+)?Channel)?$", re.IGNORECASE)
_PERHAPS = re.compile(r"\s+(?:Music|TV|Channel|Band)$", re.IGNORECASE)
_LABEL = re.compile(r"\b(?:records?|recordings|entertainment|label|music group)\b", re.IGNORECASE)
_NOBODY = frozenset({"release", "releases", "variousartists"})
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+|\s*\u2015\s*")
_VIDEO_WORDS = re.compile(
    r"\s*[(\[]\s*(?:(?:the\s+)?official|officiel|offizielle|oficial|ufficiale|lyrics?\b|audio\b|visuali[sz]er|"
    r"video\s?clip|clip officiel|music video|m/?v\s*[)\]]|hd\s*[)\]]|hq\s*[)\]]|4k\s*[)\]]|v[ií]deo oficial|"
    r"video ufficiale|with lyrics)[^)\]]*[)\]]?",
    re.IGNORECASE,
)
_VIDEO = re.compile(r"[?&]v=([0-9A-Za-z_-]{11})")


def _fits(entry: Entry) -> bool:
    return {"header", "title", "time"} <= entry.keys()


def _read(entry: Entry) -> Heard:
    address = str(entry.get("titleUrl"))
    if entry["header"] != _HEADER and not address.startswith(_ADDRESS):
        raise CellError(NO_MUSIC)
    if entry.get("details"):
        raise CellError("an advertisement")
    channels = entry.get("subtitles")
    first = channels[0] if isinstance(channels, list) and channels else None
    watched = title_watched(text(entry["title"]))
    if watched.startswith("https://"):
        raise CellError("a song that is gone from YouTube")
    artist, title = named(*song_of(text(inner(first, "name")), watched))
    video = _VIDEO.search(address)
    return Heard(artist, title, when(entry["time"]), track_ids=(("youtube", video[1]),) if video else ())


def song_of(channel: str, video: str) -> tuple[str, str]:
    """Return artist and title of a video, from its channel's name and its own.

    >>> song_of("ArianaGrandeVEVO", "Ariana Grande - thank u, next (Official Video)")
    ('Ariana Grande', 'thank u, next')
    """
    topic, artist = is_topic(channel), without_topic(channel)
    if not topic:
        artist = _CHANNEL.sub("", _VEVO.sub("", channel)) or channel
    title = _VIDEO_WORDS.sub("", video).strip() or video
    before, *rest = _DASH.split(title, maxsplit=1)
    names = {squash(artist), squash(_PERHAPS.sub("", artist))}
    is_nobody = bool(names & _NOBODY)
    if (
        rest
        and rest[0].strip()
        and (is_nobody or _is_of(before, names) or (not topic and _LABEL.search(artist)))
    ):
        return before.strip(), rest[0].strip()
    return ("" if is_nobody else artist), title


def _is_of(before: str, names: set[str]) -> bool:
    """Tell whether the text before a dash is the artist of the channel, alone or with others."""
    return any(
        name and re.match(rf"{re.escape(name)}(?:$|feat|ft|and|x|with)", squash(before.replace("&", " and ")))
        for name in names
    )


SHAPES = (Shape(SOURCE, "YouTube Music in Google Takeout", _fits, _read),)
