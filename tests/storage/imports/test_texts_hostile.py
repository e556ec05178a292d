"""Files that are no texts, or try to be too much of one."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.imports import Skipped, TextRow, open_reader
from storage.imports.texts import _cleaned, _seen

REVIEW = "A slow burning record of hushed harmonies and patient drums, sparse guitars and much silence."
MANY = 300_000
SECONDS = 5.0  # for what takes some hundredths of one; what is quadratic takes minutes


def read(path):
    return list(open_reader("texts", path).rows())


@pytest.mark.parametrize(
    "piece",
    [
        "<nav>",
        "<nav></form>",
        "<!--",
        "<!",
        "<a ",
        '<a b="',
        "<![",
        "<?",
        "</",
        "&#1;",
        "<div>",
        "<script>",
        "[",
        "[]([",
        "![a](",
        "```",
        "~~~",
        "---\n",
        "a:",
        "\x00",
    ],
)
def test_no_piece_of_markup_takes_long_however_often_it_comes(piece):
    began = time.perf_counter()
    _seen(piece * MANY)
    _cleaned((piece * MANY)[:200_000])
    assert time.perf_counter() - began < SECONDS


@given(st.text(st.sampled_from("<>/!-[]?&#;=\"' \nabpdiv"), max_size=80))
def test_no_markup_breaks_the_reader(page):
    assert isinstance(_seen(page), str)


def test_nesting_is_read_as_far_as_it_goes(tmp_path):
    (tmp_path / "deep.html").write_text(f"<p>{REVIEW}</p>{'<div>' * 100_000}end")
    (tmp_path / "deep.jsonl").write_text('{"text": ' + "[" * 100_000 + "\n" + json.dumps({"text": REVIEW}))
    rows = read(tmp_path)
    assert [row.text for row in rows if isinstance(row, TextRow)] == [REVIEW, REVIEW]
    assert [row.reason for row in rows if isinstance(row, Skipped)] == ["no JSON"]


def test_bytes_that_are_no_text_are_skipped(tmp_path):
    (tmp_path / "image.txt").write_bytes(bytes(range(256)) * 400)
    (tmp_path / "zeros.md").write_bytes(bytes(100_000))
    assert [row.reason for row in read(tmp_path)] == ["no text", "no text"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_a_text_is_read_in_the_encoding_it_is_written_in(tmp_path, encoding):
    said = f"---\nartist: Björk\n---\n{REVIEW} Très étrange, sagt man in Köln."
    (tmp_path / "a.txt").write_bytes(said.encode(encoding))
    (row,) = read(tmp_path)
    assert row.artists == ("Björk",)
    assert row.text.endswith("Très étrange, sagt man in Köln.")


def test_what_is_too_large_is_left_out_and_the_rest_is_read(tmp_path):
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(50 << 20)  # 50 MB
    with (tmp_path / "lines.jsonl").open("w") as file:
        file.write('{"text": "')
        for _ in range(50):
            file.write("a" * (1 << 20))
        file.write('"}\n' + json.dumps({"text": REVIEW}) + "\n")
    began = time.perf_counter()
    rows = read(tmp_path)
    assert [row.reason for row in rows if isinstance(row, Skipped)] == [
        "larger than a text",
        "line longer than a text",
    ]
    assert [row.text for row in rows if isinstance(row, TextRow)] == [REVIEW]
    open_reader("texts", tmp_path).digest()
    assert time.perf_counter() - began < SECONDS


def test_inline_marks_do_not_part_words(tmp_path):
    (tmp_path / "a.html").write_text(f"<p>Slow<b>core</b> &amp; <i>drones</i>.</p><p>{REVIEW}</p>")
    (row,) = read(tmp_path)
    assert row.text == f"Slowcore & drones.\n{REVIEW}"
