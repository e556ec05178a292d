"""Names from outside are only text, on every page: markup, templates, marks, length, direction, emoji."""

import pytest
from lxml import html

from storage.records import Account, Community, Event, Impression, Kind, Slate, Subject

pytestmark = pytest.mark.asyncio

NAMES = {
    "script": "<script>alert(1)</script>",
    "attribute": "\"><img src=x onerror=alert(1)>' autofocus onfocus='alert(1)",
    "template": "{{ 7*7 }}{% raw %}${7*7}{0}{} %s",
    "svg": "</svg><svg onload=alert(1)>]]>&#x3c;b&#x3e;<!--",
    "rtl": "\u202eevil\u202c \u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
    "long": "A" * 10_000,
    "marks": "Z" + "\u0351" * 500,
    "emoji": "🏳️‍🌈👩‍👩‍👧‍👦🔥" * 5,
    "lines": "one\r\nevent: card\ndata: two\u2028three\x85four",
}
PAGES = ("/", "/taste", "/history", "/data", "/session", "/say", "/why", "/card", "/artist")


@pytest.fixture
async def hostile(site):
    """A browser of somebody whose every song, list, name and place is called so."""
    script = NAMES["script"]
    account, room = (
        Account("telegram", "-1e", NAMES["attribute"]),
        Community("telegram", "-9", "group", script),
    )
    listener = await site.music.arrive(account, room)

    def filled(store):
        kinds = (Kind.LIKE, Kind.DISLIKE, Kind.PLAY, Kind.BLOCK, Kind.LIKE)
        subjects = []
        for n, name in enumerate(NAMES.values()):
            artist = store.music.ensure_artist(name)
            subjects.append(Subject(artist, store.music.ensure_track(artist, f"{name} song")))
            at = 1_700_000_000 + n
            said = Event(f"h{n}", listener.user_id, subjects[-1], kinds[n % 5], "telegram", at=at)
            store.log.append(said, now=1)
        shown = tuple(
            Impression(n, subject, 0.5, {}, {"kind": "because", "cause": list(subjects[0]), "tags": []})
            for n, subject in enumerate(subjects)
        )
        query = {"n": len(shown), "seeds": [list(subjects[1])], "tags": []}
        slate = store.slates.add(Slate(listener.user_id, None, query, 1, "bandit", "s", shown, 1))
        store.slates.stamp_shown(slate.id, now=1)

    await site.music._write(filled)
    await site.music.sessions.start(listener, "", NAMES["lines"], key="hostile")
    token = await site.music.web.offer(account, "en")
    browser = await site.browser()
    await browser.open(f"/in/{token}")
    await browser.send(f"/in/{token}")
    return browser


async def opened(browser, path):
    if path == "/say":
        return await browser.send("/say", {"line": f"/similar {NAMES['script']}"})
    if path == "/why":
        return await browser.send("/say", {"line": "/why"})
    if path == "/card":
        return await browser.press(browser.thumbs("like")[0], headers={"hx-request": "true"})
    if path == "/artist":
        (heard, *_) = browser.page.xpath('//button[starts-with(@value, "do:hear:a")]/@value')
        path = f"/artist/{heard.removeprefix('do:hear:a').partition('t')[0]}"
    return await browser.open(path)


@pytest.mark.parametrize("path", PAGES)
async def test_a_hostile_name_is_only_text(hostile, path):
    browser = hostile
    answer = await opened(browser, path)
    assert answer.status_code in (200, 409), browser.text
    page = html.fromstring(answer.text)
    assert {script.get("src", "inline").partition("?")[0] for script in page.iter("script")} <= {
        "/static/htmx.min.js",
        "/static/segue.js",
    }
    for element in page.iter():
        if isinstance(element.tag, str):
            assert not [name for name in element.attrib if name.startswith("on") or name == "autofocus"]
    assert not page.xpath('//img[@src="x"]')
    assert "49" not in page.xpath("string(//h1)")
    assert len(answer.content) < 150_000
    if path in ("/", "/history", "/why"):
        shown = browser.text
        for name in (NAMES["script"], NAMES["template"], NAMES["svg"]):
            assert " ".join(name.split()) in shown


async def test_the_live_card_of_a_hostile_session_is_one_event(hostile, site):
    browser = hostile
    await browser.open("/session")
    session = int(browser.answer.url.path.rpartition("/")[2])
    rooms = site.app.state.rooms
    room = rooms.enter(session, 1)
    await rooms.next(room, 0, 5)
    lines = rooms.drawn(room, "en").splitlines()
    rooms.leave(session, 1)
    assert not [line for line in lines if line.startswith(("event:", "data:"))]
