"""Files in pieces: resumed after a break, imported once they are whole, gone with their person."""

import asyncio
import shutil
import time

from bot.adapters.web.app import create_app
from bot.settings import Settings
from recommender.service import MusicService
from storage.ingest.uploads import Uploads
from storage.store import Store

CSV = "artist,track,timestamp\n" + "".join(
    f"Portishead,Song {n},2021-01-02 {n:02}:00:00\n" for n in range(20)
)


def finished(client, upload: str) -> dict:
    for _ in range(300):
        state = client.get(f"/api/v1/imports/{upload}").json()
        if state["state"] in ("done", "failed"):
            return state
        time.sleep(0.05)
    raise AssertionError(f"the import has not ended: {state}")


def announced(client, content: bytes, name: str = "plays.csv") -> str:
    answer = client.post("/api/v1/imports", json={"name": name, "size": len(content)})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_pieces_make_a_file_and_its_plays_are_in_the_history(api, person):
    client, content = person().client, CSV.encode()
    upload = announced(client, content)
    for start in range(0, len(content), 200):
        piece = content[start : start + 200]
        sent = client.put(f"/api/v1/imports/{upload}/pieces/{start}", content=piece)
        assert sent.json()["received"] == start + len(piece)
    state = finished(client, upload)
    assert (state["state"], state["progress"], state["report"]["new"]["listens"]) == ("done", 1.0, 20)
    assert len(client.get("/api/v1/history").json()["events"]) == 20
    folder = api.database.with_name("segue.db.uploads")
    assert upload not in [path.name for path in folder.iterdir()], "the file is gone once it is read"


def test_after_a_break_the_server_says_where_to_go_on(person):
    client, content = person().client, CSV.encode()
    upload = announced(client, content)
    client.put(f"/api/v1/imports/{upload}/pieces/0", content=content[:100])
    lost = client.put(f"/api/v1/imports/{upload}/pieces/150", content=content[150:])
    assert (lost.status_code, lost.json()["code"], lost.json()["offset"]) == (409, "wrong-offset", 100)
    again = client.put(f"/api/v1/imports/{upload}/pieces/0", content=content[:100])
    assert again.json()["offset"] == 100
    too_much = client.put(f"/api/v1/imports/{upload}/pieces/100", content=content[100:] + b"more")
    assert too_much.status_code == 409
    client.put(f"/api/v1/imports/{upload}/pieces/100", content=content[100:])
    assert finished(client, upload)["state"] == "done"


def test_a_file_that_is_no_history_fails_with_its_own_name(api, person):
    client, content = person().client, b"\x89PNG\r\n\x1a\n and so on"
    upload = announced(client, content, "holiday.png")
    client.put(f"/api/v1/imports/{upload}/pieces/0", content=content)
    state = finished(client, upload)
    assert state["state"] == "failed"
    assert upload not in state["failure"]
    assert str(api.database.parent) not in state["failure"]


def test_a_piece_has_a_limit_and_so_has_the_number_of_open_files(person):
    client = person().client
    upload = announced(client, b"x" * (9 << 20))
    assert client.put(f"/api/v1/imports/{upload}/pieces/0", content=b"x" * (9 << 20)).status_code == 413
    assert client.put(f"/api/v1/imports/{upload}/pieces/0", content=b"").status_code == 422
    for _ in range(3):
        announced(client, b"abc")
    assert client.post("/api/v1/imports", json={"name": "five", "size": 1}).status_code == 409
    assert client.delete(f"/api/v1/imports/{upload}").status_code == 204
    assert len(client.get("/api/v1/imports").json()["imports"]) == 3
    huge = {"name": "huge", "size": 1 << 40}
    assert client.post("/api/v1/imports", json=huge).status_code == 422


def test_forgetting_a_person_deletes_what_they_sent(api, person):
    ann = person()
    upload = announced(ann.client, CSV.encode())
    ann.client.put(f"/api/v1/imports/{upload}/pieces/0", content=CSV.encode()[:50])
    path = api.database.with_name("segue.db.uploads") / upload
    assert path.stat().st_mode & 0o077 == 0
    ann.client.post("/api/v1/forget", json={"confirm": "forget me"})
    assert not path.exists()
    with Store.open(api.database, readonly=True) as store:
        assert store.db.execute("SELECT count(*) FROM uploads WHERE id = ?", (upload,)).fetchone() == (0,)


def test_an_import_that_the_end_of_the_process_interrupted_goes_on_with_the_next(api, person):
    ann = person()
    upload = announced(ann.client, CSV.encode())
    api.do(api.music._write(lambda store: Uploads(store.db).enter(upload, "importing")))
    folder = api.database.with_name("segue.db.uploads")
    (folder / upload).write_bytes(CSV.encode())
    copy = api.database.parent / "next"
    copy.mkdir()
    with Store.open(api.database, readonly=True) as store:
        store.db.execute(f"VACUUM INTO '{copy / 'segue.db'}'")
    shutil.copytree(folder, copy / "segue.db.uploads")

    async def next_start() -> str:
        async with await MusicService.open(copy / "segue.db", learn=False) as music:
            app = create_app(music, Settings(web="127.0.0.1:0"))
            async with app.router.lifespan_context(app):
                for _ in range(200):
                    status = await music.uploads.status(ann.listener, upload)
                    if status.upload.state != "importing":
                        return status.upload.state
                    await asyncio.sleep(0.05)
        return "still importing"

    assert asyncio.run(next_start()) == "done"
