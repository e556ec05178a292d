import gzip
import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.imports import ImportFormatError, ListenRow, Noted, Options, Skipped, names, open_reader
from storage.records import Kind

WHEN = 1241478537  # 2009-05-04T23:08:57Z
MBID = "f1b1cf71-bd35-4e99-8624-24a6e15f133a"


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("user,artist,track,plays,timestamp", f"ann,ABBA,Waterloo,3,{WHEN}"),
        ("USERNAME;Band;Song;PlayCount;UTC_Time", "ann;ABBA;Waterloo;3;2009-05-04 23:08:57"),
        ("time\tartist_name\ttrack_name\tcount\tuser_id", "2009-05-04T23:08:57Z\tABBA\tWaterloo\t3\tann"),
        ("played_at,listens,Title,Artist Name,userID", "04 May 2009 23:08:57,3,Waterloo,ABBA,ann"),
        ("﻿ts,weight,name,artistname,listener", f"{WHEN}000,3.0,Waterloo,ABBA,ann"),
        ('"date"|"scrobbles"|"title"|"artist"|"user"', f'"{WHEN}.5"|"3"|"Waterloo"|"ABBA"|"ann"'),
    ],
)
def test_columns_are_found_in_any_order_by_their_usual_names(read, listens, header, row):
    assert listens(read("plays", f"{header}\n{row}\n")) == [("ann", "ABBA", "Waterloo", WHEN, 3)]


def test_ids_albums_and_playing_times_come_along(read):
    header = "user,artist,artist_mbid,track,track_mbid,isrc,spotify_track_uri,album,ms_played,ts"
    cells = f"ann,ABBA,{MBID.upper()},Waterloo,{MBID},SEAYD7401010,spotify:track:{'a' * 22},LP,90000,{WHEN}"
    assert read("plays", f"{header}\n{cells}\n") == [
        ListenRow(
            2,
            "ann",
            "ABBA",
            "Waterloo",
            at=WHEN,
            ms_played=90000,
            album="LP",
            artist_ids=(("mbid", MBID),),
            track_ids=(("mbid", MBID), ("spotify", "a" * 22), ("isrc", "SEAYD7401010")),
        )
    ]


def test_a_listen_without_a_title_is_a_listen_to_the_artist(read, listens):
    assert listens(read("plays", "user,artist,plays\nann,ABBA,3\n")) == [("ann", "ABBA", None, None, 3)]
    assert listens(read("plays", "user,artist,track\nann,ABBA,\n")) == [("ann", "ABBA", None, None, None)]


def test_the_log_of_a_thousand_users_needs_no_header(read, listens):
    line = f'user_000001\t2009-05-04T23:08:57Z\t{MBID}\tDeep "Dish"\t\tFuck Me\n'
    assert listens(read("plays", line * 2)) == [("user_000001", 'Deep "Dish"', "Fuck Me", WHEN, None)] * 2


def test_the_totals_of_360_thousand_users_need_no_header(read, listens):
    lines = f"{'0' * 40}\t{MBID}\tBetty Blowtorch\t2137\n{'0' * 40}\t\tdie Ärzte\t1099\n"
    assert listens(read("plays", lines)) == [
        ("0" * 40, "Betty Blowtorch", None, None, 2137),
        ("0" * 40, "die Ärzte", None, None, 1099),
    ]


def test_an_account_export_needs_no_header_but_a_name(read, write, listens):
    line = '"Ed Sheeran","Album (feat. X)","Song, Remix","04 May 2009 23:08"\n'
    assert listens(read("plays", line, account="anna")) == [
        ("anna", "Ed Sheeran", "Song, Remix", WHEN - 57 + 30, None)
    ]
    assert open_reader("plays", write(line), Options(account="anna")).platform == "terminal"
    with pytest.raises(ImportFormatError, match=r"does not say who listened; .* --as NAME"):
        open_reader("plays", write(line))


def test_columns_can_be_named_by_hand(read, listens):
    rows = read("plays", "3,x,ABBA,ann\n", columns=("count", "-", "band", "user"))
    assert listens(rows) == [("ann", "ABBA", None, None, 3)]
    rows = read("plays", "user,track,artist\nann,ABBA,Waterloo\n", columns=("user", "artist", "track"))
    assert listens(rows) == [("ann", "ABBA", "Waterloo", None, None)]


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        (
            "userId,movieId,rating,timestamp\n1,2,3,4\n",
            {},
            "has no column of artist names, but userId, movieId.*--columns",
        ),
        ("1,2,3\n4,5,6\n", {}, "has no line that names its columns; .*--columns user,artist"),
        ("a,b,c\n", {"columns": ("user", "artist")}, "has 3 columns and --columns names 2"),
        ("a,b\n", {"columns": ("user", "mood")}, "column mood is unknown in --columns"),
        ("a,b\n", {"columns": ("artist", "band")}, "column band is twice in --columns"),
        ("a,b\n", {"columns": ("user", "track")}, "cannot be read without an artist"),
        ("artist,track\na,b\n", {}, "does not say who listened"),
        ("user,artist\na,b\n", {"account": "ann"}, "says itself who listened; leave out --as ann"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(write, content, options, says):
    with pytest.raises(ImportFormatError, match=says) as refused:
        open_reader("plays", write(content), Options(**options))
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")


def test_rows_that_cannot_be_kept_say_why(read, reasons, listens):
    rows = read(
        "plays",
        b"user,artist,track,plays,time\n,a,t,1,\nu,,t,1,\nu,a,t,0,\nu,a,t,nan,\nu,a,t,-3,\nu,a,t,inf,\nu,a,t,1e300,\n"
        b"u,a,t,2,soon\nu,a,t\nu,\0,t,1,\nu,a,t,5,\n",
    )
    count = "play count that is no whole number from 0 to 10,000,000"
    assert reasons(rows) == [
        (2, "no user"),
        (3, "no artist"),
        (4, "no plays"),
        *((line, count) for line in (5, 6, 7, 8)),
        (9, "time in no format known (2009-05-04T23:08:57Z is one)"),
        (10, "more or fewer cells than the first line has"),
        (11, "NUL characters"),
    ]
    assert listens(rows) == [("u", "a", "t", None, 5)]


def test_a_stopped_clock_tells_of_no_listen_but_of_a_total(read, listens, reasons):
    future = int(time.time()) + 30 * 86_400
    rows = read(
        "plays",
        "user,artist,plays,time\nann,ABBA,,01 Jan 1970 00:00\n"
        f"ann,ABBA,,{future}\nann,ABBA,,-5\nann,ABBA,3,0\n",
    )
    assert listens(rows) == [("ann", "ABBA", None, None, 3)]
    assert reasons(rows) == [(n, "time before 1990 or in the future") for n in (2, 3, 4)]
    assert reasons(rows, Noted) == [(5, "time before 1990 or in the future, set aside")]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("artist,track,time\nABBA,SOS,\n", "no time"),
        ("artist,track,plays\nABBA,SOS,\n", "no plays"),
        ("artist,track,plays,time\nABBA,SOS,,\n", "no time"),
    ],
)
def test_a_row_that_misses_what_its_table_tells_is_no_listen(read, reasons, table, reason):
    assert reasons(read("plays", table, account="ann")) == [(2, reason)]


def test_a_table_without_times_and_counts_is_a_library(read):
    [row] = read("plays", "artist,track\nABBA,SOS\n", account="ann")
    assert (row.kind, row.at, row.plays) == (Kind.SAVE, None, None)


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        (("04/05/2009 23:08", "31/05/2009 23:08"), (4, 31)),
        (("05/04/2009 23:08", "05/31/2009 23:08"), (4, 31)),
        (("5/4/09, 11:08 PM", "5/31/09, 11:08 PM"), (4, 31)),
    ],
)
def test_the_whole_column_tells_days_from_months(read, dates, days):
    rows = read("plays", "artist;track;date\n" + "".join(f"ABBA;SOS;{date}\n" for date in dates), account="a")
    assert [datetime.fromtimestamp(row.at, UTC).day for row in rows] == list(days)
    assert {datetime.fromtimestamp(row.at, UTC).month for row in rows} == {5}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_encodings_are_seen_through(read, listens, encoding):
    rows = read("plays", "user,artist,track\nann,Björk,Jóga\n".encode(encoding))
    assert listens(rows) == [("ann", "Björk", "Jóga", None, None)]
    assert any(isinstance(row, Noted) and row.what == names.NOT_UTF8 for row in rows) == (
        encoding == "cp1252"
    )


def test_a_cut_off_archive_keeps_what_came_before(read, reasons, kinds):
    lines = "".join(
        f"user {n},artist {n * 7919 % 100_003},title {n * 104_729 % 1_000_003}\n" for n in range(50_000)
    )
    packed = gzip.compress(f"user,artist,track\n{lines}".encode())
    rows = read("plays", packed[: len(packed) // 2])
    assert kinds(rows)["ListenRow"] > 20_000
    ((line, reason),) = reasons(rows)
    assert line == kinds(rows)["ListenRow"] + 2
    assert reason.startswith("damaged file, nothing read from there on")


TABLES = st.lists(
    st.lists(
        st.text(max_size=6) | st.sampled_from(["user", "artist", "track", "plays", '"', "1", "2020-01-01"])
    ).map(",".join),
    max_size=8,
).map("\n".join)


@given(
    st.one_of(
        st.text(), TABLES, st.binary(), TABLES.map(lambda table: f"user,artist,track,plays,time\n{table}")
    )
)
@example('sep="\nuser,artist\n')
@example("user,artist\n\x1c\n")
@example("user,artist\n\x85,a\n")
@example('"user\nx",artist\n"')
def test_no_file_crashes_the_reader(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    for options in (Options(), Options(account="ann")):
        with suppress(ImportFormatError):
            rows = list(open_reader("plays", path, options).rows())
            assert all(isinstance(row, ListenRow | Skipped | Noted) and row.line > 0 for row in rows)


def test_the_real_log_is_read_to_the_last_row(read, shared_data, kinds):
    rows = read("plays", shared_data / "lastfm-1k-sample/events-5000.tsv.gz")
    assert kinds(rows) == {"ListenRow": 5_000}
    assert sum(not row.artist_ids for row in rows) == 353
    assert sum(not row.track_ids for row in rows) == 1_396
    assert {row.user for row in rows} == {"user_000001", "user_000002"}


def test_the_real_export_is_read_to_the_last_row(read, shared_data, kinds):
    path = shared_data / "streaming-history-shape/lastfm-export-no-header.csv"
    assert kinds(read("plays", path, account="anna")) == {"ListenRow": 11}
