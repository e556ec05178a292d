"""Requests as data are answered by the real service, as the chat answers the same."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest
from pydantic import ValidationError

from bot.requests import REQUEST, MusicResult, answer, listener_of
from bot.requests.json_schemas import request_schema, result_schema
from recommender.service import MusicService
from recommender.service.names import Names
from storage.records import FEATURES
from storage.store import Store

ANN = "discord:1"


def asked(kind: str, payload: dict | None = None, *, request_id: str = "r1", user: str = ANN, **more):
    return {"id": request_id, "kind": kind, "user": user, "payload": payload or {}, **more}


async def one(music: MusicService, message: dict) -> MusicResult:
    jsonschema.validate(message, request_schema())
    request = REQUEST.validate_json(json.dumps(message))
    result = await answer(music, await listener_of(music, request.user), request)
    jsonschema.validate(json.loads(result.model_dump_json()), result_schema())
    return result


def held(database, *messages: dict) -> list[MusicResult]:
    """Return the results of messages, answered one after another."""

    async def all_of_them() -> list[MusicResult]:
        async with await MusicService.open(database, seed=5) as music:
            return [await one(music, message) for message in messages]

    return asyncio.run(all_of_them())


def test_a_list_has_songs_with_reasons_and_propensities_and_is_logged_as_shown(database):
    (result,) = held(database, asked("recommend", {"n": 4}))
    assert (result.status, len(result.songs), result.error) == ("ok", 4, None)
    with Store.open(database, readonly=True) as store:
        slate = store.slates.get(result.slate)
        assert slate.shown_at is not None
        assert [(i.position, i.propensity) for i in slate.impressions] == [
            (song.position, song.propensity) for song in result.songs
        ]
        assert (slate.snapshot, slate.policy) == (result.snapshot, result.policy)
    assert all(song.reason and song.reason_kind and song.artist for song in result.songs)


def test_a_name_gives_similar_songs_and_its_id_gives_them_as_well(database):
    named, found = held(
        database,
        asked("similar", {"name": "Radiohead", "n": 3}),
        asked("search", {"text": "radiohead", "n": 1}),
    )
    (by_id,) = held(database, asked("similar", {"song": found.songs[0].id, "n": 3, "by": "words"}))
    assert (named.status, by_id.status) == ("ok", "ok")
    assert "Radiohead" not in {song.artist for song in (*named.songs, *by_id.songs)}


def test_a_wish_in_words_is_understood(database):
    (result,) = held(database, asked("recommend", {"wish": "jazz", "n": 3}))
    assert result.status == "ok"
    assert "jazz" in result.songs[0].reason


def test_a_song_by_its_own_audio_features_is_the_nearest(database):
    with Store.open(database) as store, store.db.atomic():
        tracks = [row[0] for row in store.db.execute("SELECT id FROM tracks ORDER BY id LIMIT 40")]
        for n, track in enumerate(tracks):
            values = {name: (n * 7 + k * 3) % 11 / 11 for k, name in enumerate(FEATURES)}
            store.music.set_features(track, {**values, "tempo": 80.0 + n})
        wanted = store.music.track(tracks[17])
    sound = {name: (17 * 7 + k * 3) % 11 / 11 for k, name in enumerate(FEATURES)} | {"tempo": 97.0}
    near, only_tempo, none = held(
        database,
        asked("similar", {"features": sound, "n": 3}),
        asked("similar", {"features": {"tempo": 97}, "n": 1}, user="discord:2"),
        asked("similar", {"features": {"liveness": 0.5}, "n": 1}, user="discord:3"),
    )
    assert (near.songs[0].title, near.songs[0].reason_kind) == (wanted.title, "sound")
    assert only_tempo.songs[0].title == wanted.title, "the nearest tempo, not the fastest song"
    assert none.status == "ok"


def test_a_reaction_counts_once_and_is_felt_and_can_be_taken_back(database):
    (listed,) = held(database, asked("recommend", {"n": 3}))
    on_it = {"slate": listed.slate, "position": 1}
    like = asked("react", {**on_it, "verdict": "like"}, request_id="like")
    liked, again, why, none = held(
        database,
        like,
        like,
        asked("why", on_it),
        asked("react", {**on_it, "verdict": "none"}, request_id="none"),
    )
    assert [r.songs[0].verdict for r in (liked, again, why, none)] == ["like", "like", "like", None]
    with Store.open(database, readonly=True) as store:
        (event,) = store.db.query("SELECT kind, impression_id, source FROM events WHERE kind <> 'undo'")
        impression = store.slates.get(listed.slate).impressions[1]
    assert event == {"kind": "like", "impression_id": impression.id, "source": "discord"}


def test_the_list_of_another_person_is_not_known(database):
    (mine,) = held(database, asked("recommend", {"n": 2}))
    on_it = {"slate": mine.slate, "position": 0}
    results = held(
        database,
        asked("why", on_it, user="discord:2"),
        asked("react", {**on_it, "verdict": "like"}, user="discord:2"),
    )
    assert [(r.status, r.error.code, r.songs) for r in results] == [("error", "not-known", ())] * 2
    with Store.open(database, readonly=True) as store:
        assert store.log.counts()["events"] == 0


def test_what_cannot_be_answered_is_a_failure_with_a_sentence(database):
    late = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    unknown, expired, gone = held(
        database,
        asked("similar", {"name": "zzqx vvbq"}),
        asked("recommend", deadline=late),
        asked("similar", {"song": "artist:999999"}),
    )
    assert (unknown.status, unknown.error.code) == ("error", "not-known")
    assert (expired.status, expired.error.code, expired.songs) == ("expired", "expired", ())
    assert gone.error.code == "not-known"


def test_a_failure_of_our_own_is_logged_under_the_id_that_the_result_names(database, monkeypatch, caplog):
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Names, "complete", broken)
    (result,) = held(database, asked("search", {"text": "queen"}))
    assert result.error.code == "internal"
    assert "secret" not in result.model_dump_json()
    assert result.error.log_id in caplog.text


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"song": "artist:1", "name": "Queen"},
        {"name": ""},
        {"name": "Queen", "n": 0},
        {"features": {}},
        {"features": {"energy": 2}},
        {"song": "track:1"},
        {"name": "Queen", "genre": "rock"},
    ],
)
def test_a_request_that_says_nothing_clear_is_refused(payload):
    with pytest.raises(ValidationError):
        REQUEST.validate_python(asked("similar", payload))
