import pytest

from storage.imports import ArtistRow, ImportFormatError, ListenRow, Noted, names, open_reader

TABLE = "user,abba,ac/dc,guns n roses\n1,1,0,1\n33,0,0,0\n42,0,1,0\n"


def test_ones_are_listens_and_columns_are_artists(read, reasons):
    rows = read("lastfm-matrix", TABLE)
    assert rows[:3] == [ArtistRow(1, "abba"), ArtistRow(1, "ac/dc"), ArtistRow(1, "guns n roses")]
    assert [row for row in rows if isinstance(row, ListenRow)] == [
        ListenRow(2, "1", "abba", plays=1),
        ListenRow(2, "1", "guns n roses", plays=1),
        ListenRow(4, "42", "ac/dc", plays=1),
    ]
    assert reasons(rows) == [(3, "listener without any artist")]


def test_a_table_of_counts_and_other_separators_will_do(read, listens):
    rows = read("lastfm-matrix", "id;abba;blur\nann;3;0\nbob;;2.0\n")
    assert listens(rows) == [("ann", "abba", None, None, 3), ("bob", "blur", None, None, 2)]


def test_the_column_in_which_r_counts_lines_is_passed_over(read, listens):
    rows = read("lastfm-matrix", '"","user","abba"\n"1","ann",1\n')
    assert listens(rows) == [("ann", "abba", None, None, 1)]


def test_odd_rows_and_columns_are_skipped_with_their_lines(read, reasons):
    rows = read(
        "lastfm-matrix", "user,abba,,BallakÃ© Sissoko\n1,1,1,1\n2,x,0,1\n3,1\n,1,0,0\n5,-1,0,0\n6,nan,0,1\n"
    )
    assert reasons(rows) == [
        (1, "column without an artist"),
        (3, "cell that is no whole number from 0 to 10,000,000"),
        (4, "more or fewer cells than the first line has"),
        (5, "no user"),
        (6, "cell that is no whole number from 0 to 10,000,000"),
        (7, "cell that is no whole number from 0 to 10,000,000"),
    ]
    assert reasons(rows, Noted) == [(1, names.TWICE_UTF8)]


@pytest.mark.parametrize(
    "content", ["user,artist,plays\nann,ABBA,3\n", "only one column\n1\n", "a,b,c\n1,2\n"]
)
def test_another_table_is_refused_with_what_to_do(write, content):
    with pytest.raises(ImportFormatError, match=r"no table of users x artists: .* read by the format plays"):
        open_reader("lastfm-matrix", write(content))


def test_a_very_wide_table_is_read(read, kinds):
    artists = 100_000
    header = ",".join(f"artist number {n}" for n in range(artists))
    rows = read("lastfm-matrix", f"user,{header}\nann,{','.join('01' * (artists // 2))}\n")
    assert kinds(rows) == {"ArtistRow": artists, "ListenRow": artists // 2}


def test_the_german_listeners_are_all_there(read, shared_data, kinds):
    rows = read("lastfm-matrix", shared_data / "lastfm-germany/lastfm-matrix-germany.csv.gz")
    assert kinds(rows) == {"ArtistRow": 285, "ListenRow": 15_192, "Skipped": 31}
    assert len({row.user for row in rows if isinstance(row, ListenRow)}) + 31 == 1_257


def test_the_radio_songs_are_all_there(read, shared_data, kinds):
    rows = read("lastfm-matrix", shared_data / "lastfm-germany/radio-songs-100.csv")
    assert kinds(rows)["ArtistRow"] == 285
    assert len({row.user for row in rows if isinstance(row, ListenRow)}) == 96
