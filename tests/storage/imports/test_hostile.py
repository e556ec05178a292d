"""Files that mean harm, or that nobody meant: a sentence or skipped entries, in bounded time and memory."""

import gzip
import json
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.imports import ImportFormatError, ListenRow, Noted, Options, Skipped, open_reader
from storage.ingest.importer import run_import
from storage.store import Store
from storage.writer import Writer

GOOD = {
    "ts": "2020-01-01T12:03:00Z",
    "ms_played": 180_000,
    "master_metadata_track_name": "SOS",
    "master_metadata_album_artist_name": "ABBA",
    "master_metadata_album_album_name": None,
    "spotify_track_uri": None,
    "reason_end": "trackdone",
    "skipped": False,
    "incognito_mode": False,
}
MEMORY = 40 << 20  # bytes that a reader may hold at most while it reads a small hostile file


def read(path):
    """Return the rows, or the sentence with which the file was refused."""
    try:
        return list(open_reader("auto", path, Options(account="ann")).rows())
    except ImportFormatError as error:
        return str(error)


def kept(rows):
    return [row.title for row in rows if isinstance(row, ListenRow)] if isinstance(rows, list) else []


def entries(*changes):
    return json.dumps([GOOD, *({**GOOD, **change} for change in changes), GOOD])


@pytest.mark.parametrize(
    "change",
    [
        {"ts": "58859-01-01T00:00:00Z"},
        {"ts": "0001-01-01T00:00:00Z"},
        {"ts": 1e300},
        {"ts": None},
        {"ts": ["2020"]},
        {"ms_played": -1},
        {"ms_played": "many"},
        {"ms_played": {"a": 1}},
        {"master_metadata_track_name": 7},
        {"master_metadata_track_name": "\u0000\u0007"},
        {"master_metadata_album_artist_name": [["ABBA"]]},
    ],
    ids=str,
)
def test_an_entry_with_impossible_values_is_skipped_and_the_others_stay(write, change):
    rows = read(write(entries(change)))
    assert kept(rows) == ["SOS", "SOS"]
    assert [row.line for row in rows if isinstance(row, Skipped)] == [2]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "9" * 400, "01", "0x10"])
def test_numbers_that_are_none_end_or_skip_and_never_crash(write, number):
    rows = read(write(entries().replace("180000", number, 1)))
    assert isinstance(rows, str) or any(isinstance(row, Skipped) for row in rows)


def test_names_of_any_kind_are_fit_to_be_kept(write):
    change = {
        "master_metadata_track_name": "S\u202eO\u0000S\ud800",
        "master_metadata_album_artist_name": "A" * 9_999,
    }
    [_, row, _] = [row for row in read(write(entries(change))) if isinstance(row, ListenRow)]
    assert row.title.isprintable()
    assert len(row.artist) == 300


def test_the_same_name_twice_counts_as_the_last(write):
    twice = json.dumps([GOOD]).replace('"ms_played"', '"master_metadata_track_name": "Old", "ms_played"', 1)
    assert kept(read(write(twice))) == ["SOS"]


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 2_000_000,
        b'{"a":' * 500_000,
        b'[{"ts": "' + b"x" * 5_000_000 + b'"}]',
        b"[" + b" " * 5_000_000,
        b'{"ts":' + b"[" * 2_000_000,
        b"[" + b"1," * 2_000_000 + b"1]",
        b"x" * 5_000_000,
        b"artist,track\n" + b'"' + b"x\n" * 50_000,
    ],
    ids=["arrays", "objects", "one text", "blanks", "deep value", "numbers", "one line", "open quote"],
)
def test_what_never_ends_is_given_up_in_bounded_memory(write, content):
    path = write(content)
    tracemalloc.start()
    rows = read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(rows, str) or not kept(rows) or len(content) < MEMORY
    assert peak < MEMORY


def test_an_entry_longer_than_any_listen_ends_the_reading_and_what_came_before_stays(write):
    path = write(json.dumps([GOOD, GOOD, {**GOOD, "x": "y" * 3_000_000}]))
    rows = read(path)
    assert len(kept(rows)) == 2
    assert "nothing read from there on" in rows[-1].reason


def test_a_gzip_bomb_of_one_line_is_read_in_bounded_memory(tmp_path):
    path = tmp_path / "bomb.json.gz"
    with gzip.open(path, "wb") as file:
        file.write(b'[{"ts": "')
        for _ in range(64):
            file.write(b"x" * (1 << 20))
    tracemalloc.start()
    said = read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(said, str)
    assert peak < MEMORY


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "utf-8-sig"])
def test_json_in_another_encoding_is_read_or_refused_with_a_sentence(write, encoding):
    content = json.dumps([{**GOOD, "master_metadata_track_name": "Jóga"}], ensure_ascii=False)
    rows = read(write(content.encode(encoding)))
    assert isinstance(rows, str) or kept(rows) in (["Jóga"], [])


def test_an_archive_cut_off_or_encrypted_or_with_a_wrong_checksum_is_told(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", json.dumps([GOOD] * 1_000))
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    assert "no whole zip archive" in read(path)
    path.write_bytes(whole.replace(b'"SOS"', b'"SOX"', 1))  # found out only at the end of the file
    rows = read(path)
    assert isinstance(rows, str) or isinstance(rows[-1], Skipped)
    locked = bytearray(whole)
    for place in (whole.index(b"PK\x03\x04") + 6, whole.index(b"PK\x01\x02") + 8):
        locked[place] |= 1
    path.write_bytes(locked)
    assert "encrypted" in read(path)


def test_an_archive_of_very_many_files_is_refused(tmp_path):
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(5_001):
            archive.writestr(f"{number}.json", "[]")
    assert "which no export does" in read(path)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        "ts",
        "ms_played",
        "master_metadata_track_name",
        "endTime",
        "trackName",
        "msPlayed",
        "listened_at",
        "track_metadata",
        "score",
        "recording_mbid",
        "time",
        "track",
        "artists",
        "header",
        "title",
        "subtitles",
        "artist",
        "album",
        "date",
        "name",
        "pid",
        "tracks",
        "modified_at",
        "plays",
        "artistName",
        "user",
    ]
)
ENTRIES = st.lists(st.dictionaries(NAMES, VALUES, max_size=8) | VALUES, max_size=6)


@settings(max_examples=60)
@given(ENTRIES, st.sampled_from(["array", "lines", "inside"]))
def test_entries_of_any_kind_come_as_rows_or_reasons(tmp_path_factory, made, form):
    path = tmp_path_factory.mktemp("any") / "file"
    if form == "lines":
        path.write_text("\n".join(map(json.dumps, made)), encoding="utf-8")
    else:
        path.write_text(json.dumps(made if form == "array" else {"scrobbles": made}), encoding="utf-8")
    rows = read(path)
    assert isinstance(rows, str) or all(isinstance(row, ListenRow | Skipped | Noted) for row in rows)


@settings(max_examples=40)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"[", b"{", b"\x1f\x8b", b"PK\x03\x04", b"a,b\n", b"\xff\xfe"]),
)
def test_bytes_of_any_kind_are_read_or_refused(tmp_path_factory, content, start):
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(start + content)
    assert isinstance(read(path), list | str)


@settings(max_examples=25)
@given(st.data())
def test_a_damaged_export_never_leaves_anything_half_written(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("damaged")
    whole = bytearray(json.dumps([{**GOOD, "ts": f"2020-01-01T{n:02}:03:00Z"} for n in range(12)]).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    (folder / "file").write_bytes(whole)
    with Writer(folder / "segue.db") as writer:
        try:
            report = run_import(writer, open_reader("auto", folder / "file", Options(account="ann")))
        except ImportFormatError:
            return
    with Store.open(folder / "segue.db", readonly=True) as store:
        events = store.db.execute("SELECT count(*) FROM events").fetchone()[0]
        assert events == report.new["listens"]
        assert store.db.execute("PRAGMA foreign_key_check").fetchall() == []
