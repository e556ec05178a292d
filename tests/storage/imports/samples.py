"""One small valid file of every format that an import takes, as (name, bytes)."""

import gzip
import io
import json
import zipfile

from openpyxl import Workbook

TIMES = ["2020-01-01T12:00:00Z", "2020-01-02T12:00:00Z", "2020-01-03T12:00:00Z"]
EXTENDED = {
    "ts": "2020-01-01T12:03:00Z",
    "ms_played": 180_000,
    "master_metadata_track_name": "SOS",
    "master_metadata_album_artist_name": "ABBA",
    "spotify_track_uri": f"spotify:track:{'a' * 22}",
    "reason_end": "trackdone",
    "skipped": False,
    "offline_timestamp": None,
}
LISTEN = {"listened_at": 1577880000, "track_metadata": {"artist_name": "ABBA", "track_name": "SOS"}}
SCROBBLE = {"artist": {"#text": "ABBA"}, "name": "SOS", "date": {"uts": "1577880000"}}
WATCHED = {
    "header": "YouTube Music",
    "title": "Watched SOS",
    "subtitles": [{"name": "ABBA - Topic"}],
    "time": "2020-01-01T12:00:00.123Z",
}
LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>Tracks</key><dict>
<key>1</key><dict><key>Track ID</key><integer>1</integer><key>Name</key><string>SOS</string>
<key>Artist</key><string>ABBA</string><key>Play Count</key><integer>3</integer></dict>
</dict></dict></plist>
"""
ROCKBOX = "#AUDIOSCROBBLER/1.1\n#TZ/UTC\n#CLIENT/Rockbox\nABBA\tABBA\tSOS\t1\t200\tL\t1577880000\t\n"
APPLE = (
    "Artist Name,Song Name,Event Type,Media Type,Event Start Timestamp,Play Duration Milliseconds\n"
    + "".join(f"ABBA,SOS,PLAY_END,AUDIO,{time},180000\n" for time in TIMES)
)


def workbook() -> bytes:
    """Return a workbook with a listening history."""
    book = Workbook()
    sheet = book.create_sheet("10_listeningHistory")
    sheet.append(["Song Title", "Artist", "ISRC", "Album Title", "Listening Time", "Date"])
    for time in TIMES:
        sheet.append(["SOS", "ABBA", "SEAYD7501010", "ABBA", 180, time])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def packed(files: dict[str, bytes | str]) -> bytes:
    """Return a zip archive of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def samples() -> dict[str, bytes]:
    """Return the files by name."""
    entries = {
        "extended.json": [EXTENDED] * 3,
        "listens.json": [LISTEN] * 3,
        "pages.json": [{"track": [SCROBBLE] * 2, "@attr": {"page": "1"}}],
        "watch-history.json": [WATCHED] * 3,
        "maloja.json": {"scrobbles": [{"time": 1577880000, "track": {"artists": ["ABBA"], "title": "SOS"}}]},
        "any.json": [{"artist": "ABBA", "title": "SOS", "played_at": time} for time in TIMES],
    }
    plays = "artist,track,time\n" + "".join(f"ABBA,SOS,{time}\n" for time in TIMES)
    found = {name: json.dumps(content).encode() for name, content in entries.items()}
    found |= {
        "lines.jsonl": "".join(f"{json.dumps(LISTEN)}\n" for _ in TIMES).encode(),
        "plays.csv": plays.encode(),
        "utf-16.txt": plays.replace(",", "\t").encode("utf-16"),
        "apple.csv": APPLE.encode(),
        "library.xml": LIBRARY.encode(),
        ".scrobbler.log": ROCKBOX.encode(),
        "matrix.csv": b"user,ABBA,Cher\n1,1,0\n2,0,1\n",
    }
    found["workbook.xlsx"] = workbook()
    found["plays.csv.gz"] = gzip.compress(plays.encode(), mtime=0)
    found["export.zip"] = packed({"a.json": found["extended.json"], "b.csv": plays})
    return found
