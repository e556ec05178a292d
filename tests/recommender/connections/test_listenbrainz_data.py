"""ListenBrainz' data, asked for on loopback: algorithms that change, quotas, answers that are none."""

import time

import pytest
from json_server import Answer
from listenbrainz_server import ALGORITHM, mbid, serve_listenbrainz

from recommender.catalog.listenbrainz_data import ListenBrainzData

NEWER = "session_based_days_9000_session_300_contribution_5_threshold_15_limit_50_skip_30"


@pytest.fixture
def brainz():
    with serve_listenbrainz() as server:
        server.know("Low", "Codeine", "Duster")
        yield server


@pytest.mark.parametrize(
    "body", [None, [], {}, "x", 7, [[]], [{"artist_mbid": 7}], {"artist_mbids": {}}, [{"recording_mbid": []}]]
)
def test_malformed_answers_are_no_answers(brainz, body):
    data = ListenBrainzData.at(brainz.base, brainz.base, ALGORITHM, pause=0.0)
    brainz.busy = Answer(body if body is not None else [None])
    assert data.artist_mbid("Low", "Monkey") is None
    assert data.similar(mbid("Low")) == []
    assert data.songs(mbid("Low")) == []
    data.close()


def test_the_newest_algorithm_that_answers_is_taken(brainz):
    data = ListenBrainzData.at(brainz.base, brainz.base, f"no_such_one, {ALGORITHM}", pause=0.0)
    assert data.similar(mbid("Low"))[0].name == "Codeine"
    assert data.similar(mbid("Nobody")) == []
    asked = [one.query["algorithm"] for one in brainz.asked]
    assert asked == ["no_such_one", ALGORITHM, ALGORITHM]
    brainz.algorithms = [NEWER.replace("9000", "75"), NEWER]
    assert data.similar(mbid("Low"))[0].name == "Codeine"
    assert [one.query["algorithm"] for one in brainz.asked[3:]] == [ALGORITHM, "no_such_one", NEWER]
    data.close()


def test_requests_wait_for_the_next_window_of_the_quota(brainz):
    data = ListenBrainzData.at(brainz.base, brainz.base, ALGORITHM, pause=0.0)
    brainz.busy = Answer([], headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-In": "1"})
    began = time.monotonic()
    data.similar(mbid("Low"))
    assert time.monotonic() - began < 0.9
    data.similar(mbid("Low"))
    assert time.monotonic() - began >= 1.0
    data.close()
