"""Who may pass: tokens, scopes, rates, idempotency keys, and errors that say no more than they should."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from bot.adapters.web.api import gate
from recommender.service.reactions import Reactions
from storage.store import Store

LIKE = {"name": "Queen", "verdict": "like"}


def events(api, who) -> list[str]:
    with Store.open(api.database, readonly=True) as store:
        rows = store.db.execute(
            "SELECT kind FROM events WHERE user_id = ? ORDER BY id", (who.listener.user_id,)
        )
        return [kind for (kind,) in rows]


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer x", "Basic abc", "Bearer segue_" + "A" * 43, "Bearer \u2603"]
)
def test_without_a_good_token_nothing_is_told(api, header):
    headers = {} if header is None else {"Authorization": header.encode()}
    answer = httpx.get(f"{api.url}/api/v1/profile", headers=headers)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (401, "no-token")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert len(body["id"]) == 8


def test_a_token_does_what_its_scopes_say_and_no_more(person):
    client = person("read").client
    assert client.get("/api/v1/profile").status_code == 200
    refused = client.post("/api/v1/reactions", json=LIKE)
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong-scope")
    for method, path in (("GET", "/export"), ("POST", "/forget"), ("POST", "/undo"), ("GET", "/imports")):
        assert client.request(method, f"/api/v1{path}", json={}).status_code == 403
    assert client.post("/1/submit-listens", json={}).status_code == 403


def test_a_revoked_token_is_dead_at_once_and_so_is_one_of_an_erased_person(api, person):
    ann, bob = person(), person()
    assert ann.client.get("/api/v1/me").status_code == 200
    api.do(api.music.access.revoke(ann.listener, "TEST"))
    assert ann.client.get("/api/v1/me").status_code == 401
    assert (
        bob.client.post("/api/v1/forget", json={"confirm": "forget me"}).json()["erased"]["api_tokens"] == 1
    )
    assert bob.client.get("/api/v1/me").status_code == 401


def test_one_token_never_reaches_what_is_another_persons(person):
    ann, bob = person(), person()
    slate = ann.client.post("/api/v1/recommend", json={"n": 1}).json()["slate"]
    upload = ann.client.post("/api/v1/imports", json={"name": "a.csv", "size": 3}).json()["id"]
    on_it = {"slate": slate, "position": 0, "verdict": "like"}
    answers = [
        bob.client.get(f"/api/v1/lists/{slate}/reasons"),
        bob.client.post("/api/v1/reactions", json=on_it),
        bob.client.get(f"/api/v1/imports/{upload}"),
        bob.client.put(f"/api/v1/imports/{upload}/pieces/0", content=b"abc"),
        bob.client.delete(f"/api/v1/imports/{upload}"),
    ]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "not-known")] * 5
    assert bob.client.get("/api/v1/history").json() == {"events": []}
    assert ann.client.get(f"/api/v1/imports/{upload}").json()["received"] == 0


def test_the_id_of_a_song_that_another_person_alone_brought_tells_nothing(api, person):
    ann, bob = person(), person()
    song = api.do(api.music.names.add(ann.listener, "Nobody Else Knows", "A Private Tune"))
    guess = f"artist:{song.subject.artist_id}/track:{song.subject.track_id}"
    said = {"song": guess, "verdict": "like"}
    answers = [
        bob.client.post("/api/v1/similar", json={"song": guess}),
        bob.client.post("/api/v1/reactions", json=said),
    ]
    assert [one.status_code for one in answers] == [404, 404]
    assert "Private" not in "".join(one.text for one in answers)
    assert bob.client.get("/api/v1/search", params={"text": "a private tu"}).json()["songs"] == []
    assert ann.client.post("/api/v1/reactions", json=said).status_code == 200


def test_the_secret_of_a_token_is_stored_nowhere(api, person):
    ann = person()
    assert ann.token.encode() not in b"".join(
        path.read_bytes() for path in api.database.parent.glob("segue.db*") if path.is_file()
    )
    (stored,) = ann.client.get("/api/v1/export").json()["api_tokens"]
    assert stored.keys() == {"name", "scopes", "made_at", "used_at", "platform"}


def test_who_is_too_fast_waits_and_is_told_how_long(monkeypatch, person):
    monkeypatch.setitem(gate.RATES, "react", 2)
    ann = person()
    answers = [ann.client.post("/api/v1/reactions", json=LIKE) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit"].startswith('"react";r=1;')
    assert answers[0].headers["ratelimit-policy"] == '"react";q=2;w=60'
    assert 1 <= int(answers[2].headers["retry-after"]) <= 30
    assert answers[2].json()["code"] == "too-many-requests"
    assert person().client.post("/api/v1/reactions", json=LIKE).status_code == 200, "others go on"


def test_tokens_cannot_be_tried_without_end(monkeypatch, api):
    monkeypatch.setattr(gate, "WRONG_TOKENS", 3)
    api.music.limits._buckets.clear()  # what other tests tried from this address
    codes = [httpx.get(f"{api.url}/api/v1/me", headers={"Authorization": "Bearer x"}) for _ in range(5)]
    assert [one.status_code for one in codes[-2:]] == [401, 429] or codes[-1].status_code == 429
    api.music.limits._buckets.clear()


def test_the_same_key_is_done_once_and_gets_the_same_answer(person):
    ann = person()
    headers = {"Idempotency-Key": "7c1"}
    first = ann.client.post("/api/v1/recommend", json={"n": 2}, headers=headers)
    again = ann.client.post("/api/v1/recommend", json={"n": 2}, headers=headers)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    other = ann.client.post("/api/v1/recommend", json={"n": 3}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    of_bob = person().client.post("/api/v1/recommend", json={"n": 3}, headers=headers)
    assert of_bob.status_code == 200, "keys are each token's own"


def test_undo_with_a_key_takes_back_one_thing_however_often_it_is_sent(api, person):
    ann = person()
    for name in ("Queen", "Björk"):
        ann.client.post("/api/v1/reactions", json={"name": name, "verdict": "like"})
    headers = {"Idempotency-Key": "undo once"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ann.client.post("/api/v1/undo", headers=headers), range(4)))
    assert {one.status_code for one in answers} <= {200, 409}
    assert (
        ann.client.post("/api/v1/undo", headers=headers).json()["taken_back"][0]["song"]["artist"] == "Björk"
    )
    assert events(api, ann) == ["like", "like", "undo"]


def test_an_answer_outlives_the_process_that_gave_it(api, person):
    ann = person()
    first = ann.client.post("/api/v1/reactions", json=LIKE, headers={"Idempotency-Key": "durable"})
    with Store.open(api.database, readonly=True) as store:
        (body,) = store.db.execute("SELECT body FROM api_answers WHERE key = 'durable'").fetchone()
    assert json.loads(body) == first.json()


def test_a_request_that_failed_on_our_side_may_be_tried_again_with_its_key(monkeypatch, person, caplog):
    ann, headers = person(), {"Idempotency-Key": "try again"}

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"a secret: {ann.token}")

    with monkeypatch.context() as patched:
        patched.setattr(Reactions, "undo", broken)
        failed = ann.client.post("/api/v1/undo", headers=headers)
    assert (failed.status_code, failed.json()["code"]) == (500, "internal")
    assert ann.token not in failed.text
    assert "RuntimeError" not in failed.text
    assert failed.json()["id"] in caplog.text
    ann.client.post("/api/v1/reactions", json=LIKE)
    assert ann.client.post("/api/v1/undo", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 422), (b'{"n": 0}', 422), (b'{"n": 1, "x": 1}', 422), (b" " * 70_000, 413)],
)
def test_a_body_that_does_not_fit_is_refused_with_its_place(person, body, status):
    headers = {"Content-Type": "application/json"}
    answer = person().client.post("/api/v1/recommend", content=body, headers=headers)
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["errors"][0]["where"].startswith("body")


def test_a_body_that_is_not_sent_as_json_is_told_so(person):
    answer = person().client.post("/api/v1/recommend", content=b'{"n": 1}')
    assert (answer.status_code, answer.json()["code"]) == (415, "no-json")


def test_a_body_without_a_length_is_bounded_as_well(person):
    def endless():
        for _ in range(40):
            yield b" " * 4096

    headers = {"Content-Type": "application/json"}
    answer = person().client.post("/api/v1/recommend", content=endless(), headers=headers)
    assert answer.status_code == 413


def test_no_page_of_another_site_may_read_answers(person):
    answer = person().client.get("/api/v1/me", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_unknown_paths_and_methods_are_problems_with_an_id(person):
    client = person().client
    for answer, status in ((client.get("/api/v1/nothing"), 404), (client.get("/api/v1/undo"), 405)):
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert answer.json()["id"]
