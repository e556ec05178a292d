"""Limits of every reader: what is damaged, endless or made to do harm costs little and ends in a sentence."""

import gzip
import importlib.util
import io
import random
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from storage.imports import ImportFormatError, ListenRow, Options, Skipped, open_reader
from storage.imports.limits import Distinct, Guarded, Limits

_SPEC = importlib.util.spec_from_file_location("samples", Path(__file__).with_name("samples.py"))
samples_module = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(samples_module)
SAMPLES = samples_module.samples()
MEMORY = 40 << 20  # bytes
ROUNDS = 40  # damaged copies of each sample


def read(path, form="auto", **options):
    """Return the rows, or the sentence with which the file was refused."""
    try:
        return list(open_reader(form, path, Options(**{"account": "ann", **options})).rows())
    except ImportFormatError as error:
        return str(error)


def form(name):
    return "lastfm-matrix" if name == "matrix.csv" else "auto"


def whose(name):
    return {"account": None if name == "matrix.csv" else "ann"}


def damaged(content: bytes, other: bytes, rng: random.Random) -> bytes:
    """Return the content with some bytes changed, cut off, doubled, or replaced by a part of another file."""
    made = bytearray(content)
    start = rng.randrange(len(made))
    end = min(len(made), start + rng.choice([1, 4, 64, len(made)]))
    match rng.choice(["flip", "cut", "double", "splice", "zero"]):
        case "flip":
            for _ in range(rng.choice([1, 3, 20])):
                made[rng.randrange(len(made))] = rng.randrange(256)
        case "cut":
            del made[start:end]
        case "double":
            made[start:start] = made[start:end] * rng.choice([1, 50])
        case "splice":
            made[start:end] = other[: rng.randrange(len(other))]
        case "zero":
            made[start:end] = bytes(end - start)
    return bytes(made)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_valid(write, name):
    rows = read(write(SAMPLES[name], name), form(name), **whose(name))
    assert isinstance(rows, list), rows
    assert [row.title for row in rows if isinstance(row, ListenRow)][:1] in (["SOS"], [None])


@pytest.mark.parametrize("name", SAMPLES)
def test_a_damaged_file_gives_rows_reasons_or_one_sentence(write, name, caplog):
    rng = random.Random(name)  # noqa: S311 - the same damage every time
    others = list(SAMPLES.values())
    started = time.monotonic()
    tracemalloc.start()
    for number in range(ROUNDS):
        content = damaged(SAMPLES[name], rng.choice(others), rng)
        for reader in (form(name), "plays"):
            said = read(write(content, f"{number}.{name}"), reader, **whose(name))
            assert isinstance(said, list) or said.endswith((".", "?", "...")), said
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MEMORY
    assert time.monotonic() - started < 30
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_small_gzip_of_very_many_rows_ends_early(write):
    many = b"artist,track,time\n" + b"ABBA,%s,1577880000\n" % (b"x" * 200) * 60_000
    rows = read(write(gzip.compress(many), "a.csv.gz"))
    assert len(rows) < 30_000
    assert rows[-1].reason == "damaged file, nothing read from there on"


def test_a_damaged_member_of_an_archive_is_told(tmp_path):
    path = tmp_path / "a.zip"
    content = bytearray(samples_module.packed({"a.csv": SAMPLES["plays.csv"] * 50}))
    content[60:80] = b"\xff" * 20
    path.write_bytes(content)
    for reader in ("auto", "texts"):
        said = read(path, reader, account=None if reader == "texts" else "ann")
        assert isinstance(said, str) or isinstance(said[-1], Skipped)


def test_a_nameless_member_of_an_archive_is_left_alone(tmp_path, caplog):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("plays.csv", SAMPLES["plays.csv"])
        archive.writestr(zipfile.ZipInfo(""), "nothing")
    assert len(read(path)) == 3
    assert caplog.text == ""


class Rows:
    """A reader of these rows."""

    source = platform = "rows"

    def __init__(self, rows) -> None:
        self._rows = rows

    def rows(self):
        yield from self._rows


def listens(users, artists):
    return (ListenRow(n, f"user {n % users}", f"artist {n % artists}", "SOS", 1) for n in range(10_000))


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (Limits(rows=100, users=9, artists=9), "rows"),
        (Limits(rows=99_999, users=1_000, artists=9), "users"),
        (Limits(rows=99_999, users=1 << 20, artists=1_000), "artists"),
    ],
)
def test_beyond_a_limit_one_reason_ends_the_reading(limits, what):
    many = {"users": (9_999, 3), "artists": (3, 9_999), "rows": (3, 3)}[what]
    *kept, last = Guarded(Rows(listens(*many)), limits).rows()
    assert last.reason == f"more {what} than a file may have, nothing read from there on"
    assert limits[("rows", "users", "artists").index(what)] == pytest.approx(len(kept), rel=0.02)


def test_names_are_counted_in_bounded_memory():
    tracemalloc.start()
    names = Distinct(100_000)
    counted = next(n for n in range(200_000) if names.is_too_many_with(f"name {n}"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert counted == pytest.approx(100_000, rel=0.01)
    assert peak < 2 << 20


def test_a_fault_in_a_reader_is_a_reason_and_is_logged(caplog):
    def faulty():
        yield from listens(1, 1)
        raise ZeroDivisionError

    *kept, last = Guarded(Rows(faulty()), Limits(99_999, 9, 9)).rows()
    assert len(kept) == 10_000
    assert last == Skipped(10_000, "damaged file, nothing read from there on")
    assert "failed after line 9999" in caplog.text


def rewritten(change):
    """Return the sample workbook with its parts changed by `change(name, content)`."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(SAMPLES["workbook.xlsx"])) as book,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as other,
    ):
        for info in book.infolist():
            other.writestr(info.filename, change(info.filename, book.read(info.filename)))
    return made.getvalue()


def sheet(inside):
    def change(name, content):
        if not name.startswith("xl/worksheets/sheet2"):
            return content
        start, _, rest = content.partition(b"<sheetData>")
        _, end, after = rest.rpartition(b"</sheetData>")
        return start + b"<sheetData>" + inside + rest.partition(b"</sheetData>")[0] + end + after

    return rewritten(change)


LAST_ROW = b'<row r="99999999999"><c r="A99999999999" t="inlineStr"><is><t>x</t></is></c></row>'
BOMBS = {
    "a row far below": sheet(LAST_ROW),
    "rows far apart": sheet(b"".join(b'<row r="%d"></row>' % n for n in range(1, 900_000, 90_000))),
    "a row without end": sheet(b"<row>" + b"<c/>" * 800_000 + b"</row>"),
    "shared texts": rewritten(
        lambda name, content: (
            b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            + b"<si/>" * 800_000
            + b"</sst>"
            if name == "xl/sharedStrings.xml"
            else content
        )
    ),
    "styles": rewritten(lambda name, content: content + b" " * (3 << 20) if "styles" in name else content),
    "entities": rewritten(
        lambda name, content: (
            b'<!DOCTYPE a [<!ENTITY b "bbbb">]>' + content if name == "xl/workbook.xml" else content
        )
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_workbook_never_becomes_large(write, name):
    path = write(BOMBS[name], "history")
    assert path.stat().st_size < 64 << 10
    tracemalloc.start()
    started = time.monotonic()
    said = read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(said, (str, list))
    assert peak < MEMORY
    assert time.monotonic() - started < 10


def test_a_workbook_without_an_ending_is_read(write):
    rows = read(write(SAMPLES["workbook.xlsx"], "history"))
    assert [row.title for row in rows] == ["SOS"] * 3
