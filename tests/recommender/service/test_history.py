"""What a service says of imported plays: the year, habits, surprises, sources and their erasure."""

import json
from datetime import UTC, datetime

import pytest

from recommender.errors import NothingToDo, NotKnown
from recommender.service import MusicService
from storage.records import Account, Kind, Subject
from storage.writer import Writer

ANN = Account("telegram", "7", "Ann")


def stream(artist, title, at, ms=200_000):
    ended = datetime.fromtimestamp(at + ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "ts": ended,
        "ms_played": ms,
        "master_metadata_track_name": title,
        "master_metadata_album_artist_name": artist,
        "reason_end": "trackdone",
    }


@pytest.fixture
def history(tmp_path):
    """A year of ABBA once a day at 21:00 UTC, Queen 30 times on one day of the next."""
    start = int(datetime(2021, 3, 1, 21, tzinfo=UTC).timestamp())
    days = [stream("ABBA", f"Song {day % 4}", start + day * 86_400) for day in range(100)]
    feast = [stream("Queen", "Innuendo", start + 400 * 86_400 + n * 300) for n in range(30)]
    path = tmp_path / "history.json"
    path.write_text(json.dumps(days + feast), encoding="utf-8")
    return path


async def test_a_row_of_five_plays_is_five_plays_everywhere(tmp_path):
    path = tmp_path / "plays.csv"
    rows = ["ABBA,SOS,5,2021-03-01T21:00:00Z", "Queen,Innuendo,1,2021-03-02T21:00:00Z", "ABBA,SOS,7,"]
    path.write_text("\n".join(["artist,track,plays,time", *rows]), encoding="utf-8")
    async with await MusicService.open(tmp_path / "segue.db", seed=1, learn=False) as music:
        await music.bringing.history(await music.arrive(ANN), ANN, path)
        ann = await music.arrive(ANN)
        year = await music.diary.wrapped(ann, 2021)
        assert (year.plays, year.hours[21], year.busiest[1]) == (6, 6, 5)
        assert [(count.song.artist, count.plays) for count in year.artists] == [("ABBA", 5), ("Queen", 1)]
        assert [count.plays for count in year.tracks] == [5, 1]
        assert sorted(line.plays for line in await music.diary.lines(ann, 3)) == [1, 5, 7]


async def test_a_history_that_was_brought_can_be_looked_at_and_erased(tmp_path, history):
    clock = datetime(2023, 1, 1, tzinfo=UTC).timestamp
    async with await MusicService.open(tmp_path / "segue.db", seed=1, clock=clock, learn=False) as music:
        ann = await music.arrive(ANN)
        with pytest.raises(NothingToDo, match="no dated plays"):
            await music.diary.wrapped(ann)
        assert await music.diary.habits(ann) is None
        report = await music.bringing.history(await music.arrive(ANN), ANN, history)
        assert (report.kept, report.merged) == (130, 0)
        assert (await music.bringing.history(await music.arrive(ANN), ANN, history)).merged == 130

        year = await music.diary.wrapped(ann, 2021)
        assert (year.plays, year.artist_count, year.streak.days) == (100, 1, 100)
        assert (year.minutes, year.hours[21], sum(year.months)) == (100 * 200 // 60, 100, 100)
        newest = await music.diary.wrapped(ann)
        assert (newest.year, newest.busiest[1]) == (2022, 30)
        assert newest.discovery is not None
        assert newest.discovery.song.artist == "Queen"
        with pytest.raises(NothingToDo, match="in 1999"):
            await music.diary.wrapped(ann, 1999)

        habits = await music.diary.habits(ann, "all")
        assert habits is not None
        assert [(count.song.artist, count.plays) for count in habits.artists] == [
            ("ABBA", 100),
            ("Queen", 30),
        ]
        surprises = await music.diary.surprises(ann)
        assert len(surprises) == 3
        assert surprises[0].fact.kind in {"repeat", "binge", "streak", "faded"}

        [source] = await music.diary.sources(ann)
        assert (source.name, source.events) == ("spotify-file", 130)
        await music.connections.disconnect(ann, "spotify-file")
        assert await music.diary.sources(ann) == []
        assert (await music.export(ann))["events"] == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("many.csv", "user,artist,plays\na,Queen,1\nb,ABBA,2\n", "several people listened"),
        ("slice.json", '{"playlists": [{"pid": 1, "tracks": []}]}', "several people listened"),
        ("noise.bin", "\x00\x01\x02", "That file is no text table"),
    ],
)
async def test_what_is_not_one_persons_history_is_refused_in_a_chat(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    async with await MusicService.open(tmp_path / "segue.db", seed=1, learn=False) as music:
        with pytest.raises(NotKnown, match=said) as refused:
            await music.bringing.history(await music.arrive(ANN), ANN, path)
        assert str(tmp_path) not in str(refused.value)


ROWS = """\
artist,track,plays,time
Queen,Innuendo,5,2021-05-01 10:00:00
Queen,Ogre Battle,1,2021-05-02 10:00:00
ABBA,SOS,3,2021-06-01 10:00:00
Tricky,Overcome,91,2021-07-01 10:00:00
"""


async def test_every_figure_counts_the_same_plays(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(ROWS, encoding="utf-8")
    clock = datetime(2021, 12, 1, tzinfo=UTC).timestamp
    async with await MusicService.open(tmp_path / "segue.db", seed=1, clock=clock) as music:
        ann = await music.arrive(ANN)
        await music.bringing.history(await music.arrive(ANN), ANN, path)
        lines = await music.diary.lines(ann, 10)
        year = await music.diary.wrapped(ann, 2021)
        habits = await music.diary.habits(ann, "all")
        profile = await music.profile(ann)
        told = {sum(line.plays or 1 for line in lines), year.plays, habits.plays, profile.plays}
        assert told == {100} == {sum(year.months), sum(year.hours), sum(habits.hours)}
        by_artist = {"Tricky": 91, "Queen": 6, "ABBA": 3}
        assert {count.song.artist: count.plays for count in year.artists} == by_artist
        assert {count.song.artist: count.plays for count in habits.artists} == by_artist
        # Not by their logarithm: what is shown as a share of the plays is one.
        assert {share.name: round(100 * share.weight) for share in profile.artists} == by_artist


async def test_moods_are_no_genres(tmp_path):
    database = tmp_path / "segue.db"

    def filled(store):
        artist = store.music.ensure_artist("Nick Drake")
        for tag, kind in (("folk", "genre"), ("melancholic", "mood"), ("1970s", "genre")):
            store.music.tag_artist(artist, store.music.ensure_tag(tag, kind), "test", 100.0)
        return artist

    with Writer(database) as writer:
        artist = writer.write(filled).result()
    async with await MusicService.open(database, seed=1) as music:
        ann = await music.arrive(ANN)
        await music.reactions.record(ann, Subject(artist), Kind.LIKE, key="like")
        profile = await music.profile(ann)
        assert profile.shares_of == "likes"
        assert [(share.name, share.weight) for share in profile.artists] == [("Nick Drake", 1.0)]
        assert [share.name for share in profile.tags] == ["folk"]
        assert [share.name for share in profile.moods] == ["melancholic"]
