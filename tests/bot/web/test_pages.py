"""The pages: thumbs teach as in the chat, everything works without JavaScript, titles are only text."""

import pytest

from storage.records import Account, Event, Kind, Subject

pytestmark = pytest.mark.asyncio
ANN = Account("telegram", "ann", "Ann")
PAGES = ("/", "/taste", "/history", "/data", "/session", "/operator")
HX = {"hx-request": "true"}


async def listener(site, account=ANN):
    return await site.music.arrive(account)


async def test_a_thumb_on_the_page_is_a_thumb_in_the_chat_and_back(site):
    browser = await site.signed_in()
    await browser.press(browser.thumbs("like")[0])
    assert browser.page.xpath('//button[contains(@class, "like") and @aria-pressed="true"]')
    shown = await site.music.slate(await listener(site))
    assert [pick.verdict for pick in shown.picks][:2] == [Kind.LIKE, None]
    await site.says("-2")
    await browser.open("/")
    pressed = browser.page.xpath('//button[@aria-pressed="true"]/@value')
    assert [value.split(":")[2:] for value in pressed] == [["0", "like"], ["1", "dislike"]]


async def test_a_form_that_is_sent_twice_counts_once(site):
    browser = await site.signed_in()
    payload = browser.thumbs("like")[0]
    page = browser.page
    await browser.press(payload)
    browser.page = page  # the reader pressed again before the answer came
    await browser.press(payload)
    assert (await site.music.slate(await listener(site))).picks[0].verdict is Kind.LIKE


async def test_the_next_list_in_the_chat_feels_a_thumb(site):
    browser = await site.signed_in()
    await site.says("/like radiohead")
    await browser.send("/say", {"line": "/similar radiohead"})
    before = await site.music.profile(await listener(site))
    await browser.press(browser.thumbs("like")[0])
    await browser.press(browser.thumbs("like")[1])
    after = await site.music.profile(await listener(site))
    assert after.likes == before.likes + 2
    liked = {pick.song.subject for pick in (await site.music.slate(await listener(site))).picks[:2]}
    reply = await site.says("/recommend")
    assert liked.isdisjoint(pick.song.subject for pick in reply.slate.picks), "what is liked is not repeated"


async def test_htmx_gets_the_card_alone(site):
    browser = await site.signed_in()
    answer = await browser.press(browser.thumbs("like")[2], headers=HX)
    assert "<html" not in answer.text
    assert browser.page.xpath('//li//button[@aria-pressed="true"]/@value') == [browser.thumbs("like")[0]]


async def test_the_slider_is_felt_at_once_and_in_the_chat(site):
    browser = await site.signed_in()
    first = browser.thumbs("like")
    answer = await browser.send("/adventurous", {"level": "9"}, headers=HX)
    assert browser.thumbs("like") != first
    assert 'id="list"' in answer.text
    assert "Adventurous: 9" in (await site.says("/settings")).sentence
    await browser.open("/")
    assert browser.page.xpath('//input[@name="level"]/@value') == ["9"]


async def test_each_thumb_is_taken_back_where_it_is_shown(site):
    browser = await site.signed_in()
    await site.says("/like queen")
    await site.says("/dislike abba")
    await browser.open("/taste")
    assert "Queen" in browser.text and "ABBA" in browser.text  # noqa: PT018
    undo = browser.page.xpath('//button[contains(@aria-label, "Queen") and contains(@value, "undo")]/@value')
    await browser.press(undo[0])
    profile = await site.music.profile(await listener(site))
    assert (profile.likes, profile.dislikes) == (0, 1)


async def test_a_taste_is_drawn_in_the_colours_of_the_page(site):
    browser = await site.signed_in()
    for name in ("queen", "radiohead", "abba"):
        await site.says(f"/like {name}")
    answer = await browser.open("/taste")
    assert answer.text.count("<svg") >= 2
    assert 'fill="var(--ink)"' in answer.text
    assert "#f6f6fb" not in answer.text


async def test_history_is_searched_and_undone(site):
    browser = await site.signed_in()
    await site.says("/like queen")
    await site.says("/dislike abba")
    await browser.open("/history", params={"q": "que"})
    assert "Queen" in browser.text and "ABBA" not in browser.text  # noqa: PT018
    await browser.open("/history", params={"q": "%"})
    assert "Nothing by that name" in browser.text
    await browser.open("/history")
    await browser.press("run:undo")
    assert "ABBA" in browser.text
    assert (await site.music.profile(await listener(site))).dislikes == 0


async def test_a_long_history_has_pages(site):
    user = await listener(site)
    await site.music._write(
        lambda store: [
            store.log.append(Event(f"p{n}", user.user_id, Subject(1 + n), Kind.LIKE, "telegram"), now=1)
            for n in range(120)
        ]
    )
    browser = await site.signed_in()
    await browser.open("/history")
    seen = []
    while True:
        seen += browser.page.xpath('//ul[@class="rows"]//bdi/text()')
        older = browser.page.xpath('//a[contains(@href, "before=")]/@href')
        if not older:
            break
        await browser.open(older[0])
    assert len(seen) == 120


async def test_settings_of_the_chat_decide_the_look(site):
    browser = await site.signed_in()
    assert browser.page.get("class") is None
    await site.says("/settings pictures light")
    await browser.open("/")
    assert browser.page.get("class") == "light"
    await browser.open("/data")
    await browser.send("/look", {"look": "dark"})
    assert browser.page.get("class") == "dark"


async def test_the_page_speaks_the_language_of_the_chat(site):
    from bot.replies.i18n import speaking  # noqa: PLC0415

    with speaking("de"):
        link = (await site.says("/web")).url
    browser = await site.browser()
    path = link.removeprefix("http://127.0.0.1:8080")
    await browser.open(path)
    await browser.send(path)
    assert browser.page.get("lang") == "de"


async def test_an_export_is_the_file_of_the_chat(site):
    browser = await site.signed_in()
    await browser.open("/data")
    answer = await browser.send("/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="segue-export.json"'
    assert answer.json()["accounts"] == [{"platform": "telegram", "external_id": "ann", "name": "Ann"}]


async def test_forgetting_needs_the_word_and_signs_out(site):
    browser = await site.signed_in()
    await site.says("/like queen")
    await browser.open("/data")
    assert (await browser.send("/forget", {"word": "yes"})).status_code == 400
    assert (await site.music.profile(await listener(site))).likes == 1
    await browser.open("/data")
    await browser.send("/forget", {"word": "ERASE"})
    assert "Your data is deleted" in browser.text
    assert (await browser.open("/")).url.path == "/sign-in"
    assert (await site.music.profile(await listener(site))).likes == 0


@pytest.fixture
def plays():
    rows = [f"Radiohead,Creep,{1_700_000_000 + 400 * n}" for n in range(50)]
    return "artist,track,timestamp\n" + "\n".join(rows) + "\n"


async def sent_file(browser, content, name="plays.csv"):
    form = browser.forms("/import")[0]
    fields = {key: value for key, value in form.form_values() if key != "file"}
    return browser._read(await browser.http.post("/import", data=fields, files={"file": (name, content)}))


async def until_imported(browser):
    for _ in range(200):
        await browser.open("/data")
        if browser.page.xpath('//*[@id="imported"]'):
            return
    raise AssertionError(browser.text)


async def test_a_file_is_imported_and_the_page_tells_how_it_went(site, plays):
    browser = await site.signed_in()
    await browser.open("/data")
    await sent_file(browser, plays)
    await until_imported(browser)
    assert "50 kept" in browser.text
    assert (await site.music.profile(await listener(site))).plays == 50


async def test_an_imported_file_is_an_upload_as_those_of_programs_and_is_told_of_for_a_week(site, plays):
    browser = await site.signed_in()
    await browser.open("/data")
    await sent_file(browser, plays)
    await until_imported(browser)
    (status,) = await site.music.uploads.all(await listener(site))
    assert (status.upload.name, status.upload.state) == ("plays.csv", "done")
    site.now[0] += 8 * 86_400
    await site.music.uploads.resume()
    await browser.open("/data")
    assert "50 kept" not in browser.text


async def test_a_file_that_is_no_history_is_told_in_words_of_the_page_and_by_its_name(site):
    browser = await site.signed_in()
    await browser.open("/data")
    await sent_file(browser, b"\x00\x01nonsense", "<script>x</script>.bin")
    await until_imported(browser)
    assert "<script>x</script>.bin" in browser.text
    assert "script" not in browser.page.xpath('string(//*[@id="imported"]//script)')
    assert (await site.music.profile(await listener(site))).plays == 0


async def test_an_import_needs_its_token_and_a_file(site, plays):
    browser = await site.signed_in()
    await browser.open("/data")
    forged = await browser.http.post("/import", files={"file": ("p.csv", plays)})
    assert forged.status_code == 403
    assert (await sent_file(browser, b"", "")).status_code == 400


async def test_an_address_that_is_none_is_a_page(site):
    browser = await site.signed_in()
    for path in ("/nothing", "/session/999999", "/session/x", "/?list=999999999", "/static/../app.py"):
        answer = await browser.open(path)
        assert answer.status_code in (400, 404), path
        assert "That did not work" in browser.text


async def test_a_list_of_somebody_else_is_not_shown(site):
    ann, bo = await site.signed_in(), await site.signed_in("Bo")
    slate = ann.thumbs("like")[0].split(":")[1]
    hers = await ann.open(f"/?list={slate}")
    assert hers.status_code == 200
    assert (await bo.open(f"/?list={slate}")).status_code == 404
    await bo.open("/")
    answer = await bo.send("/press", {"do": ann.thumbs("like")[0]})
    assert answer.status_code == 409
    assert "I no longer know that list" in bo.text


async def test_an_unexpected_error_is_a_page_with_a_code_that_the_log_has(site, monkeypatch, caplog):
    browser = await site.signed_in()

    async def broken(*_):
        raise RuntimeError("the disk is on fire at /in/secret")

    monkeypatch.setattr(type(site.music), "profile", broken)
    answer = await browser.open("/taste")
    code = browser.page.xpath("string(//code)")
    assert answer.status_code == 500
    assert f"code {code}" in caplog.text
    assert "on fire" not in answer.text


async def test_bodies_and_hosts_are_bounded(site):
    browser = await site.signed_in()
    assert (await browser.http.post("/say", content=b"x" * (65 << 10))).status_code == 413

    async def endless():
        for _ in range(100):
            yield b"x" * 1024

    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert (await browser.http.post("/say", content=endless(), headers=headers)).status_code == 413
    assert (await browser.http.get("/", headers={"host": "evil.example"})).status_code == 421


async def test_every_page_forbids_scripts_of_others_and_frames(site):
    browser = await site.signed_in()
    for path in (*PAGES, "/sign-in", "/healthz", "/nothing"):
        answer = await browser.http.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert "<script>" not in answer.text
        assert " style=" not in answer.text
        assert " onclick" not in answer.text
    assert (
        "frame-ancestors https://web.telegram.org"
        in ((await browser.http.get("/telegram")).headers["content-security-policy"])
    )


async def test_every_page_is_small(site):
    browser = await site.signed_in()
    for name in ("queen", "radiohead", "abba", "björk"):
        await site.says(f"/like {name}")
    for path in PAGES:
        answer = await browser.open(path)
        assert len(answer.content) < 150_000, path


async def test_a_star_leads_to_the_songs_of_its_artist_to_hear_and_to_like(site):
    browser = await site.signed_in()
    await site.says("/like queen")
    await browser.open("/taste")
    (star,) = browser.page.xpath('//div[contains(@class, "map")]//a')
    assert (star.get("aria-label"), star.findtext("title")) == ("Queen", "Queen")
    await browser.open(star.get("href"))
    assert browser.page.findtext(".//h1/bdi") == "Queen"
    titles = browser.page.xpath('//ul[@class="rows"]//bdi/text()')
    assert "Bohemian Rhapsody" in titles
    assert all(url.startswith("https://") for url in browser.page.xpath("//a[@rel]/@href"))
    liked, song = browser.page.xpath('//button[@class="thumb"]/@value')[:2]
    assert liked.startswith("do:undo:")  # the artist, liked in the chat
    await browser.press(song)
    assert browser.page.xpath(f'//a[@href="{star.get("href")}"]')
    assert (await site.music.profile(await listener(site))).likes == 2
    await browser.open(star.get("href"))
    assert browser.page.xpath(f'//button[@value="{song.replace("like", "undo")}"]/@aria-pressed') == ["true"]


async def test_an_artist_that_is_not_known_or_of_another_person_alone_has_no_page(site):
    browser = await site.signed_in()
    await site.says("/add Secret Band - Secret Song", "Bo")
    bo = await site.music.arrive(Account("telegram", "bo", "Bo"))
    (theirs,) = [line.subject.artist_id for line in await site.music.reactions.verdicts(bo)] or [None]
    for artist in (10**6, 10**30, "x", "-1", theirs):
        assert (await browser.open(f"/artist/{artist}")).status_code in (400, 404), artist
