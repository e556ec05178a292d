import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.errors import ErasedError
from storage.imports import FriendRow, ImportFormatError, ListenRow, Options, Skipped, TrackRow, open_reader
from storage.ingest import importer, listen_keys, row_keeper
from storage.ingest.importer import fill_starter, run_import
from storage.records import Account, Event, Kind, Subject
from storage.store import Store
from storage.writer import Writer

CATALOGUE = Path(__file__).parents[3] / "bot" / "data" / "starter.csv"


@pytest.fixture
def bring_in(database):
    """Import a file into the database of the test; return the report."""

    def bring_in(form, path, progress=None, **options):
        with Writer(database) as writer:
            return run_import(writer, open_reader(form, path, Options(**options)), progress=progress)

    return bring_in


@pytest.fixture
def table(tmp_path):
    def table(text, name="plays.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return table


class Rows:
    """A reader of rows that the test made up."""

    source = platform = "made-up"

    def __init__(self, rows):
        self._rows = rows

    def rows(self):
        yield from self._rows

    def progress(self):
        return 0.5

    def digest(self):
        return "the only file"


def counts(database):
    with Store.open(database, readonly=True) as store:
        return store.music.counts() | store.log.counts()


def log(database):
    """Return the log with names for ids: (platform, user, artist, title, at, plays), in order."""
    with Store.open(database, readonly=True) as store:
        return store.db.execute(
            "SELECT platform, external_id, artists.name, title, at, plays FROM events"
            " JOIN accounts USING (user_id) JOIN artists ON artists.id = events.artist_id"
            " LEFT JOIN tracks ON tracks.id = track_id ORDER BY events.id"
        ).fetchall()


def total(report):
    return report.kept + report.merged + sum(tally.count for tally in report.skipped.values())


def test_an_import_says_what_became_of_every_row(bring_in, table, database):
    report = bring_in(
        "plays",
        table(
            "user,artist,track,time\nann,Björk,Jóga,2020-01-01\nann,bjork,JOGA,2020-01-01\nbob,ABBA,,2020-01-02\n,x,y,\n"
        ),
    )
    assert (report.read, report.kept, report.merged) == (4, 2, 1)
    assert report.new == {
        "users": 2,
        "artists": 2,
        "tracks": 1,
        "listens": 2,
        "skips": 0,
        "verdicts": 0,
        "saved songs": 0,
        "taggings": 0,
        "friends": 0,
        "texts": 0,
        "relations": 0,
        "heard songs": 0,
    }
    assert report.sentence().partition(" s: ")[2] == (
        "2 kept, 1 merged, 1 skipped. New: 2 users, 2 artists, 1 track, 2 listens."
        " Skipped: no user once (line 5)."
    )
    assert log(database) == [
        ("plays", "ann", "Björk", "Jóga", 1577836800, None),
        ("plays", "bob", "ABBA", None, 1577923200, None),
    ]


def test_the_sentence_names_the_first_lines_of_each_reason():
    report = importer.ImportReport("made-up")
    report.take([Skipped(n, "no user") for n in range(2, 2_002)] + [Skipped(9, "no artist")])
    assert report.sentence() == (
        "Read 2,001 in 0.0 s: 0 kept, 0 merged, 2,001 skipped. New: nothing."
        " Skipped: no user 2,000 times (lines 2, 3, 4, ...); no artist once (line 9)."
    )


def test_a_second_run_changes_nothing(bring_in, table, database):
    plays = table(
        "user,artist,track,plays,time\n"
        + "".join(
            f"u{n % 7},artist {n % 13},title {n % 29},,2020-01-01T00:{n // 60:02}:{n % 60:02}\n"
            for n in range(500)
        )
        + "".join(f"u{n % 7},artist {n % 13},,{n + 1},\n" for n in range(500))
    )
    first = bring_in("plays", plays)
    stored = counts(database), log(database)
    again = bring_in("plays", plays)
    assert (first.kept, first.merged, again.kept, again.merged) == (1_000, 0, 0, 1_000)
    assert (counts(database), log(database)) == stored
    assert set(again.new.values()) == {0}


def test_a_listen_is_the_same_however_the_artist_is_spelt_at_that_time(bring_in, table, database):
    bring_in("plays", table("user,artist,track,time\nann,Motörhead,Ace of Spades,1577836800\n"))
    report = bring_in(
        "plays", table("user,artist,track,time\nann,motorhead,Ace Of Spades!,2020-01-01\n", "other.csv")
    )
    assert (report.kept, report.merged) == (0, 1)
    assert len(log(database)) == 1


def test_rows_without_time_and_count_are_saved_songs_once_and_no_listens(bring_in, table, database):
    text = "user,artist,track\nann,ABBA,Waterloo\nann,ABBA,Waterloo\n"
    first = bring_in("plays", table(text))
    assert (first.kept, first.new["saved songs"], first.new["listens"]) == (1, 1, 0)
    again = bring_in("plays", table(text + "ann,abba,WATERLOO\nann,ABBA,SOS\n", "a later export.csv"))
    assert (again.kept, again.merged) == (1, 3)
    with Store.open(database, readonly=True) as store:
        kinds = [kind for (kind,) in store.db.execute("SELECT kind FROM events")]
    assert kinds == ["save", "save"]


def test_a_song_known_by_its_id_alone_is_the_one_that_has_the_id(bring_in, tmp_path, database):
    uri = f"spotify:track:{'a' * 22}"
    row = {"ts": "2020-01-01T12:03:00Z", "ms_played": 180_000, "spotify_track_uri": uri}
    names = {"master_metadata_track_name": "SOS", "master_metadata_album_artist_name": "ABBA"}
    nobody = dict.fromkeys(names)
    path = tmp_path / "endsong_0.json"
    unknown = {**row, **nobody, "spotify_track_uri": f"spotify:track:{'b' * 22}"}
    later = {**row, **nobody, "ts": "2020-01-02T12:03:00Z"}
    path.write_text(json.dumps([later, {**row, **names}, unknown]), encoding="utf-8")
    report = bring_in("auto", path, account="ann")
    assert (report.kept, report.new["tracks"]) == (2, 1)
    assert list(report.skipped) == ["a song without a name"]
    assert [line[3] for line in log(database)] == ["SOS", "SOS"]
    assert bring_in("auto", path, account="ann").kept == 0


def test_two_sources_keep_equal_user_ids_apart(bring_in, table, database):
    plays = table("user,artist,plays\n1,ABBA,3\n")
    assert [bring_in("plays", plays, source=source).kept for source in (None, "work", "work")] == [1, 1, 0]
    assert [line[:2] for line in log(database)] == [("plays", "1"), ("work", "1")]


def test_rows_without_a_user_belong_to_the_person_at_the_terminal(bring_in, table, database):
    with Writer(database) as writer:
        anna = writer.write(
            lambda store: store.people.ensure(Account("terminal", "anna", "Anna"), now=1)
        ).result()
    bring_in("plays", table("artist,plays\nABBA,3\n"), account="anna")
    bring_in("plays", table("user,artist,plays\nanna,ABBA,3\n", "other.csv"))
    assert [line[:2] for line in log(database)] == [("terminal", "anna"), ("plays", "anna")]
    with Store.open(database, readonly=True) as store:
        assert len(store.log.standing(anna)) == 1
        assert store.db.execute("SELECT name FROM accounts WHERE user_id = ?", (anna,)).fetchone() == (
            "Anna",
        )


def test_a_track_keeps_what_several_rows_say_of_it(bring_in, table, database):
    first, second = "6f807x0ima9a1j3VPbc7VN", "0r7CVbZTWZgbTCYdfa2P31"
    header = "track_id,track_name,artists,year,playlist_genre,energy,tempo"
    report = bring_in(
        "spotify-tracks",
        table(
            f"{header}\n{first},Hello,Adele,,pop,,0\n{first},Hello (Live),Adele & Friends,2015,soul,0.4,79\n"
            f"{second},HELLO,ADELE,1999,pop,0.9,80\n"
        ),
    )
    assert (report.kept, report.merged) == (1, 2)
    with Store.open(database, readonly=True) as store:
        subject = store.music.by_external_id("spotify", second)
        assert store.music.by_external_id("spotify", first) == subject
        track = store.music.track(subject.track_id)
        assert (track.artist, track.title, track.year) == ("Adele", "Hello", 2015)
        assert store.music.tags_of(subject) == ["pop", "soul"]
        assert [row[:3] for row in store.music.feature_rows()] == [(track.id, None, 0.9)]


def test_friends_are_pairs_and_artists_spelt_alike_are_one(database):
    rows = Rows([FriendRow(1, "a", "b"), FriendRow(2, "b", "a"), FriendRow(3, "a", "c")])
    with Writer(database) as writer:
        report = run_import(writer, rows)
    assert (report.kept, report.merged, report.new["friends"], report.new["users"]) == (2, 1, 2, 3)


def test_totals_of_two_spellings_in_one_table_are_both_kept(bring_in, table, database):
    bring_in("plays", table("user,artist,plays\nann,Кино,100\nann,КИНО,100\nann,Кино,100\n"))
    assert [line[2:] for line in log(database)] == [("Кино", None, None, 100)] * 2


def test_progress_rises_to_one(bring_in, table):
    told = []
    bring_in("plays", table("user,artist\n" + "ann,ABBA\n" * 10_000), progress=told.append)
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] == 1


def test_somebody_erased_in_the_middle_stays_erased_and_the_others_come_in(
    bring_in, table, database, monkeypatch
):
    monkeypatch.setattr(importer, "_BATCH", 10)

    def forget_ann(_):
        with Store.open(database) as store, store.db.atomic():
            if ann := store.people.find("plays", "ann"):
                store.people.forget(ann)

    lines = (f"{who},ABBA,{1_500_000_000 + 60 * n}\n" for n in range(100) for who in ("ann", "bo"))
    report = bring_in("plays", table("user,artist,time\n" + "".join(lines)), progress=forget_ann)
    assert (report.kept, report.new["users"]) == (105, 2)
    assert report.skipped["a user who was erased while this came in"].count == 95
    assert len(log(database)) == 100
    with Store.open(database) as store:
        assert store.people.find("plays", "ann") is None


def test_an_import_of_one_user_ends_with_the_user(database, monkeypatch):
    monkeypatch.setattr(importer, "_BATCH", 10)
    rows = Rows([ListenRow(n, "ann", "Nobody Else", f"Song {n}", 1_500_000_000 + 60 * n) for n in range(100)])
    with Writer(database) as writer:
        ann = writer.write(lambda s: s.people.ensure(Account(rows.platform, "ann", "Ann"), now=1)).result()

        def forget_and_come_back(_):
            writer.write(lambda store: store.people.forget(ann)).result()
            writer.write(lambda s: s.people.ensure(Account(rows.platform, "ann", "Ann"), now=1)).result()

        with pytest.raises(ErasedError):
            importer.run_import(writer, rows, progress=forget_and_come_back, user_id=ann)
        counts = writer.write(lambda store: store.music.counts() | store.log.counts()).result()
    assert (counts["tracks"], counts["artists"], counts["events"]) == (0, 0, 0)


def test_a_writer_that_fails_ends_the_import_with_its_error(database):
    def rows():
        yield ListenRow(1, "ann", "ABBA")
        raise ImportFormatError("the disk is gone")

    reader = Rows([])
    reader.rows = rows
    with Writer(database) as writer, pytest.raises(ImportFormatError, match="the disk is gone"):
        run_import(writer, reader)


def test_an_artist_that_storage_refuses_is_skipped_with_its_line(database):
    with Writer(database) as writer:
        report = run_import(writer, Rows([TrackRow(7, "ABBA", " "), TrackRow(8, "ABBA", "SOS")]))
    assert (report.read, report.kept, report.merged) == (2, 1, 0)
    assert [tally.lines for tally in report.skipped.values()] == [[7]]


def test_the_starter_fills_an_empty_database_once(database):
    with Writer(database) as writer:
        report = fill_starter(writer, CATALOGUE)
        assert report.kept == report.read == report.new["tracks"] + report.new["relations"]
        assert report.new["tracks"] >= 1_000
        assert fill_starter(writer, CATALOGUE) is None
    with Store.open(database, readonly=True) as store:
        assert store.music.find_tag("dreamy") == "dreamy"


def test_a_database_with_music_is_not_filled(bring_in, table, database):
    bring_in("plays", table("user,artist\nann,ABBA\n"))
    with Writer(database) as writer:
        assert fill_starter(writer, CATALOGUE) is None
    assert counts(database)["artists"] == 1


def test_a_database_with_an_older_edition_of_the_catalogue_gets_what_is_new(database, tmp_path):
    older = tmp_path / "starter.csv"
    first, *songs = CATALOGUE.read_text(encoding="utf-8").splitlines()
    older.write_text("\n".join([first, *songs[:100]]), encoding="utf-8")
    with Writer(database) as writer:
        fill_starter(writer, older)
        before = counts(database)
        # Editions were not always kept: the tags of the catalogue tell that it was there.
        writer.write(lambda store: store.db.execute("DELETE FROM settings")).result()
        report = fill_starter(writer, CATALOGUE)
        assert fill_starter(writer, CATALOGUE) is None
    assert before["tracks"] == 100
    assert counts(database)["tracks"] == len(songs) == report.new["tracks"] + 100
    assert report.new["relations"] == counts(database)["artists"]


def test_two_processes_fill_a_new_database_once(tmp_path):
    database = tmp_path / "new.db"
    code = (
        "import sys; from pathlib import Path\n"
        "from storage.ingest.importer import fill_starter; from storage.writer import Writer\n"
        "with Writer(sys.argv[1]) as writer: print(fill_starter(writer, Path(sys.argv[2])) is None)"
    )
    command = [sys.executable, "-c", code, str(database), str(CATALOGUE)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sorted(process.communicate()[0].strip() for process in started) == ["False", "True"]


IMPORT = """
import sys
from pathlib import Path
from storage.ingest.importer import run_import
from storage.imports import open_reader
from storage.writer import Writer
with Writer(sys.argv[1]) as writer:
    run_import(writer, open_reader("plays", Path(sys.argv[2])), progress=lambda done: print(done, flush=True))
"""


def big_table(path, n):
    with path.open("w", encoding="utf-8") as file:
        file.write("user,artist,track,time\n")
        for row in range(n):
            at = 1_200_000_000 + row * 7_919 % 10_000_000
            file.write(f"user {row % 97},artist {row % 499},title {row % 2_003},{at}\n")
    return path


def start_import(database, path):
    return subprocess.Popen(
        [sys.executable, "-c", IMPORT, str(database), str(path)], stdout=subprocess.PIPE, text=True
    )


def test_a_killed_import_is_finished_by_the_next(tmp_path, bring_in, database):
    plays = big_table(tmp_path / "plays.csv", 15_000)
    with start_import(database, plays) as process:
        assert 0 < float(process.stdout.readline()) < 1
        os.kill(process.pid, signal.SIGKILL)
    assert 0 < counts(database)["events"] < 15_000
    report = bring_in("plays", plays)
    assert report.merged > 0
    with Writer(tmp_path / "clean.db") as writer:
        run_import(writer, open_reader("plays", plays))
    assert counts(database) == counts(tmp_path / "clean.db")
    assert Counter(log(database)) == Counter(log(tmp_path / "clean.db"))


def test_memory_does_not_grow_with_the_file(tmp_path, monkeypatch):
    for module, name in ((row_keeper, "_NAMES_KEPT"), (listen_keys, "_LISTENERS_KEPT")):
        monkeypatch.setattr(module, name, 1_000)  # the caches are full from the start

    def peak(n):
        plays = big_table(tmp_path / f"{n}.csv", n)
        with Writer(tmp_path / f"{n}.db") as writer:
            tracemalloc.start()
            run_import(writer, open_reader("plays", plays))
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    peak(1_000)  # what the process remembers for good, such as folded names
    assert peak(20_000) - peak(5_000) < 2_000_000  # 15,000 rows held in memory are 7 MB and more


def test_chat_writes_go_through_while_another_process_imports(tmp_path, database):
    plays = big_table(tmp_path / "plays.csv", 25_000)
    waits = []
    with Writer(database) as writer:
        ann = writer.write(
            lambda store: store.people.ensure(Account("terminal", "ann", "Ann"), now=1)
        ).result()
        artist = writer.write(lambda store: store.music.ensure_artist("ABBA")).result()
        with start_import(database, plays) as process:
            process.stdout.readline()
            while process.poll() is None and len(waits) < 100:
                event = Event(f"like {len(waits)}", ann, Subject(artist), Kind.LIKE, "terminal")
                started = time.monotonic()
                assert writer.write(lambda store, event=event: store.log.append(event, now=2)[1]).result()
                waits.append(time.monotonic() - started)
            process.stdout.read()
    assert len(waits) > 3
    assert max(waits) < 3
    assert counts(database)["events"] == 25_000 + len(waits)


def test_two_imports_of_one_file_at_once_store_it_once(tmp_path, database):
    plays = big_table(tmp_path / "plays.csv", 5_000)
    reports = []

    def work():
        with Writer(database) as writer:
            reports.append(run_import(writer, open_reader("plays", plays)))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.kept for report in reports) == 5_000 == counts(database)["events"]
    assert [total(report) for report in reports] == [5_000, 5_000]


CELLS = st.sampled_from(
    ["", "ann", "ABBA", "3", "0", "nan", "2020-01-01", '"', "\0", "x" * 400, "Ö", "\udcff"]
)


@settings(max_examples=25)  # a database for every example
@given(st.lists(st.lists(CELLS | st.text(max_size=5), min_size=3, max_size=5), max_size=12))
def test_every_row_is_kept_merged_or_skipped(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("any")
    lines = "\n".join(map(",".join, rows))
    (folder / "plays.csv").write_bytes(f"user,artist,track,time\n{lines}".encode("utf-8", "surrogatepass"))
    with Writer(folder / "segue.db") as writer:
        reports = [run_import(writer, open_reader("plays", folder / "plays.csv")) for _ in range(2)]
    assert [total(report) for report in reports] == [report.read for report in reports]
    assert reports[1].kept == 0


def test_the_hetrec_folder_comes_in_whole(shared_data, bring_in, database):
    report = bring_in("lastfm-2k", shared_data / "lastfm-2k")
    # 88 credits of several turn out to be their first artist, and five names name nobody.
    stored = {"artists": 17_450, "tracks": 0, "users": 1_892, "events": 92_831, "taggings": 184_251}
    assert (report.kept, report.merged, total(report) - report.read) == (307_404, 13_437, 0)
    assert report.new["friends"] == 12_717
    assert counts(database) | stored == counts(database)


def test_the_first_lines_of_the_hetrec_folder_come_in_once(shared_data, tmp_path, bring_in, database):
    for path in (shared_data / "lastfm-2k").glob("*.gz"):
        with gzip.open(path) as file:
            (tmp_path / path.stem).write_bytes(b"".join(islice(file, 5_000)))
    first = bring_in("lastfm-2k", tmp_path)
    after_one = counts(database)
    again = bring_in("lastfm-2k", tmp_path)
    assert (first.kept > 10_000, again.kept) == (True, 0)
    assert (again.read, again.skipped) == (first.read, first.skipped)
    assert counts(database) == after_one


def test_the_table_of_songs_comes_in_whole(shared_data, bring_in, database):
    report = bring_in("spotify-tracks", shared_data / "spotify-songs-32k")
    assert (report.read, report.kept, report.merged) == (32_833, 26_126, 6_702)
    stored = {"artists": 10_673, "tracks": 26_098, "tags": 30, "audio_features": 26_108, "events": 0}
    assert counts(database) | stored == counts(database)


@pytest.mark.parametrize(
    ("form", "name", "stored"),
    [
        (
            "lastfm-matrix",
            "lastfm-germany/lastfm-matrix-germany.csv.gz",
            {"artists": 285, "users": 1_226, "events": 15_192},
        ),
        (
            "plays",
            "lastfm-1k-sample/events-5000.tsv.gz",
            # 235 artists and 1,192 songs by their wording; guests ("Feat. ...") and capitals make no other.
            {"artists": 226, "tracks": 1_178, "users": 2, "events": 5_000},
        ),
    ],
)
def test_logs_and_matrices_come_in_whole_and_once(form, name, stored, shared_data, bring_in, database):
    first = bring_in(form, shared_data / name)
    after_one = counts(database)
    assert (first.kept, after_one | stored) == (
        total(first) - (31 if form == "lastfm-matrix" else 0),
        after_one,
    )
    assert bring_in(form, shared_data / name).kept == 0
    assert counts(database) == after_one


def test_a_source_cannot_bear_the_name_of_a_platform_that_people_talk_on(bring_in, table, database):
    bring_in("plays", table("user,artist\na,b\n"), source="echo")
    with Writer(database) as writer:
        writer.write(lambda store: store.people.talks_on("echo")).result()
    for source in ("echo", " echo", "discord"):
        with pytest.raises(ImportFormatError, match=f"cannot be named {source.strip()}, where people talk"):
            bring_in("plays", table("user,artist\na,b\n"), source=source)
