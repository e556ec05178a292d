"""Shapes that exports come in: pages of APIs, logs of players, tables without a header, words of Takeout."""

import json
from datetime import UTC, datetime

import pytest

from storage.imports import ImportFormatError, ListenRow
from storage.imports.takeout_words import title_watched, without_topic
from storage.imports.youtube_music import song_of
from storage.records import Kind

WHEN = 1577880000  # 2020-01-01T12:00:00Z
SCROBBLE = {"artist": {"#text": "ABBA"}, "name": "SOS", "album": {"#text": "LP"}, "date": {"uts": str(WHEN)}}
PLAYING = {"artist": {"#text": "Queen"}, "name": "Innuendo", "@attr": {"nowplaying": "true"}}
PAGE = {"track": [PLAYING, SCROBBLE], "@attr": {"page": "1", "totalPages": "1"}}
LISTEN = {"listened_at": WHEN, "track_metadata": {"artist_name": "ABBA", "track_name": "SOS"}}
PLAYED = {
    "played_at": "2020-01-01T12:00:00.000Z",
    "track": {"name": "SOS", "artists": [{"name": "ABBA"}], "album": {"name": "LP"}},
}
DOCUMENTS = {
    "one page": [{"recenttracks": PAGE}],
    "pages in an array": [[{"recenttracks": PAGE}, {"recenttracks": {"track": []}}]],
    "bare pages in an array": [[PAGE, {"track": []}]],
    "a page to a line": [{"recenttracks": PAGE}, {"recenttracks": {"track": []}}],
    "ListenBrainz": [{"payload": {"count": 1, "listens": [LISTEN]}}],
    "Spotify": [{"items": [PLAYED], "next": None, "limit": 50}],
}


@pytest.mark.parametrize("documents", DOCUMENTS.values(), ids=DOCUMENTS)
@pytest.mark.parametrize("indent", [None, 1])
def test_pages_of_an_api_are_read_as_they_came(read, listens, documents, indent):
    content = "\n".join(json.dumps(document, indent=indent) for document in documents)
    assert listens(read("auto", content, account="ann")) == [("ann", "ABBA", "SOS", WHEN, 1)]


def test_the_song_that_is_playing_is_no_listen_yet(read, reasons):
    assert reasons(read("auto", json.dumps({"recenttracks": PAGE}), account="ann")) == [(1, "no time")]


TABLES = {
    "tool of Libre.fm": f"{WHEN}\tSOS\tABBA\tLP\t\t\t\n",
    "its first columns": f"{WHEN}\tSOS\tABBA\tLP\n",
    "applet": f"January 1, 2020 at 12:00PM\tSOS\tABBA\t{'a' * 22}\thttps://spoti.fi/1\n",
    "applet with commas": f'"January 1, 2020 at 12:00PM","SOS","ABBA","{"a" * 22}","https://spoti.fi/1"\n',
    "log of a player": f"#AUDIOSCROBBLER/1.1\n#TZ/UTC\n#CLIENT/x\nABBA\tLP\tSOS\t1\t200\tL\t{WHEN}\t\n",
    "old log": f"#AUDIOSCROBBLER/1.0\r\n#TZ/UNKNOWN\r\n#CLIENT/x\r\nABBA\tLP\tSOS\t1\t200\tL\t{WHEN}\r\n",
    "German": "Datum;Interpret;Titel\n01.01.2020 12:00:00;ABBA;SOS\n",
    "date and time apart": "Date,Time,Artist,Title\n2020-01-01,12:00,ABBA,SOS\n",
    "days of a spreadsheet": "artist,track,date\nABBA,SOS,43831.50000\n",
    "French": "Date;Artiste;Titre\n1 janv. 2020 12:00:00;ABBA;SOS\n",
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_tables_of_programs_are_known_without_being_told(read, table):
    [row] = [row for row in read("auto", table, account="ann") if isinstance(row, ListenRow)]
    assert (row.user, row.artist, row.title, row.kind) == ("ann", "ABBA", "SOS", Kind.PLAY)
    assert row.at is not None
    assert abs(row.at - WHEN) <= 30


def test_what_a_player_skipped_or_timed_wrongly_is_no_listen(read, reasons):
    rows = (
        f"ABBA\tLP\tSOS\t1\t200\tS\t{WHEN}\t\nABBA\tLP\tSOS\t1\t200\tL\t86400\t\n"
        f"ABBA\tLP\n\tLP\tSOS\t1\t2\tL\t{WHEN}\t\n"
    )
    assert reasons(read("auto", f"#AUDIOSCROBBLER/1.1\n{rows}", account="ann")) == [
        (2, "skipped on the player"),
        (3, "time before 1990 or in the future"),
        (4, "more or fewer cells than the first line has"),
        (5, "no artist"),
    ]


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        (("04/05/2020 10:00", "31/05/2020 10:00"), [4, 31]),
        (("05/04/2020 10:00", "05/31/2020 10:00"), [4, 31]),
    ],
)
def test_all_entries_together_tell_days_from_months(read, dates, days):
    entries = [{"artist": "ABBA", "track": "SOS", "date": date} for date in dates]
    rows = read("auto", json.dumps(entries), account="ann")
    assert [datetime.fromtimestamp(row.at, UTC).day for row in rows] == days


def test_an_advertisement_is_no_listen(read, reasons):
    ad = {
        "header": "YouTube Music",
        "title": "Watched Buy this",
        "titleUrl": "https://music.youtube.com/watch?v=cvChjHcABPA",
        "subtitles": [{"name": "Shop"}],
        "time": "2020-01-01T12:00:00Z",
        "details": [{"name": "From Google Ads"}],
    }
    assert reasons(read("auto", json.dumps([ad]), account="ann")) == [(1, "an advertisement")]


def test_what_lastfm_lists_as_loved_is_liked_and_not_heard(read):
    loved = {"name": "SOS", "artist": {"name": "ABBA"}, "date": {"uts": str(WHEN)}}
    [row] = read("auto", json.dumps({"lovedtracks": {"track": [loved]}}), account="ann")
    assert (row.artist, row.title, row.kind) == ("ABBA", "SOS", Kind.LIKE)


STREAM = {
    "ts": "2020-01-01T12:03:00Z",
    "ms_played": 180_000,
    "master_metadata_track_name": "SOS",
    "master_metadata_album_artist_name": "ABBA",
    "spotify_track_uri": f"spotify:track:{'a' * 22}",
}
NAMELESS = {**STREAM, "master_metadata_track_name": None, "master_metadata_album_artist_name": None}


def test_a_file_on_the_device_is_named_by_its_address(read):
    local = {**NAMELESS, "spotify_track_uri": "spotify:local:Sigur+R%C3%B3s:LP:Hopp%C3%ADpolla:180"}
    [row] = read("auto", json.dumps([STREAM, local]), account="ann")[1:]
    assert (row.artist, row.title, row.album) == ("Sigur Rós", "Hoppípolla", "LP")


def test_a_stream_without_name_and_id_is_a_song_without_a_name_and_no_podcast(read, reasons):
    streams = [
        STREAM,
        {**NAMELESS, "spotify_track_uri": None},
        {**NAMELESS, "spotify_track_uri": None, "episode_name": "Talk"},
    ]
    assert reasons(read("auto", json.dumps(streams), account="ann")) == [
        (2, "a song without a name"),
        (3, "no music (a podcast, an audiobook or a video)"),
    ]


@pytest.mark.parametrize("stamp", [WHEN, 1000 * WHEN])
def test_a_stream_heard_offline_began_when_its_stamp_says(read, stamp):
    late = {**STREAM, "ts": "2020-01-03T08:00:00Z", "offline": True, "offline_timestamp": stamp}
    online = {**STREAM, "ts": "2020-01-03T08:00:00Z", "offline": False, "offline_timestamp": stamp}
    never = {**STREAM, "offline": True, "offline_timestamp": 0}
    assert [row.at - WHEN for row in read("auto", json.dumps([late, online, never]), account="ann")] == [
        0,
        44 * 3600 - 180,
        0,
    ]


WATCHED = """
Watched SOS | SOS angesehen | „SOS“ angesehen | Vous avez regardé SOS | Has visto SOS | Viste SOS
Assistiu a SOS | Hai guardato SOS | Je hebt SOS bekeken | Je hebt naar SOS gekeken | Tittade på SOS
Så på SOS | Har set SOS | Katsoit SOS | Obejrzano: SOS | Zhlédli jste SOS | Pozreli ste si SOS
Ați vizionat SOS | Гледахте SOS
Gledali ste SOS | Вы посмотрели видео SOS | Просмотрено видео SOS | Ви переглянули відео SOS | شاهدت SOS
Παρακολουθήσατε το SOS | SOS izlendi | צפית ב-SOS | SOS को देखा | ดู SOS แล้ว | Đã xem SOS | Menonton SOS | SOS
SOS を視聴しました | SOS을(를) 시청했습니다. | 观看了 SOS | 已觀看「SOS」 | Has mirat SOS | Žiūrėjote SOS
"""


@pytest.mark.parametrize("written", [said.strip() for said in WATCHED.strip().replace("\n", "|").split("|")])
def test_what_was_watched_is_the_title_in_every_language(written):
    assert title_watched(written) == "SOS"


@pytest.mark.parametrize("topic", ["Topic", "Thema", "Thème", "Tema", "主题", "トピック", "тема", "Θέμα"])
@pytest.mark.parametrize("dash", ["-", "\u2013", "\u2014"])
def test_a_channel_of_youtube_is_the_artist_in_every_language(topic, dash):
    assert without_topic(f"ABBA {dash} {topic}") == without_topic("ABBA") == "ABBA"


@pytest.mark.parametrize(
    ("channel", "video", "song"),
    [
        (
            "ArianaGrandeVEVO",
            "Ariana Grande - thank u, next (Official Video)",
            ("Ariana Grande", "thank u, next"),
        ),
        ("abba", "ABBA - SOS [Official Audio]", ("ABBA", "SOS")),
        ("ABBA Official", "ABBA \u2013 SOS", ("ABBA", "SOS")),
        ("Roxy Music", "Avalon", ("Roxy Music", "Avalon")),
        ("ABBA", "Dancing Queen - Live", ("ABBA", "Dancing Queen - Live")),
        ("Queen", "Queen & David Bowie - Under Pressure", ("Queen & David Bowie", "Under Pressure")),
        ("Queen", "Queensryche - Silent Lucidity", ("Queen", "Queensryche - Silent Lucidity")),
        ("Polar Records", "ABBA - SOS (Lyrics)", ("ABBA", "SOS")),
        ("Release - Topic", "ABBA - SOS", ("ABBA", "SOS")),
        ("Release - Topic", "SOS", ("", "SOS")),
    ],
)
def test_the_artist_of_a_video_is_known_by_channel_and_title(channel, video, song):
    assert song_of(channel, video) == song


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ('<html><body><div class="mdl-grid">Watched SOS</div></body></html>', "choose JSON"),
        ("<!DOCTYPE html>\n<html><p>Hello</p></html>", "is a web page, not a list of listens"),
    ],
)
def test_a_web_page_is_refused_with_what_to_bring_instead(read, page, says):
    with pytest.raises(ImportFormatError, match=says) as refused:
        read("auto", page, account="ann")
    assert "--" not in str(refused.value)


def test_only_whoever_names_the_format_hears_of_options(read):
    for form, advice in (("auto", False), ("plays", True)):
        with pytest.raises(ImportFormatError) as refused:
            read(form, "1,2,3\n4,5,6\n", account="ann")
        assert ("--columns" in str(refused.value)) == advice
