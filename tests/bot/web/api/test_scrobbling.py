"""Players that speak to ListenBrainz send plays here: with its client library, its errors and its limits."""

import json
import time

import httpx
import liblistenbrainz
import pytest
from liblistenbrainz.errors import InvalidAuthTokenException, ListenBrainzAPIException

from bot.commands import dispatch
from bot.context import Context
from bot.replies import Problem
from storage.records import Kind, Subject
from storage.store import Store

AT = 1_650_000_000


@pytest.fixture
def player(api, person):
    """The client library, signed in as a new person."""
    client = liblistenbrainz.ListenBrainz(api_base_url=api.url)
    client.owner = person("listen")
    client.set_auth_token(client.owner.token)
    return client


def listen(n: int, **more) -> liblistenbrainz.Listen:
    facts = {"track_name": f"Song {n}", "artist_name": "Portishead", "listened_at": AT + 300 * n}
    return liblistenbrainz.Listen(**(facts | more))


def plays(api, player) -> list[dict]:
    with Store.open(api.database, readonly=True) as store:
        return list(
            store.db.query(
                "SELECT title, artists.name AS artist, at, source, kind FROM events"
                " JOIN tracks ON tracks.id = track_id JOIN artists ON artists.id = events.artist_id"
                " WHERE user_id = ? ORDER BY at",
                (player.owner.listener.user_id,),
            )
        )


def test_a_play_is_stored_once_however_often_it_is_sent(api, player):
    for _ in range(2):
        assert player.submit_single_listen(listen(1, track_name="Roads")) == {"status": "ok"}
    assert plays(api, player) == [
        {"title": "Roads", "artist": "Portishead", "at": AT + 300, "source": "scrobbler", "kind": "play"}
    ]


def test_many_plays_come_at_once_and_songs_of_the_catalogue_are_recognised(api, player):
    player.submit_multiple_listens([listen(n) for n in range(30)])
    player.submit_multiple_listens([listen(n) for n in range(20, 40)])
    assert len(plays(api, player)) == 40
    player.submit_single_listen(listen(99, artist_name="PORTISHEAD", track_name="glory box"))
    with Store.open(api.database, readonly=True) as store:
        rows = store.db.execute(
            "SELECT count(DISTINCT artist_id) FROM events WHERE user_id = ?", (player.owner.listener.user_id,)
        )
        assert rows.fetchone() == (1,)


def test_what_plays_right_now_is_accepted_and_is_no_play(api, player):
    now = liblistenbrainz.Listen(track_name="Roads", artist_name="Portishead")
    assert player.submit_playing_now(now) == {"status": "ok"}
    assert plays(api, player) == []


def test_a_wrong_token_is_told_as_listenbrainz_tells_it(api, player):
    with pytest.raises(InvalidAuthTokenException):
        liblistenbrainz.ListenBrainz(api_base_url=api.url).set_auth_token("wrong")
    player.set_auth_token("wrong", check_validity=False)
    with pytest.raises(ListenBrainzAPIException) as caught:
        player.submit_single_listen(listen(1))
    assert (caught.value.status_code, caught.value.message) == (401, "Invalid authorization token.")
    nothing = httpx.get(f"{api.url}/1/validate-token")
    assert (nothing.status_code, nothing.json()["code"]) == (400, 400)


def test_a_token_is_valid_in_the_query_too_and_names_its_person(api, player):
    told = httpx.get(f"{api.url}/1/validate-token", params={"token": player.owner.token}).json()
    assert told == {
        "code": 200,
        "message": "Token valid.",
        "valid": True,
        "user_name": player.owner.account.name,
    }


TRACK = {"artist_name": "Portishead", "track_name": "Roads"}
ONE = {"listened_at": AT, "track_metadata": TRACK}


def of(kind: str, *listens: object) -> dict:
    return {"listen_type": kind, "payload": list(listens)}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("{", "Cannot parse JSON"),
        ("[" * 100_000, "Cannot parse JSON"),
        ([], "Invalid JSON document"),
        ({"listen_type": "single"}, "Invalid JSON document"),
        (of("played", ONE), "valid listen_type"),
        (of("single"), "does not contain any listens"),
        (of("single", ONE, ONE), "should contain only one"),
        (of("import", *[ONE] * 1001), "Too many listens"),
        (of("single", {"track_metadata": TRACK}), "listened_at"),
        (of("single", {**ONE, "listened_at": "soon"}), "int value"),
        (of("single", {**ONE, "listened_at": 4_000_000_000}), "too high"),
        (of("single", {**ONE, "listened_at": 10**30}), "too high"),
        (of("single", {**ONE, "listened_at": 5}), "too low"),
        (of("playing_now", ONE), "must not contain listened_at"),
        (of("single", {**ONE, "track_metadata": {"artist_name": "X"}}), "track_name"),
        (of("single", {**ONE, "track_metadata": {**TRACK, "artist_name": ["X"]}}), "single string"),
        (of("single", {**ONE, "track_metadata": {**TRACK, "track_name": "x" * 11_000}}), "too large"),
        (
            of("single", {**ONE, "track_metadata": {**TRACK, "additional_info": {"recording_mbid": "x"}}}),
            "MBID format invalid",
        ),
        (of("single", {**ONE, "track_metadata": {**TRACK, "additional_info": {"tags": ["x"] * 51}}}), "50"),
        (
            of("single", {**ONE, "track_metadata": {**TRACK, "additional_info": {"duration_played": "x"}}}),
            "cannot be stored",
        ),
    ],
)
def test_what_listenbrainz_refuses_is_refused_with_its_words(api, player, document, sentence):
    body = document if isinstance(document, str) else json.dumps(document)
    headers = {"Authorization": f"Token {player.owner.token}"}
    answer = httpx.post(f"{api.url}/1/submit-listens", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["code"] == 400
    assert sentence in answer.json()["error"]
    assert plays(api, player) == []


def test_a_play_that_a_file_brought_as_well_counts_once(api, player):
    player.submit_single_listen(listen(0, track_name="Roads"))
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(AT + 10))
    content = f"artist,track,timestamp\nPortishead,Roads,{at}\n".encode()
    owner = player.owner
    upload = api.do(api.music.uploads.begin(owner.listener, owner.account, "a.csv", len(content))).upload.id
    api.do(api.music.uploads.append(owner.listener, upload, 0, content))
    for _ in range(200):
        status = api.do(api.music.uploads.status(owner.listener, upload))
        if status.upload.state == "done":
            break
        time.sleep(0.05)
    assert status.upload.told["merged"] == 1
    assert len(plays(api, player)) == 1


def test_disconnecting_the_scrobbler_erases_what_it_sent_and_nothing_else(api, player):
    player.submit_single_listen(listen(1))
    owner = player.owner
    api.do(api.music.reactions.record(owner.listener, Subject(1), Kind.LIKE, key="a like"))
    reply = api.do(dispatch(Context(api.music, owner.account, None, "d"), "/disconnect scrobbler"))
    assert not isinstance(reply, Problem), reply
    assert plays(api, player) == []
    assert api.do(api.music.reactions.liked(owner.listener.user_id)) == {Subject(1)}
