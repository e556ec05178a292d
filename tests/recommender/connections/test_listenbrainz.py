"""ListenBrainz, asked for real on loopback."""

import pytest
from json_server import Answer, serve
from people_there import ANN, NOW

from recommender.connections.apis import Apis
from recommender.errors import NotKnown, Unavailable
from storage.records import Kind

PATIENCE = 30.0
MBID = "8a6cdd4c-9ad1-4a33-8a3e-3a3a8c7b0e10"


class Brainz:
    """ListenBrainz with one person, rob."""

    def __init__(self):
        self.listens = []
        self.feedback = []
        self.busy = None
        self.agents = set()

    def __call__(self, asked):
        self.agents.add(asked.headers["User-Agent"])
        if self.busy is not None:
            return Answer({"error": "slow down"}, 429, {"Retry-After": self.busy})
        if "/rob/" not in asked.path:
            return Answer({"code": 404, "error": "Cannot find user"}, 404)
        return Answer(getattr(self, "_" + asked.path.rpartition("/")[2].replace("-", "_"))(asked.query))

    def _listen_count(self, _):
        return {"payload": {"count": len(self.listens)}}

    def _listens(self, query):
        before, count = int(query.get("max_ts", 1 << 40)), int(query["count"])
        found = [row for row in self.listens if row["listened_at"] < before]
        found.sort(key=lambda row: -row["listened_at"])
        return {"payload": {"count": len(found[:count]), "listens": found[:count], "user_id": "rob"}}

    def _get_feedback(self, query):
        start, count = int(query["offset"]), int(query["count"])
        return {"feedback": self.feedback[start : start + count], "total_count": len(self.feedback)}


def listen(at, artist="Low", title="Monkey", **more):
    said = {"artist_name": artist, "track_name": title, "additional_info": more, "mbid_mapping": None}
    return {"listened_at": at, "track_metadata": said, "user_name": "rob"}


@pytest.fixture
def brainz():
    return Brainz()


@pytest.fixture
def apis(brainz):
    with serve(brainz) as base:
        yield Apis(listenbrainz_base=base)


async def connected(music, listener):
    await music.connections.connect(listener, ANN, "listenbrainz", "rob")
    return await music.connections.settled(listener, "listenbrainz", PATIENCE)


async def test_the_whole_history_comes_in_with_ids(music, ann, brainz, events):
    brainz.listens = [listen(NOW - 1000 - 100 * i, f"A{i % 5}", f"T{i}") for i in range(300)]
    brainz.listens[0]["track_metadata"]["mbid_mapping"] = {
        "recording_mbid": MBID,
        "artist_mbids": [MBID.replace("8a", "9a")],
    }
    linked = await connected(music, ann)
    assert (linked.listens, linked.total, linked.is_reading) == (300, 300, False)
    assert len(events()) == 300
    found = await music.names.resolve("T0")
    links = await music.communities.links((found.song,))
    assert links[found.song.subject]["mbid"] == MBID
    assert all(agent.startswith("Segue/") for agent in brainz.agents)


async def test_a_listen_that_lastfm_told_of_already_stays_one(music, ann, brainz, events):
    song = await music.names.add(ann, "Low", "Monkey")
    brainz.listens = [listen(NOW - 1000), listen(NOW - 985, "LOW", "monkey"), listen(NOW - 700)]
    linked = await connected(music, ann)
    assert linked.listens == 2
    assert [line[3] for line in events()] == [NOW - 1000, NOW - 700]
    assert song.title == "Monkey"


async def test_listens_that_make_no_sense_are_left_out(music, ann, brainz, events):
    brainz.listens = [
        listen(NOW - 10, None),
        listen(NOW - 20, "", "x"),
        listen(0),
        listen(NOW - 30, "\x00\u202e"),
        listen(NOW - 40, "Low", "Monkey", spotify_id="javascript:alert(1)", duration_ms=10**30, isrc=5),
        {"listened_at": NOW - 50, "track_metadata": None},
    ]
    await connected(music, ann)
    assert events() == [("play", "Low", "Monkey", NOW - 40)]


async def test_loved_and_hated_songs_are_likes_and_dislikes(music, ann, brainz, events):
    said = {"artist_name": "Low", "track_name": "Monkey"}
    other = {"artist_name": "Creed", "track_name": "Higher"}
    brainz.feedback = [
        {"created": NOW - 5, "score": 1, "track_metadata": said},
        {"created": NOW - 4, "score": -1, "track_metadata": other},
        {"created": NOW - 3, "score": 1, "track_metadata": None},
    ]
    await connected(music, ann)
    assert [line[:3] for line in events()] == [("like", "Low", "Monkey"), ("dislike", "Creed", "Higher")]


async def test_a_verdict_said_in_the_chat_outweighs_one_from_there(music, ann, brainz, events):
    song = await music.names.add(ann, "Low", "Monkey")
    await music.reactions.record(ann, song.subject, Kind.DISLIKE, key="mine")
    said = {"artist_name": "Low", "track_name": "Monkey"}
    brainz.feedback = [{"created": NOW - 5, "score": 1, "track_metadata": said}]
    await connected(music, ann)
    assert [line[0] for line in events()] == ["dislike"]


async def test_being_asked_to_wait_for_hours_means_waiting(music, ann, brainz):
    brainz.listens = [listen(NOW - 1000)]
    await music.connections.connect(ann, ANN, "listenbrainz", "rob")
    await music.connections.settled(ann, "listenbrainz", PATIENCE)
    brainz.busy = "7200"
    with pytest.raises(Unavailable) as caught:
        await music.connections.connect(ann, ANN, "listenbrainz", "rob")
    assert caught.value.retry_after == 7200


async def test_who_is_not_there_is_told_so(music, ann):
    with pytest.raises(NotKnown, match="knows nobody called bob"):
        await music.connections.connect(ann, ANN, "listenbrainz", "bob")
