import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.imports import ImportFormatError, Skipped
from storage.imports.table import Table
from storage.imports.text_file import TextFile

CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


def rows_of(path, known=("artist", "track", "user"), **options):
    return list(Table(TextFile(path), known, **options).rows(header=True))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(write, delimiter):
    path = write(f"user{delimiter}artist{delimiter}track\nann{delimiter}AC/DC{delimiter}T.N.T.\n")
    assert rows_of(path) == [(2, ["ann", "AC/DC", "T.N.T."])]


def test_the_names_of_columns_outweigh_commas_in_titles(write):
    path = write("user;artist;track\nann;Crosby, Stills, Nash;Suite: Judy, Blue, Eyes\n")
    assert rows_of(path) == [(2, ["ann", "Crosby, Stills, Nash", "Suite: Judy, Blue, Eyes"])]


def test_the_line_that_spreadsheets_put_first_is_obeyed(write):
    assert rows_of(write("sep=|\nuser|artist\nann|A,B\n")) == [(3, ["ann", "A,B"])]


def test_a_cell_in_quotation_marks_may_hold_anything(write):
    path = write('user,artist\nann,"AC/DC, ""live""\nin two lines"\nbob,ABBA\n')
    assert rows_of(path) == [(2, ["ann", 'AC/DC, "live"\nin two lines']), (4, ["bob", "ABBA"])]


def test_an_unclosed_quotation_mark_costs_one_line(write):
    lines = ["user,artist", 'ann,"Heroes', *(f"bob,artist {n}" for n in range(300)), 'eve,"end']
    rows = rows_of(write("\n".join(lines)))
    assert rows[0] == Skipped(2, "quotation mark never closed")
    assert rows[1:301] == [(n + 3, ["bob", f"artist {n}"]) for n in range(300)]
    assert rows[301] == (303, ["eve", "end"])


def test_two_unclosed_quotation_marks_do_not_swallow_what_is_between(write):
    for stray in ('eve,"three', 'eve,three"'):
        rows = rows_of(write(f'user,artist\nann,"one\nbob,two\n{stray}\ndan,four\n'))
        assert rows[:2] == [Skipped(2, "quotation mark never closed"), (3, ["bob", "two"])]
        assert rows[-1] == (5, ["dan", "four"])


def test_quotation_marks_belong_to_names_where_tabs_separate(write):
    path = write('user\tartist\nann\t"Weird Al" Yankovic\nbob\tABBA\neve\tBlur\n')
    assert rows_of(path)[0] == (2, ["ann", '"Weird Al" Yankovic'])


def test_quotation_marks_around_everything_are_taken_off_where_tabs_separate(write):
    assert rows_of(write('"user"\t"artist"\n"ann"\t"ABBA"\n')) == [(2, ["ann", "ABBA"])]


def test_rows_have_as_many_cells_as_the_first(write):
    rows = rows_of(write("user,artist\nann,Earth, Wind & Fire\nbob\neve,ABBA,,\n\n   \n,\n"))
    odd = "more or fewer cells than the first line has"
    assert rows == [Skipped(2, odd), Skipped(3, odd), (4, ["eve", "ABBA"])]


def test_a_cell_beyond_all_measure_is_skipped(write):
    rows = rows_of(write("user,artist\nann," + "x" * 200_000 + "\nbob,ABBA\n"))
    assert rows == [Skipped(2, "field larger than field limit (131072)"), (3, ["bob", "ABBA"])]


def test_a_bad_line_within_quotation_marks_takes_no_other_along(write):
    rows = rows_of(write(b'user,artist\nann,"one\nb\0b,two\neve,three\n'))
    assert rows == [
        Skipped(2, "quotation mark never closed"),
        Skipped(3, "NUL characters"),
        (4, ["eve", "three"]),
    ]


def test_a_file_of_separators_is_no_table(write):
    with pytest.raises(ImportFormatError, match="holds no table"):
        Table(TextFile(write(",,,\n,,,\n")))


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3).filter(any), max_size=20))
def test_what_a_csv_writer_writes_is_read_back(tmp_path_factory, rows):
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["user", "artist", "track"], *rows])
    path = tmp_path_factory.mktemp("table") / "file.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    assert [cells for _, cells in rows_of(path)] == rows
