"""Exports of the services, as they come: recognised by what is in them, in a file, a folder or a zip."""

import gzip
import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from openpyxl import Workbook

from storage.imports import ImportFormatError, ListenRow, Options, Skipped, open_reader
from storage.records import Kind

NOON = int(datetime(2020, 1, 1, 12, tzinfo=UTC).timestamp())
EXTENDED = {
    "ts": "2020-01-01T12:03:00Z",
    "platform": "ios",
    "ms_played": 180_000,
    "conn_country": "DE",
    "ip_addr": "192.0.2.1",
    "master_metadata_track_name": "SOS",
    "master_metadata_album_artist_name": "ABBA",
    "master_metadata_album_album_name": "ABBA",
    "spotify_track_uri": f"spotify:track:{'a' * 22}",
    "reason_start": "trackdone",
    "reason_end": "trackdone",
    "skipped": None,
    "incognito_mode": False,
}
ACCOUNT = {"endTime": "2020-01-01 12:03", "artistName": "ABBA", "trackName": "SOS", "msPlayed": 180_000}
LISTEN = {
    "listened_at": NOON,
    "track_metadata": {
        "artist_name": "ABBA",
        "track_name": "SOS",
        "release_name": "ABBA",
        "additional_info": {"isrc": "SEAYD7501010", "spotify_id": f"spotify:track:{'a' * 22}"},
        "mbid_mapping": {"recording_mbid": "f1b1cf71-bd35-4e99-8624-24a6e15f133a"},
    },
}
FEEDBACK = {"score": 1, "created": NOON, "recording_mbid": None, "track_metadata": LISTEN["track_metadata"]}
MALOJA = {"time": NOON, "track": {"artists": ["ABBA", "Cher"], "title": "SOS"}, "duration": 180}
TAKEOUT = {
    "header": "YouTube Music",
    "title": "Watched SOS",
    "titleUrl": "https://music.youtube.com/watch?v=cvChjHcABPA",
    "subtitles": [{"name": "ABBA - Topic"}],
    "time": "2020-01-01T12:00:00.123Z",
    "products": ["YouTube"],
}
LASTFMSTATS = {"track": "SOS", "artist": "ABBA", "album": "ABBA", "date": NOON * 1000}
API = {"artist": {"#text": "ABBA"}, "name": "SOS", "album": {"#text": "ABBA"}, "date": {"uts": str(NOON)}}
ONES = {
    "extended": ([EXTENDED], "spotify-file"),
    "account": ([ACCOUNT], "spotify-file"),
    "maloja": ({"maloja": {"version": "3"}, "scrobbles": [MALOJA]}, "maloja-file"),
    "takeout": ([TAKEOUT], "youtube-file"),
    "lastfmstats": ({"username": "ann", "scrobbles": [LASTFMSTATS]}, "lastfm-file"),
    "api": ([API], "lastfm-file"),
    "any": ([{"Artist": "ABBA", "Title": "SOS", "played_at": "2020-01-01T12:00:00Z"}], "plays"),
}


def rows_of(path, **options):
    reader = open_reader("auto", path, Options(**{"account": "ann", **options}))
    return list(reader.rows())


def heard(rows):
    return [
        (row.artist, row.title, row.at, row.kind, row.source) for row in rows if isinstance(row, ListenRow)
    ]


def packed(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(("content", "source"), ONES.values(), ids=ONES)
def test_a_json_export_is_known_by_its_entries(write, content, source):
    plain = write(json.dumps(content, indent=1), "whatever.txt")
    in_a_line = write(json.dumps(content).encode() + b"\n", "line")
    zipped = write(gzip.compress(json.dumps(content).encode()), "zipped")
    for path in (plain, in_a_line, zipped):
        [(artist, title, at, kind, told)] = heard(rows_of(path))
        assert (artist.split("; ")[0], title, kind, told) == ("ABBA", "SOS", Kind.PLAY, source)
        assert abs(at - NOON) <= 30


def test_a_listenbrainz_archive_brings_listens_and_verdicts(tmp_path):
    lines = "".join(json.dumps({**LISTEN, "listened_at": NOON + 600 * n}) + "\n" for n in range(3))
    path = packed(
        tmp_path / "ann.zip",
        {
            "user.json": '{"username": "ann"}',
            "listens/2020/1.jsonl": lines,
            "feedback.jsonl": json.dumps(FEEDBACK),
        },
    )
    found = rows_of(path)
    assert [kind for *_, kind, _ in heard(found)] == [Kind.LIKE, Kind.PLAY, Kind.PLAY, Kind.PLAY]
    ids = next(row.track_ids for row in found if isinstance(row, ListenRow) and row.kind is Kind.PLAY)
    assert ids == (
        ("mbid", "f1b1cf71-bd35-4e99-8624-24a6e15f133a"),
        ("isrc", "SEAYD7501010"),
        ("spotify", "a" * 22),
    )


def test_the_archive_that_spotify_sends_is_read_as_it_is(tmp_path):
    files = {
        "Spotify Account Data/Read_Me_First.pdf": b"%PDF-1.4\0\xff",
        "Spotify Account Data/Userdata.json": '{"username": "ann", "email": "ann@example.org"}',
        "Spotify Account Data/StreamingHistory_music_0.json": json.dumps([ACCOUNT]),
        "Spotify Account Data/StreamingHistory_podcast_0.json": json.dumps(
            [{"endTime": "2020-01-01 12:03", "podcastName": "P", "episodeName": "E", "msPlayed": 90_000}]
        ),
    }
    found = rows_of(packed(tmp_path / "my_spotify_data.zip", files))
    assert len(heard(found)) == 1
    assert [row.reason for row in found if isinstance(row, Skipped)] == [
        "no music (a podcast, an audiobook or a video)"
    ]


def test_what_spotify_knows_beyond_the_music_is_in_no_row(write):
    [row] = rows_of(write(json.dumps([EXTENDED])))
    assert not {"192.0.2.1", "ios", "DE"} & set(map(str, (*row.track_ids, row.artist, row.title, row.album)))


def test_short_streams_are_no_plays_and_skipped_ones_weak_negatives(write):
    streams = [
        {**EXTENDED, "ms_played": 29_999},
        {**EXTENDED, "ms_played": 2_000, "reason_end": "fwdbtn"},
        {**EXTENDED, "ms_played": 2_000, "skipped": True},
        {**EXTENDED, "incognito_mode": True},
        {**EXTENDED, "master_metadata_track_name": None},
        {**EXTENDED, "ms_played": 31_000, "skipped": True},
    ]
    found = rows_of(write(json.dumps(streams)))
    assert [kind for *_, kind, _ in heard(found)] == [Kind.SKIP, Kind.SKIP, Kind.PLAY]
    assert [row.line for row in found if isinstance(row, Skipped)] == [1, 4, 5]


def test_only_what_takeout_heads_youtube_music_counts(write):
    entries = [
        {**TAKEOUT, "header": "YouTube", "titleUrl": "https://www.youtube.com/watch?v=cvChjHcABPA"},
        {**TAKEOUT, "title": "„SOS“ angesehen", "subtitles": [{"name": "ABBA"}]},
        {**TAKEOUT, "title": "Watched ABBA - SOS (Official Video)", "subtitles": [{"name": "AbbaVEVO"}]},
        {**TAKEOUT, "title": "Watched https://music.youtube.com/watch?v=cvChjHcABPA"},
        {key: value for key, value in TAKEOUT.items() if key != "subtitles"},
    ]
    assert [names[:2] for names in heard(rows_of(write(json.dumps(entries))))] == [
        ("ABBA", "SOS"),
        ("ABBA", "SOS"),
    ]


APPLE = (
    "Artist Name,Song Name,Album Name,Event Type,Media Type,Event Start Timestamp,"
    "Play Duration Milliseconds,End Reason Type,IP City\n"
)
DAILY = "Country,Track Identifier,Track Description,Play Count,Date Played\nDE,1,ABBA - SOS,1,20200101\n"


def test_apple_music_names_artists_in_the_file_or_beside_it(tmp_path):
    activity = APPLE + (
        ",SOS,ABBA,PLAY_END,AUDIO,2020-01-01T12:00:00.123Z,180000,NATURAL_END_OF_TRACK,Ulm\n"
        "Queen,Innuendo,,PLAY_END,AUDIO,2020-01-01T13:00:00Z,2000,TRACK_SKIPPED_FORWARDS,Ulm\n"
        "Queen,Innuendo,,PLAY_START,AUDIO,2020-01-01T13:00:00Z,0,NOT_APPLICABLE,Ulm\n"
        ",Unknown,,PLAY_END,AUDIO,2020-01-01T14:00:00Z,180000,,Ulm\n"
        "Queen,Film,,PLAY_END,VIDEO,2020-01-01T14:00:00Z,180000,,Ulm\n"
    )
    path = packed(tmp_path / "apple.zip", {"a/Apple Music Play Activity.csv": activity, "a/Daily.csv": DAILY})
    found = rows_of(path)
    assert heard(found) == [
        ("ABBA", "SOS", NOON, Kind.PLAY, "apple-file"),
        ("Queen", "Innuendo", NOON + 3600, Kind.SKIP, "apple-file"),
    ]
    assert [row.line for row in found if isinstance(row, Skipped)] == [5, 6]


def test_a_damaged_list_of_days_names_no_artists_and_harms_nothing(tmp_path):
    activity = APPLE + "ABBA,SOS,,PLAY_END,AUDIO,2020-01-01T12:00:00Z,180000,,Ulm\n"
    daily = '"Track Description,x",Date Played\n"ABBA - SOS",20200101\n'
    path = packed(tmp_path / "apple.zip", {"Apple Music Play Activity.csv": activity, "Daily.csv": daily})
    assert [names[:2] for names in heard(rows_of(path))] == [("ABBA", "SOS")]


@pytest.mark.parametrize(
    ("table", "source"),
    [
        ('"ABBA","ABBA","SOS","01 Jan 2020 12:00"\n', "lastfm-file"),
        (f"Artist;Album;AlbumId;Track;Date#ann\nABBA;ABBA;;SOS;{NOON}000\n", "lastfm-file"),
        (
            (
                "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n"
                f'"{NOON}","01 Jan 2020, 12:00","ABBA","","ABBA","","SOS",""\n'
            ),
            "lastfm-file",
        ),
        (
            (
                "artist_name,track_title,entry_date,stream_duration_ms,product_type,country,city\n"
                "ABBA,SOS,2020-01-01 12:00:00,180000,TRACK,DE,Ulm\n"
            ),
            "tidal-file",
        ),
        (
            (
                "Song Title,Artist,ISRC,Album Title,IP Address,Listening Time,Platform Name,Date\n"
                "SOS,ABBA,SEAYD7501010,ABBA,192.0.2.1,180,mobile,2020-01-01 12:00:00\n"
            ),
            "deezer-file",
        ),
        ("artist,track,time\nABBA,SOS,2020-01-01T12:00:00Z\n", "plays"),
    ],
)
def test_a_table_is_known_by_its_columns(write, table, source):
    [(artist, title, at, kind, told)] = heard(rows_of(write(table)))
    assert (artist, title, kind, told) == ("ABBA", "SOS", Kind.PLAY, source)
    assert abs(at - NOON) <= 30


def test_the_workbook_that_deezer_hands_out_is_read_as_it_is(tmp_path):
    book = Workbook()
    book.active.title = "01_profile"
    sheet = book.create_sheet("10_listeningHistory")
    sheet.append(["Song Title", "Artist", "ISRC", "Album Title", "IP Address", "Listening Time", "Date"])
    sheet.append(["SOS", "ABBA", "SEAYD7501010", "ABBA", "192.0.2.1", 180, "2020-01-01 12:00:00"])
    sheet.append(["SOS", "ABBA", "SEAYD7501010", "ABBA", "192.0.2.1", 9, datetime(2020, 1, 1, 13)])  # noqa: DTZ001
    book.save(tmp_path / "deezer-data.xlsx")
    found = rows_of(tmp_path / "deezer-data.xlsx")
    assert heard(found) == [("ABBA", "SOS", NOON, Kind.PLAY, None)]
    assert found[0].track_ids == (("isrc", "SEAYD7501010"),)
    assert open_reader("auto", tmp_path / "deezer-data.xlsx", Options(account="ann")).source == "deezer-file"
    assert [row.line for row in found if isinstance(row, Skipped)] == [3]
    book.remove(sheet)
    book.save(tmp_path / "other.xlsx")
    with pytest.raises(ImportFormatError, match="no sheet of listens"):
        rows_of(tmp_path / "other.xlsx")


def test_playlists_and_triplets_are_background_listeners(tmp_path, write):
    slice_ = {
        "info": {"slice": "0-999"},
        "playlists": [
            {
                "pid": 7,
                "modified_at": NOON,
                "tracks": [
                    {"artist_name": "ABBA", "track_name": "SOS", "track_uri": f"spotify:track:{'a' * 22}"},
                    "no track",
                ],
            },
        ],
    }
    reader = open_reader("auto", write(json.dumps(slice_)))
    assert [(row.user, row.title) for row in reader.rows()] == [("playlist 7", "SOS")]
    assert reader.platform == "mpd"
    write(f"{'0' * 40}\tSOABC1234567890AB1\t3\n{'0' * 40}\tSOABC1234567890AB2\t1\n", "msd/triplets.txt")
    write("TR1<SEP>SOABC1234567890AB1<SEP>ABBA<SEP>SOS\n", "msd/unique_tracks.txt")
    found = list(open_reader("auto", tmp_path / "msd").rows())
    assert [(row.artist, row.title, row.plays) for row in found[:1]] == [("ABBA", "SOS", 3)]
    assert [row.line for row in found[1:]] == [2]


def test_many_peoples_tables_are_known_without_a_name(shared_data):
    for folder, kind in (
        ("lastfm-1k-sample", "plays"),
        ("lastfm-2k", "lastfm-2k"),
        ("spotify-songs-32k", "spotify"),
    ):
        assert open_reader("auto", shared_data / folder).source.startswith(kind)


def test_the_three_shapes_tell_of_the_same_evening(shared_data):
    found = rows_of(shared_data / "streaming-history-shape")
    assert len(heard(found)) == 29
    assert {source for *_, source in heard(found)} == {"spotify-file", "lastfm-file"}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.json", b"", "is empty"),
        ("list.json", b"[]", "none of the exports"),
        ("other.json", b'{"a": [{"b": 1}]}', "none of the exports"),
        ("plain.txt", b"hello there\nhow are you\n", "columns"),
        ("broken.zip", b"PK\x03\x04nothing of the kind", "no whole zip archive"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "columns"),
        ("half.json", b'[{"ts": "2020', "none of the exports"),
    ],
)
def test_what_is_no_export_is_refused_with_a_sentence(write, name, content, reason):
    with pytest.raises(ImportFormatError, match=reason) as refused:
        rows_of(write(content, name))
    assert str(refused.value).endswith((".", "..."))


def test_whoever_listened_has_to_be_known(write):
    with pytest.raises(ImportFormatError, match="say whose listens these are with --as NAME"):
        rows_of(write(json.dumps([EXTENDED])), account=None)
    several = [{"user": "bea", "artist": "ABBA", "track": "SOS", "time": NOON}]
    [row] = rows_of(write(json.dumps(several)))
    assert row.reason == "an entry that says itself who listened"


def test_an_archive_in_an_archive_is_left_alone(tmp_path):
    inner = packed(tmp_path / "inner.zip", {"a.json": json.dumps([EXTENDED])}).read_bytes()
    with pytest.raises(ImportFormatError, match="archive inside another"):
        rows_of(packed(tmp_path / "outer.zip", {"inner.zip": inner}))


def test_progress_ends_at_one(tmp_path):
    path = packed(tmp_path / "a.zip", {f"{n}.json": json.dumps([EXTENDED] * 500) for n in range(3)})
    reader = open_reader("auto", path, Options(account="ann"))
    shares = [reader.progress() for _ in reader.rows()]
    assert shares == sorted(shares)
    assert reader.progress() == 1.0


def test_names_in_an_archive_lead_nowhere(tmp_path):
    path = packed(tmp_path / "a.zip", {"../../../etc/evil.json": json.dumps([EXTENDED])})
    before = sorted(tmp_path.parent.rglob("*"))
    assert len(heard(rows_of(path))) == 1
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_a_link_in_a_folder_is_not_followed(tmp_path, write):
    write(json.dumps([EXTENDED]), "export/a.json")
    secret = write(json.dumps([EXTENDED]), "secret.json")
    (tmp_path / "export" / "b.json").symlink_to(secret)
    assert len(heard(rows_of(tmp_path / "export"))) == 1


def bomb(size):
    packed_bomb = io.BytesIO()
    with (
        zipfile.ZipFile(packed_bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("0.json", "w") as file,
    ):
        for _ in range(size >> 20):
            file.write(b" " * (1 << 20))
    return packed_bomb.getvalue()


def test_a_zip_bomb_is_refused_unopened(write):
    with pytest.raises(ImportFormatError, match="would unpack to"):
        rows_of(write(bomb(64 << 20), "bomb.zip"))
