"""Playlist export: M3U8, XSPF, JSPF, CSV and plain links.

XSPF: https://www.xspf.org/spec, version 1; JSPF is its JSON form. M3U8 is an extended M3U in UTF-8. No format
names a file: players find a track by its title or follow the link.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from recommender.catalog.listen_links import address, one_line
from recommender.types import Song
from storage.records import Subject

Links = Mapping[Subject, Mapping[str, str]]

_XSPF = "http://xspf.org/ns/0/"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run cells that begin like this


def exported(form: str, name: str, songs: Sequence[Song], links: Links) -> str:
    """Return the tracks as a file in the format `form`; KeyError for an unknown format."""
    return _FORMS[form](one_line(name) or "Songs", songs, links)


def _address(song: Song, links: Links) -> str:
    ids = links.get(song.subject, {})
    return ids.get("page") or address(song, ids)


def _m3u8(name: str, songs: Sequence[Song], links: Links) -> str:
    parts = ["#EXTM3U", f"#PLAYLIST:{name}"]
    for song in songs:
        parts += [f"#EXTINF:-1,{one_line(song.label)}", _address(song, links)]
    return "\n".join(parts) + "\n"


def _xspf(name: str, songs: Sequence[Song], links: Links) -> str:
    root = ET.Element("playlist", {"version": "1", "xmlns": _XSPF})
    ET.SubElement(root, "title").text = name
    tracks = ET.SubElement(root, "trackList")
    for song in songs:
        track = ET.SubElement(tracks, "track")
        ET.SubElement(track, "title").text = one_line(song.title or song.artist)
        ET.SubElement(track, "creator").text = one_line(song.artist)
        ET.SubElement(track, "info").text = _address(song, links)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _jspf(name: str, songs: Sequence[Song], links: Links) -> str:
    tracks = [
        {
            "title": one_line(song.title or song.artist),
            "creator": one_line(song.artist),
            "info": _address(song, links),
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
        row = (_cell(song.artist), _cell(song.title or ""), song.year or "", _address(song, links))
        writer.writerow(row)
    return text.getvalue()


def _links(name: str, songs: Sequence[Song], links: Links) -> str:
    return "\n".join([name, *(f"{one_line(song.label)}: {_address(song, links)}" for song in songs)])


def _cell(text: str) -> str:
    line = one_line(text)
    return f"'{line}" if line.startswith(_FORMULA) else line


_FORMS = {"m3u8": _m3u8, "xspf": _xspf, "jspf": _jspf, "csv": _csv, "links": _links}
