import gzip

import pytest

from storage.imports import ImportFormatError, Noted, Tag, TrackRow, audio_features, open_reader
from storage.records import FEATURES

ID = "6f807x0ima9a1j3VPbc7VN"
HEADER = (
    "track_id,track_name,track_artist,track_popularity,track_album_name,track_album_release_date,playlist_genre,"
    "playlist_subgenre,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,"
    "valence,tempo,duration_ms"
)
FEATURE_CELLS = "0.7,0.9,6,-2.6,1,0.05,0.1,0,0.06,0.5,122.0"
ROW = f"{ID},Hello,Ed Sheeran,66,Album,2019-06-14,pop,dance pop,{FEATURE_CELLS},194754"


def tracks(rows):
    return [row for row in rows if isinstance(row, TrackRow)]


def test_a_row_says_everything_about_its_track(read):
    assert read("spotify-tracks", f"{HEADER}\n{ROW}\n") == [
        TrackRow(
            2,
            "Ed Sheeran",
            "Hello",
            album="Album",
            year=2019,
            duration_ms=194754,
            popularity=66.0,
            ids=(("spotify", ID),),
            features=dict(zip(FEATURES, map(float, FEATURE_CELLS.split(",")), strict=True)),
            tags=(Tag("pop", "genre"), Tag("dance pop", "genre")),
        )
    ]


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        (
            "artists,name,year,explicit,energy,tempo",
            "\"['Billie Eilish', 'Khalid']\",lovely,2018,1,0.3,115.3",
            TrackRow(
                2,
                "Billie Eilish",
                "lovely",
                year=2018,
                explicit=True,
                features={"energy": 0.3, "tempo": 115.3},
            ),
        ),
        (
            "id,artists,track_name,popularity,explicit,track_genre",
            f"{ID},Ingrid Michaelson;ZAYN,To Begin Again,55,False,singer-songwriter",
            TrackRow(
                2,
                "Ingrid Michaelson",
                "To Begin Again",
                explicit=False,
                popularity=55.0,
                ids=(("spotify", ID),),
                tags=(Tag("singer-songwriter", "genre"),),
            ),
        ),
        (
            "track_name;artist(s)_name;released_year;bpm;key;mode;danceability_%",
            "Seven;Latto;2023;125;B;Major;80",
            TrackRow(
                2,
                "Latto",
                "Seven",
                year=2023,
                features={"danceability": 0.8, "key": 11.0, "mode": 1.0, "tempo": 125.0},
            ),
        ),
        (
            "genre,artist_name,track_name,uri,isrc,genres",
            f"R&B,Sade,Smooth,spotify:track:{ID},gb-bbm-84-00001,\"['soul', 'R&B']\"",
            TrackRow(
                2,
                "Sade",
                "Smooth",
                ids=(("spotify", ID), ("isrc", "GBBBM8400001")),
                tags=(Tag("r&b", "genre"),),
            ),
        ),
    ],
)
def test_tables_spell_their_columns_in_many_ways(read, header, row, said):
    assert read("spotify-tracks", f"{header}\n{row}\n") == [said]


def test_rows_without_names_are_skipped_but_a_song_may_be_called_na(read, reasons):
    header = "track_name,track_artist,track_id"
    rows = read("spotify-tracks", f"{header}\nNA,NA,1\n,ABBA,2\nSong,,3\nNA,Ladytron,4\nnan,NULL,5\n")
    assert reasons(rows) == [(line, "no title or no artist") for line in (2, 3, 4, 6)]
    assert tracks(rows) == [TrackRow(5, "Ladytron", "NA")]


def test_silence_has_no_features_and_oddities_are_set_aside(read, reasons):
    header = "name,artist,energy,valence,tempo"
    rows = read("spotify-tracks", f"{header}\na,b,0.1,0,0\na,b,0.1,7,100\na,b,,NaN,\na,b,inf,-1,1e9\n")
    assert [row.features for row in tracks(rows)] == [
        None,
        {"energy": 0.1, "valence": None, "tempo": 100.0},
        None,
        None,
    ]
    assert reasons(rows, Noted) == [
        (2, audio_features.NO_TEMPO),
        (3, audio_features.OUT_OF_RANGE),
        (5, audio_features.OUT_OF_RANGE),
    ]


def test_facts_out_of_reason_are_left_unknown(read):
    rows = read("spotify-tracks", "name,artist,popularity,year,duration_ms,id\na,b,101,2999,-5,nonsense\n")
    assert tracks(rows) == [TrackRow(2, "b", "a")]


def test_a_folder_gives_its_one_table_of_tracks(write, read):
    write("genre,popularity\npop,3\n", "kaggle/genres.csv")
    write("notes", "kaggle/readme.txt")
    path = write(gzip.compress(f"{HEADER}\n{ROW}\n".encode()), "kaggle/tracks.csv.gz")
    assert len(read("spotify-tracks", path.parent)) == 1
    write(f"{HEADER}\n{ROW}\n", "kaggle/more.csv")
    with pytest.raises(ImportFormatError, match="several tables of tracks; name one: more"):
        open_reader("spotify-tracks", path.parent)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("track_name,energy\na,1\n", "has no column for the artist"),
        ("artist,energy\na,1\n", "has no column for the title"),
        ("artist,title\na,b\n", "knows of its tracks but their names"),
    ],
)
def test_another_table_is_refused_with_what_is_missing(write, content, says):
    path = write(content)
    with pytest.raises(ImportFormatError, match=f"{says}; spotify-tracks reads a table"):
        open_reader("spotify-tracks", path)
    with pytest.raises(ImportFormatError, match="holds no CSV table of tracks"):
        open_reader("spotify-tracks", path.parent)


def test_the_real_table_is_read_to_the_last_row(read, shared_data, kinds, reasons):
    rows = read("spotify-tracks", shared_data / "spotify-songs-32k/spotify-songs.csv.gz")
    assert kinds(rows) == {"TrackRow": 32_828, "Skipped": 5, "Noted": 3}
    assert [line for line, _ in reasons(rows)] == [8153, 9284, 9285, 19570, 19813]
    assert len({row.ids for row in tracks(rows)}) == 28_352
    assert all(row.year for row in tracks(rows))
    assert sum(row.features is None for row in tracks(rows)) == 1
    assert len({tag for row in tracks(rows) for tag in row.tags}) == 30
