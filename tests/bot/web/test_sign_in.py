"""Signing in: links from the chat work once, for ten minutes, for the person who asked."""

import json
import re

import pytest

pytestmark = pytest.mark.asyncio
ADDRESS = "http://127.0.0.1:8080"


async def link_of(site, name="Ann"):
    return (await site.says("/web", name)).url.removeprefix(ADDRESS)


async def test_a_link_from_the_chat_signs_its_person_in(site):
    browser = await site.signed_in("Ann")
    assert "Signed in as Ann" in browser.text
    assert "For you" in browser.text


async def test_looking_at_a_link_spends_nothing_and_signs_nobody_in(site):
    link, preview = await link_of(site), await site.browser()
    for _ in range(3):
        assert (await preview.open(link)).status_code == 200
    assert not preview.http.cookies
    reader = await site.browser()
    await reader.open(link)
    await reader.send(link)
    assert "Signed in as Ann" in reader.text


async def test_a_link_works_once(site):
    link, first, second = await link_of(site), await site.browser(), await site.browser()
    await first.open(link)
    await second.open(link)
    await first.send(link)
    assert (await second.send(link)).status_code == 404
    assert "spent or older than ten minutes" in second.text
    assert (await second.open("/")).url.path == "/sign-in"


async def test_a_link_is_over_after_ten_minutes(site):
    link, browser = await link_of(site), await site.browser()
    await browser.open(link)
    site.now[0] += 600
    assert (await browser.send(link)).status_code == 404


async def test_a_new_link_replaces_the_one_before(site):
    old, new = await link_of(site), await link_of(site)
    browser = await site.browser()
    assert (await browser.open(old)).status_code == 404
    assert (await browser.open(new)).status_code == 200


async def test_nothing_in_the_database_signs_anybody_in(site):
    browser = await site.signed_in()
    link = await link_of(site)
    token = browser.http.cookies["segue"].rpartition(".")[0]
    rows = await site.music._read(lambda store: list(store.db.conn.iterdump()))
    assert not any(token in row or link.rpartition("/")[2] in row for row in rows)


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site):
    link, browser = await link_of(site), await site.browser(headers={})
    await browser.open(link)
    answer = await browser.send(link, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie  # noqa: PT018
    assert answer.headers["location"] == "/"


async def test_a_cookie_that_somebody_made_is_worth_nothing(site):
    browser = await site.signed_in()
    token, _, signature = browser.http.cookies["segue"].rpartition(".")
    for forged in (token, f"{token}.", f"{token}.x{signature[1:]}", "é" * 40, ""):
        other = await site.browser(headers={"cookie": f"segue={forged}".encode()})
        assert (await other.open("/")).url.path == "/sign-in", forged


async def test_the_chat_lists_the_browsers_and_signs_all_of_them_out(site):
    one, two = await site.signed_in(), await site.signed_in()
    bo = await site.signed_in("Bo")
    assert (await site.says("/web")).text.count("last seen") == 2
    assert (await site.says("/web off")).text == "Signed out: 2 browsers."
    for browser in (one, two):
        assert (await browser.open("/")).url.path == "/sign-in"
    assert (await bo.open("/")).url.path == "/"


async def test_a_browser_signs_itself_out(site):
    one, two = await site.signed_in(), await site.signed_in()
    await one.send("/sign-out")
    assert one.answer.url.path == "/sign-in"
    assert (await two.open("/")).url.path == "/"


async def test_a_browser_that_nobody_uses_for_a_month_is_signed_out(site):
    browser = await site.signed_in()
    site.now[0] += 29 * 86_400
    assert (await browser.open("/")).url.path == "/"
    site.now[0] += 29 * 86_400
    assert (await browser.open("/")).url.path == "/"
    site.now[0] += 31 * 86_400
    assert (await browser.open("/")).url.path == "/sign-in"


async def test_guessing_links_is_bounded_and_valid_links_work_on(site):
    browser = await site.browser()
    seen = [(await browser.open(f"/in/{n}")).status_code for n in range(30)]
    assert seen == [404] * 20 + [429] * 10
    site.app.state.limits._buckets.clear()
    for _ in range(300):
        site.app.state.limits.take(("in", "wrong"), 300)
    assert (await browser.open("/in/wrong")).status_code == 429
    assert "Signed in as Ann" in (await site.signed_in()).text


async def test_forgetting_signs_out_and_an_export_lists_browsers_without_tokens(site):
    browser = await site.signed_in()
    kept = json.loads((await site.says("/export")).content)
    assert [set(one) for one in kept["web_sessions"]] == [{"browser", "made_at", "seen_at"}]
    await site.music.forget(await site.music.arrive(site_account()))
    assert (await browser.open("/")).url.path == "/sign-in"
    left = await site.music._read(
        lambda store: [store.db[table].count for table in ("web_links", "web_sessions")]
    )
    assert left == [0, 0]


def site_account():
    from storage.records import Account  # noqa: PLC0415

    return Account("telegram", "ann", "Ann")


async def test_a_linked_account_keeps_its_browsers(site):
    browser = await site.signed_in("Bo")
    code = (await site.says("/link", "Ann")).text
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", code)[0]
    question = await site.says(f"/link {code}", "Bo")
    await site.presses(question.payload, "Bo")
    assert "Signed in as Bo" in browser.text
    assert (await browser.open("/")).status_code == 200


async def test_a_form_without_its_token_or_from_elsewhere_changes_nothing(site):
    browser = await site.signed_in()
    payload = browser.thumbs("like")[0]
    forged = await browser.http.post("/press", data={"do": payload})
    assert forged.status_code == 403
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        await browser.open("/")
        assert (await browser.press(payload, headers=headers)).status_code == 403, headers
    bo = await site.signed_in("Bo")
    theirs = bo.forms("/press")[0].fields["token"]
    assert (await browser.http.post("/press", data={"do": payload, "token": theirs})).status_code == 403
    profile = await site.music.profile(await site.music.arrive(site_account()))
    assert profile.likes == 0


async def test_the_way_back_after_signing_in_is_our_own(site):
    browser = await site.signed_in()
    payload = browser.thumbs("like")[0]
    answer = await browser.send(
        "/press", {"do": payload, "back": "https://evil.example"}, follow_redirects=False
    )
    assert answer.headers["location"].startswith("/?list=")
    answer = await browser.open("/")
    answer = await browser.send("/press", {"do": "do:like:a1", "back": "//evil.example"})
    assert "evil" not in answer.text
