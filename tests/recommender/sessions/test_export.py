"""What leaves a session is what other programs read, whatever the songs are called."""

import csv
import io
import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.sessions.export import exported
from recommender.types import Song
from storage.records import Subject

HOSTILE = ["</track>", "=1+1", "#EXTM3U\nx", "\x00\x1b", 'a,b"c']
names = st.text(min_size=1, max_size=30) | st.sampled_from(HOSTILE)
songs = st.lists(
    st.builds(Song, st.builds(Subject, st.integers(1, 9), st.integers(1, 9)), names, st.none() | names),
    max_size=5,
)
LINKS = {Subject(1, 1): {"spotify": "4u7E"}, Subject(2, 2): {"youtube": "dQw4"}}


@given(songs=songs, name=names)
@settings(max_examples=50)
def test_every_form_holds_every_song_and_can_be_read(songs, name):
    assert json.loads(exported("jspf", name, songs, LINKS))["playlist"]["title"]
    root = ET.fromstring(exported("xspf", name, songs, LINKS))  # noqa: S314 - what we have just written
    assert len(root.findall(".//{http://xspf.org/ns/0/}track")) == len(songs)
    rows = list(csv.reader(io.StringIO(exported("csv", name, songs, LINKS))))
    assert len(rows) == len(songs) + 1
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    lines = exported("m3u8", name, songs, LINKS).splitlines()
    assert lines[0] == "#EXTM3U"
    assert len([line for line in lines if line.startswith("#EXTINF")]) == len(songs)
    assert len(exported("links", name, songs, LINKS).splitlines()) == len(songs) + 1


@pytest.mark.parametrize(
    ("subject", "address"),
    [
        (Subject(1, 1), "https://open.spotify.com/track/4u7E"),
        (Subject(2, 2), "https://youtu.be/dQw4"),
        (Subject(3, 3), "https://www.youtube.com/results?search_query=A%20-%20T%20%26%20%C3%A9"),
    ],
)
def test_a_song_leads_to_where_it_can_be_heard(subject, address):
    assert address in exported("links", "x", [Song(subject, "A", "T & é")], LINKS)
