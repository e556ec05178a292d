"""Playlist export: M3U8, XSPF, JSPF, CSV and plain links.

XSPF: https://www.xspf.org/spec, version 1; JSPF is its JSON form. M3U8 is an extended M3U in UTF-8. No format
names a file: players find a track by its title or follow the link.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from urllib.parse import quote
from xml.etree import ElementTree as ET

from recommender.types import Song
from storage.records import Subject

Links = Mapping[Subject, Mapping[str, str]]

_XSPF = "http://xspf.org/ns/0/"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run cells that begin like this


def exported(form: str, name: str, songs: Sequence[Song], links: Links) -> str:
    """Return the tracks as a file in the format `form`; KeyError for an unknown format."""
    return _FORMS[form](_line(name) or "Songs", songs, links)


def address(song: Song, links: Links) -> str:
    """Return a track's URL: Spotify or YouTube if the id is known, otherwise a search."""
    ids = links.get(song.subject, {})
    if "spotify" in ids:
        return f"https://open.spotify.com/{'track' if song.title else 'artist'}/{quote(ids['spotify'])}"
    if "youtube" in ids:
        return f"https://youtu.be/{quote(ids['youtube'])}"
    return f"https://www.youtube.com/results?search_query={quote(_line(song.label), safe='')}"


def _m3u8(name: str, songs: Sequence[Song], links: Links) -> str:
    parts = ["#EXTM3U", f"#PLAYLIST:{name}"]
    for song in songs:
        parts += [f"#EXTINF:-1,{_line(song.label)}", address(song, links)]
    return "\n".join(parts) + "\n"


def _xspf(name: str, songs: Sequence[Song], links: Links) -> str:
    root = ET.Element("playlist", {"version": "1", "xmlns": _XSPF})
    ET.SubElement(root, "title").text = name
    tracks = ET.SubElement(root, "trackList")
    for song in songs:
        track = ET.SubElement(tracks, "track")
        ET.SubElement(track, "title").text = _line(song.title or song.artist)
        ET.SubElement(track, "creator").text = _line(song.artist)
        ET.SubElement(track, "info").text = address(song, links)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _jspf(name: str, songs: Sequence[Song], links: Links) -> str:
    tracks = [
        {
            "title": _line(song.title or song.artist),
            "creator": _line(song.artist),
            "info": address(song, links),
        }
        for song in songs
    ]
    return json.dumps({"playlist": {"title": name, "track": tracks}}, ensure_ascii=False, indent=2) + "\n"


def _csv(name: str, songs: Sequence[Song], links: Links) -> str:
    del name
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("artist", "title", "year", "link"))
    for song in songs:
        row = (_cell(song.artist), _cell(song.title or ""), song.year or "", address(song, links))
        writer.writerow(row)
    return text.getvalue()


def _links(name: str, songs: Sequence[Song], links: Links) -> str:
    return "\n".join([name, *(f"{_line(song.label)}: {address(song, links)}" for song in songs)])


def _line(text: str) -> str:
    """Return a name on one line, without characters that XML 1.0 forbids."""
    return " ".join("".join(c if c.isprintable() or c.isspace() else " " for c in text).split())


def _cell(text: str) -> str:
    line = _line(text)
    return f"'{line}" if line.startswith(_FORMULA) else line


_FORMS = {"m3u8": _m3u8, "xspf": _xspf, "jspf": _jspf, "csv": _csv, "links": _links}
