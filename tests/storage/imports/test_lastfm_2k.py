"""The HetRec folder: Cantador et al. (2011), in a made-up miniature and, where present, the real one."""

import gzip
from datetime import UTC, datetime

import pytest

from storage.imports import (
    ArtistRow,
    FriendRow,
    ImportFormatError,
    ListenRow,
    Noted,
    TaggingRow,
    names,
    open_reader,
)

ARTISTS = """\
id\tname\turl\tpictureURL
1\t"Weird Al" Yankovic\thttp://x\thttp://y
2\t椎名林檎\thttp://x\t
3\tBallakÃ© Sissoko\t\t
"""
FILES = {
    "artists.dat": ARTISTS.encode() + b"4\tMot\xf6rhead\t\t\n5\t\t\t\n",
    "user_artists.dat": b"userID\tartistID\tweight\n2\t1\t13883\n2\t9\t5\n3\t2\t0\n3\t2\t-1\n3\t4\t17\n",
    "tags.dat": "tagID\ttagValue\r\n1\tespañol\r\n2\tMetal\r\n".encode("latin-1"),
    "user_taggedartists.dat": b"userID\tartistID\ttagID\tday\tmonth\tyear\n"
    b"2\t1\t1\t1\t4\t2009\n2\t4\t2\t1\t9\t1956\n2\t4\t1\t31\t2\t2010\n2\t7\t1\t1\t4\t2009\n2\t1\t8\t1\t4\t2009\n\t1\t1\t1\t4\t2009\n2\t1\n",
    "user_friends.dat": b"userID\tfriendID\n2\t3\n3\t2\n3\t3\n",
}


@pytest.fixture
def folder(write):
    return next(reversed([write(content, f"hetrec/{name}").parent for name, content in FILES.items()]))


def test_everything_in_the_folder_is_read(read, folder, reasons):
    rows = read("lastfm-2k", folder)
    april = int(datetime(2009, 4, 1, tzinfo=UTC).timestamp())
    assert [row for row in rows if isinstance(row, ArtistRow)] == [
        ArtistRow(2, '"Weird Al" Yankovic'),
        ArtistRow(3, "椎名林檎"),
        ArtistRow(4, "Ballaké Sissoko"),
        ArtistRow(5, "Motörhead"),
    ]
    assert [row for row in rows if isinstance(row, ListenRow)] == [
        ListenRow(2, "2", '"Weird Al" Yankovic', plays=13883),
        ListenRow(6, "3", "Motörhead", plays=17),
    ]
    assert [row for row in rows if isinstance(row, TaggingRow)] == [
        TaggingRow(2, "2", '"Weird Al" Yankovic', "español", april),
        TaggingRow(3, "2", "Motörhead", "Metal", None),
        TaggingRow(4, "2", "Motörhead", "español", None),
    ]
    assert [row for row in rows if isinstance(row, FriendRow)] == [
        FriendRow(2, "2", "3"),
        FriendRow(3, "3", "2"),
    ]
    assert reasons(rows) == [
        (6, "artist without a name (artists.dat)"),
        (3, "unknown artist (user-artists.dat)"),
        (4, "no plays (user-artists.dat)"),
        (5, "play count that is no whole number from 0 to 10,000,000 (user-artists.dat)"),
        (5, "unknown artist (user-taggedartists.dat)"),
        (6, "unknown tag (user-taggedartists.dat)"),
        (7, "no user (user-taggedartists.dat)"),
        (8, "more or fewer cells than the first line has (user-taggedartists.dat)"),
        (4, "somebody as a friend of her own (user-friends.dat)"),
    ]
    assert reasons(rows, Noted) == [
        (4, f"{names.TWICE_UTF8} (artists.dat)"),
        (5, f"{names.NOT_UTF8} (artists.dat)"),
        (3, "day before 2005 or in no calendar, set aside"),
        (4, "day before 2005 or in no calendar, set aside"),
    ]


def test_files_may_be_gzipped_and_named_with_hyphens(write, read, kinds):
    for name, content in FILES.items():
        path = write(gzip.compress(content), f"packed/{name.replace('_', '-')}.gz")
    assert kinds(read("lastfm-2k", path.parent)) == {
        "ArtistRow": 4,
        "ListenRow": 2,
        "TaggingRow": 3,
        "FriendRow": 2,
    } | {
        "Skipped": 9,
        "Noted": 4,
    }


def test_a_missing_table_or_column_is_named(folder, write):
    write("userID\tfriend\n1\t2\n", "hetrec/user_friends.dat")
    with pytest.raises(ImportFormatError, match=r"user_friends.dat has no column friendID"):
        open_reader("lastfm-2k", folder)
    (folder / "tags.dat").unlink()
    with pytest.raises(
        ImportFormatError, match=r"has no tags.dat; name the folder that holds all five tables"
    ):
        open_reader("lastfm-2k", folder)
    with pytest.raises(ImportFormatError, match="is no folder"):
        open_reader("lastfm-2k", folder / "artists.dat")


def test_progress_goes_from_nothing_to_all(folder):
    reader = open_reader("lastfm-2k", folder)
    assert reader.progress() == 0
    list(reader.rows())
    assert reader.progress() == 1


def test_the_real_folder_is_read_to_the_last_row(read, shared_data, kinds, reasons):
    rows = read("lastfm-2k", shared_data / "lastfm-2k")
    assert kinds(rows) == {
        "ArtistRow": 17_632,
        "ListenRow": 92_834,
        "TaggingRow": 184_941,
        "FriendRow": 25_434,
    } | {
        "Skipped": 1_538,
        "Noted": 9,
    }
    assert {reason for _, reason in reasons(rows)} == {"unknown artist (user-taggedartists.dat)"}
    assert sum("day" in what for _, what in reasons(rows, Noted)) == 5
    assert {row.tag for row in rows if isinstance(row, TaggingRow)} >= {
        "rock français",
        "español",
        "düsseldorf",
    }
