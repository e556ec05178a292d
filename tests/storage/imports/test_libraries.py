"""Libraries are no histories: songs that are only in one are saved, once, and count as no listen."""

import json

import pytest

from storage.imports import ListenRow, Skipped
from storage.records import Kind

UNPLAYED = (
    "<key>2</key><dict><key>Name</key><string>Roads</string><key>Artist</key><string>Portishead</string>"
)
ITUNES = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict><key>Major Version</key><integer>1</integer><key>Tracks</key><dict>
<key>1</key><dict><key>Name</key><string>Waterloo &#38; more</string><key>Artist</key><string>ABBA</string>
<key>Play Count</key><integer>12</integer><key>Loved</key><true/></dict>
{UNPLAYED}</dict>
<key>3</key><dict><key>Name</key><string>Talk</string><key>Artist</key><string>X</string><key>Podcast</key><true/></dict>
<key>4</key><dict><key>Name</key><string>Nobody's</string></dict>
</dict><key>Playlists</key><array><dict><key>Name</key><string>All</string><key>Artist</key><string>Y</string>
<key>Playlist Items</key><array><dict><key>Track ID</key><integer>1</integer></dict></array></dict></array>
</dict></plist>
"""


def kinds(rows):
    return [(row.artist, row.title, row.kind, row.plays) for row in rows if isinstance(row, ListenRow)]


def test_a_library_of_itunes_tells_of_totals_and_of_saved_songs(read, reasons):
    rows = read("auto", ITUNES, account="ann")
    assert kinds(rows) == [
        ("ABBA", "Waterloo & more", Kind.PLAY, 12),
        ("ABBA", "Waterloo & more", Kind.LIKE, None),
        ("Portishead", "Roads", Kind.SAVE, None),
    ]
    assert reasons(rows) == [(3, "no music (a podcast, an audiobook or a video)"), (4, "no artist")]


def test_a_library_that_is_cut_off_keeps_what_came_before(read):
    rows = read("auto", ITUNES[: ITUNES.index("<key>3</key>")], account="ann")
    assert len(kinds(rows)) == 3
    assert rows[-1] == Skipped(3, "damaged file, nothing read from there on")


SAVED = {
    "Spotify's library": {
        "tracks": [{"artist": "ABBA", "album": "LP", "track": "SOS", "uri": f"spotify:track:{'a' * 22}"}],
        "albums": [{"artist": "ABBA", "album": "LP", "uri": "spotify:album:x"}],
        "bannedTracks": [{"artist": "Nobody", "album": "LP", "track": "Banned", "uri": "spotify:track:y"}],
    },
    "Apple's library": [
        {
            "Title": "SOS",
            "Artist": "ABBA",
            "Track Play Count": 7,
            "Date Added To Library": "2020-01-01T12:00:00Z",
        }
    ],
    "Spotify's API": {
        "items": [
            {"added_at": "2020-01-01T12:00:00Z", "track": {"name": "SOS", "artists": [{"name": "ABBA"}]}}
        ]
    },
    "any JSON": [{"artist": "ABBA", "title": "SOS"}],
    "a table": "artist,track\nABBA,SOS\n",
    "YouTube Music's library": "Song URL,Song Title,Album Title,Artist Names\nhttps://x,SOS,LP,ABBA\n",
    "a playlist with features": "Track Name,Artist Name(s),Added At,Danceability\nSOS,ABBA,2020-01-01,0.5\n",
    "a list in German": "Name;Künstler;Album\nSOS;ABBA;LP\n",
}


@pytest.mark.parametrize("content", SAVED.values(), ids=SAVED)
def test_a_song_in_a_library_is_saved_and_not_heard(read, content):
    rows = read("auto", content if isinstance(content, str) else json.dumps(content), account="ann")
    assert kinds(rows) == [("ABBA", "SOS", Kind.SAVE, None)]
