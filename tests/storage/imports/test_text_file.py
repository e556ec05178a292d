import gzip
import os

import pytest

from storage.imports import ImportFormatError
from storage.imports.text_file import BadLineError, TextFile


def lines_of(file):
    """Return the lines; for each bad one its (line, reason)."""
    found = []
    with file.lines() as lines:
        while True:
            try:
                found.append(next(lines))
            except BadLineError as bad:
                found.append((bad.line, bad.reason))
            except StopIteration:
                return found


def test_lines_end_in_one_way_whatever_the_file_says(write):
    assert lines_of(TextFile(write(b"a\r\nb\rc\nd"))) == ["a\n", "b\n", "c\n", "d"]


def test_gzip_is_told_by_its_bytes_not_by_the_name(write):
    assert lines_of(TextFile(write(gzip.compress(b"a\nb\n"), "plays.csv"))) == ["a\n", "b\n"]
    assert lines_of(TextFile(write(b"a\nb\n", "plays.csv.gz"))) == ["a\n", "b\n"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_byte_order_marks_are_no_text(write, encoding):
    assert lines_of(TextFile(write("Björk\n椎名林檎\n".encode(encoding)))) == ["Björk\n", "椎名林檎\n"]


def test_an_endless_line_is_refused_and_the_next_one_is_read(write):
    file = TextFile(write("ok\n" + "x" * 1_000_000 + "\nafter\n"), longest=1_000)
    assert lines_of(file) == ["ok\n", (2, "longer than 1,000 characters"), "after\n"]


def test_a_line_just_as_long_as_allowed_is_read(write):
    file = TextFile(write("abc\nabcd\nabcde\n"), longest=5)
    assert lines_of(file) == ["abc\n", "abcd\n", (3, "longer than 5 characters")]


def test_nul_characters_spoil_their_line_only(write):
    assert lines_of(TextFile(write(b"a\nb\0\nc\n"))) == ["a\n", (2, "NUL characters"), "c\n"]


def test_a_cut_off_archive_gives_what_is_there_and_says_so(write):
    whole = gzip.compress(os.urandom(200_000).hex().encode() + b"\n" + b"row\n" * 100_000)
    *_, last = lines_of(TextFile(write(whole[:-50]), longest=1 << 20))
    assert last[1].startswith("damaged file, nothing read from there on")


def test_a_flipped_bit_in_an_archive_is_noticed(write):
    content = bytearray(gzip.compress(b"row\n" * 10))
    content[-6] ^= 1  # in the checksum
    assert lines_of(TextFile(write(bytes(content))))[-1][1].startswith("damaged file")


def test_position_counts_bytes_of_the_file_itself(write):
    path = write(gzip.compress(b"row\n" * 1_000))
    file = TextFile(path)
    assert file.position() == (0, path.stat().st_size)
    lines_of(file)
    assert file.position() == (path.stat().st_size, path.stat().st_size)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"PK\x03\x04rest", "zip archive"),
        (b"\x1f\x8bnot really", "is no text table|cannot be read"),
        (b"SQLite format 3\0", "NUL characters"),
        (b'[\n  {"ts": 1}\n]', "is JSON"),
        (b'{"ts": 1}', "is JSON"),
        ("user,artist\n".encode("utf-16-le"), "NUL characters"),
    ],
)
def test_what_is_no_text_is_refused_with_a_sentence(write, content, says):
    with pytest.raises(ImportFormatError, match=says) as refused:
        TextFile(write(content))
    assert str(refused.value).endswith((".", "?"))


def test_missing_files_folders_and_pipes_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, says in (
        (tmp_path / "no.csv", "does not exist"),
        (tmp_path, "is a folder"),
        (tmp_path / "pipe", "ordinary"),
    ):
        with pytest.raises(ImportFormatError, match=says):
            TextFile(path)


def test_the_digest_is_of_the_content_not_of_the_name(write):
    assert TextFile(write("a\n", "one")).digest() == TextFile(write("a\n", "two")).digest()
    assert TextFile(write("a\n", "one")).digest() != TextFile(write("b\n", "two")).digest()
