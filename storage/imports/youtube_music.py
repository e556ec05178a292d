"""What somebody heard on YouTube Music: `watch-history.json` of Google Takeout."""

import re

from storage.imports.cells import CellError
from storage.imports.entries import NO_MUSIC, Heard, Shape, inner, named, text, when
from storage.imports.json_file import Entry

SOURCE = "youtube-file"
_HEADER = "YouTube Music"
# What Takeout writes around a title, in the languages that people have asked for it in.
_WATCHED = re.compile(
    r"(?:Watched|Viewed|Has visto|Viste|Vous avez regardé|Assistiu a|Hai guardato) (?P<after>.+)"
    r"|(?P<before>.+) (?:angesehen|bekeken|を視聴しました)",
    re.DOTALL,
)
_QUOTED = re.compile(r"[„“\"«](.+)[“”\"»]")
_CHANNEL = re.compile(r" - Topic$|(?<=[a-z])VEVO$| Official$", re.IGNORECASE)
_OFFICIAL = re.compile(r"\s*[(\[](?:Official|Lyric|Audio)[^)\]]*[)\]]", re.IGNORECASE)
_VIDEO = re.compile(r"[?&]v=([0-9A-Za-z_-]{11})")


def _fits(entry: Entry) -> bool:
    return {"header", "title", "time"} <= entry.keys()


def _read(entry: Entry) -> Heard:
    if entry["header"] != _HEADER:
        raise CellError(NO_MUSIC)
    channels = entry.get("subtitles")
    first = channels[0] if isinstance(channels, list) and channels else None
    artist = _CHANNEL.sub("", text(inner(first, "name")))
    artist, title = named(artist, _title(text(entry["title"])))
    title = _OFFICIAL.sub("", title.removeprefix(f"{artist} - ").removeprefix(f"{artist} \u2013 ")) or title
    video = _VIDEO.search(str(entry.get("titleUrl")))
    return Heard(artist, title, when(entry["time"]), track_ids=(("youtube", video[1]),) if video else ())


def _title(written: str) -> str:
    if found := _WATCHED.fullmatch(written):
        written = found["after"] or found["before"]
    if quoted := _QUOTED.fullmatch(written):
        written = quoted[1]
    if written.startswith("https://"):
        raise CellError("a song that is gone from YouTube")
    return written


SHAPES = (Shape(SOURCE, "YouTube Music in Google Takeout", _fits, _read),)
