"""Lists, reactions and reasons over HTTP do what the chat does."""

from bot.commands import delivered, dispatch
from bot.context import Context
from bot.replies import Reply
from bot.replies.i18n import catalogue
from storage.store import Store


def test_a_list_is_logged_with_its_propensities_and_a_reaction_to_it_teaches(api, person):
    ann = person()
    made = ann.client.post("/api/v1/recommend", json={"n": 3}).json()
    said = ann.client.post(
        "/api/v1/reactions", json={"slate": made["slate"], "position": 2, "verdict": "like"}
    )
    assert (said.status_code, said.json()["song"]["verdict"]) == (200, "like")
    with Store.open(api.database, readonly=True) as store:
        slate = store.slates.get(made["slate"])
        (event,) = store.db.query(
            "SELECT kind, impression_id FROM events WHERE user_id = ?", (ann.listener.user_id,)
        )
    assert [i.propensity for i in slate.impressions] == [song["propensity"] for song in made["songs"]]
    assert slate.shown_at is not None
    assert event == {"kind": "like", "impression_id": slate.impressions[2].id}


def test_songs_are_found_by_name_and_similar_ones_by_their_id(person):
    client = person("read").client
    first = client.get("/api/v1/search", params={"text": "portish", "n": 1}).json()["songs"][0]
    assert first["artist"] == "Portishead"
    near = client.post("/api/v1/similar", json={"song": first["id"], "n": 3, "by": "words"}).json()
    assert len(near["songs"]) == 3
    assert all("Portishead" in song["reason"] for song in near["songs"])
    reasons = client.get(f"/api/v1/lists/{near['slate']}/reasons", params={"position": 1}).json()
    assert [song["position"] for song in reasons["songs"]] == [1]


def test_a_name_that_fits_several_songs_is_a_conflict_that_lists_them(person):
    answer = person().client.post("/api/v1/similar", json={"name": "hello"})
    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "ambiguous")
    assert len({song["artist"] for song in body["songs"]}) > 1


def test_undo_takes_back_what_was_said_over_http_or_in_the_chat(api, person):
    ann = person()
    ann.client.post("/api/v1/reactions", json={"name": "Björk", "verdict": "like"})
    taken = ann.client.post("/api/v1/undo").json()["taken_back"]
    assert [(one["kind"], one["song"]["artist"]) for one in taken] == [("like", "Björk")]
    nothing = ann.client.post("/api/v1/undo")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing-to-do")
    assert api.do(api.music.reactions.liked(ann.listener.user_id)) == frozenset()


def test_a_reaction_is_felt_by_the_profile_and_by_the_next_list(person):
    client = person().client
    for name in ("Miles Davis", "John Coltrane", "Thelonious Monk"):
        assert client.post("/api/v1/reactions", json={"name": name, "verdict": "like"}).status_code == 200
    profile = client.get("/api/v1/profile").json()
    assert (profile["likes"], profile["tags"][0]["name"]) == (3, "jazz")
    songs = client.post("/api/v1/recommend", json={"n": 5}).json()["songs"]
    assert any(song["reason_kind"] in ("because", "related", "artist") for song in songs)


def test_a_song_without_a_sound_cannot_be_found_by_its_sound(person):
    answer = person().client.post("/api/v1/similar", json={"features": {"energy": 0.4, "tempo": 120}})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing-to-do")


def test_words_are_in_the_language_that_is_asked_for(person):
    german = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
    made = person().client.post("/api/v1/recommend", json={"n": 1}, headers=german).json()
    assert made["songs"][0]["reason_kind"] == "famous"
    assert made["songs"][0]["reason"] == catalogue("de").gettext("many people love this artist")


def test_a_chat_does_not_take_the_list_of_a_program_for_its_own(api, person):
    ann = person()

    async def chat(line: str) -> Reply:
        reply = await dispatch(Context(api.music, ann.account, None, f"chat {line}"), line)
        await delivered(Context(api.music, ann.account, None, "x"), reply)
        return reply

    shown = api.do(chat("/recommend 3")).slate
    ann.client.post("/api/v1/recommend", json={"n": 2})
    marked = api.do(chat("+3"))
    assert (marked.slate.id, marked.slate.picks[2].verdict) == (shown.id, "like")
