"""Walks through the pages in a real browser: from the chat and back to it."""

import re

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from storage.records import Account, Community, Kind

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]  # a browser takes seconds to start
ROOM = Community("telegram", "-77", "group", "Friday")
ANN = Account("telegram", "ann", "Ann")


async def test_thumbs_by_keyboard_are_felt_by_the_next_list_in_the_chat(town):
    chrome = await town.signed_in()
    await chrome.keys("j", "l")
    await chrome.until(lambda d: d.find_elements(By.CSS_SELECTOR, ".card .like[aria-pressed=true]"))
    await chrome.until(lambda d: d.switch_to.active_element.get_attribute("class") == "card")
    await chrome.keys("j", "d")
    await chrome.until(lambda d: d.find_elements(By.CSS_SELECTOR, ".card .dislike[aria-pressed=true]"))
    listener = await town.music.arrive(ANN)
    shown = await town.music.slate(listener)
    assert [pick.verdict for pick in shown.picks][:3] == [Kind.LIKE, Kind.DISLIKE, None]
    reply = await town.says("/recommend")
    judged = {pick.song.subject for pick in shown.picks[:2]}
    assert judged.isdisjoint(pick.song.subject for pick in reply.slate.picks)
    like, dislike = shown.picks[0].song.subject.artist_id, shown.picks[1].song.subject.artist_id
    causes = {pick.explanation.cause.artist_id for pick in reply.slate.picks if pick.explanation.cause}
    assert like in causes
    assert dislike not in {pick.song.subject.artist_id for pick in reply.slate.picks}


async def test_the_slider_changes_the_list_at_once(town):
    chrome = await town.signed_in()
    before = await chrome.script("return document.querySelector('.card').id")
    await chrome.script(
        "const x = document.getElementById('level'); x.value = 9;"
        "x.dispatchEvent(new Event('change', {bubbles: true}))"
    )
    await chrome.until(lambda d: d.find_element(By.CSS_SELECTOR, ".card").get_attribute("id") != before)
    assert "Adventurous: 9" in (await town.says("/settings")).sentence


async def test_a_file_is_imported_by_dropping_it(town):
    chrome = await town.signed_in()
    await chrome.open("/data")
    rows = "\\n".join(f"Radiohead,Creep,{1_700_000_000 + 400 * n}" for n in range(60))
    await chrome.script(
        "const drop = document.getElementById('drop'), data = new DataTransfer();"
        f"data.items.add(new File(['artist,track,timestamp\\n{rows}'], 'plays.csv'));"
        "drop.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}))"
    )
    await chrome.until(lambda d: d.find_elements(By.ID, "imported"), 20)
    assert "60 kept" in await chrome.text("#imported")
    assert (await town.music.profile(await town.music.arrive(ANN))).plays == 60


async def test_a_session_is_followed_and_voted_on_from_two_browsers(town):
    await town.says("/like queen", "Bo", ROOM)
    session = (await town.says("/session start", "Ann", ROOM)).session.id
    ann, bo = await town.signed_in("Ann"), await town.signed_in("Bo")
    await ann.open("/session")
    await bo.open("/session")
    await bo.click(f"[value='se:{session}:join']")
    await ann.until_text("Bo", "#live")
    await ann.click(f"[value='se:{session}:next']")
    await bo.until_text("▶", "#live")
    await bo.click("[value$=':like']")
    await ann.until(
        lambda d: d.find_element(By.CSS_SELECTOR, "[value$=':like']").get_attribute("aria-label") == "Like: 1"
    )
    live = await town.music.sessions.look(session)
    assert live.now.votes == {Kind.LIKE: 1}
    await town.says("/next", "Ann", ROOM)
    song = re.escape((await town.music.sessions.look(session)).now.song.title)
    await bo.until(lambda d: re.search(song, d.find_element(By.ID, "live").text))


async def test_a_click_on_a_star_opens_its_artist_and_dragging_the_map_does_not(town):
    await town.says("/like queen")
    chrome = await town.signed_in()
    await chrome.open("/taste")
    await chrome.click("[data-zoom='1.5']")
    star = await chrome.do(lambda driver: driver.find_element(By.CSS_SELECTOR, ".map svg a circle"))
    hand = ActionChains(chrome.driver).click_and_hold(star).move_by_offset(30, 10).release()
    await chrome.do(lambda _: hand.perform())
    assert await chrome.text("h1") == "My taste"
    tap = ActionChains(chrome.driver).move_to_element(star).click()
    await chrome.do(lambda _: tap.perform())
    await chrome.until_text("Queen", "h1")


async def test_who_types_the_word_is_forgotten(town):
    await town.says("/like queen")
    chrome = await town.signed_in()
    await chrome.open("/data")
    await chrome.type("#word", "erase")
    await chrome.click("button.danger")
    await chrome.until_text("Your data is deleted")
    await chrome.open("/")
    await chrome.until_text("Send /web to Segue")
    assert (await town.music.profile(await town.music.arrive(ANN))).likes == 0


async def test_a_mini_app_hands_over_what_telegram_signed(town):
    chrome = await town.chrome()
    await chrome.open("/telegram#tgWebAppData=user%3D1%26hash%3D0&tgWebAppVersion=9")
    await chrome.until_text("There is nothing at this address.")  # no bot of Telegram runs here
    assert "tgWebAppData" not in str(await chrome.script("return location.href"))
