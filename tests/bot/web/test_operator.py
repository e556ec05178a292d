"""The operator's page and /metrics: for whoever runs Segue, and for nobody else."""

import re

import pytest
from pydantic import SecretStr

from storage.records import Account

pytestmark = pytest.mark.asyncio


@pytest.fixture
async def owner(site):
    """A browser of whoever sits at the machine."""
    account = Account("terminal", "root", "root")
    await site.music.arrive(account)
    token = await site.music.web.offer(account, "en")
    browser = await site.browser()
    await browser.open(f"/in/{token}")
    await browser.send(f"/in/{token}")
    return browser


async def test_the_operator_sees_health_counts_and_policies(owner):
    await owner.open("/operator")
    for word in ("Time since the start", "users", "greedy", "bandit chooses the songs"):
        assert word in owner.text
    await owner.send("/operator/back")
    assert "No policy has been promoted" in owner.text


async def test_a_policy_is_promoted_where_the_log_says_so(site, owner, answered):
    await site.music._write(lambda store: answered(store, 4000))
    await owner.open("/operator")
    (button,) = owner.page.xpath('//form[@action="/operator/promote"]//button/@value')
    await owner.send("/operator/promote", {"policy": button})
    assert f"{button} chooses from now on" in owner.text
    assert await site.music.promotion.running() == button


async def test_for_others_there_is_no_such_page(site):
    browser = await site.signed_in()
    token = browser.forms("/press")[0].fields["token"]
    assert (await browser.open("/operator")).status_code == 404
    for path in ("/operator/promote", "/operator/back", "/operator/train"):
        answer = await browser.http.post(path, data={"token": token, "policy": "greedy"})
        assert answer.status_code == 404, path
    assert (await browser.open("/metrics")).status_code == 404
    number = site.app.state.settings.telegram_owner
    assert number == 1
    assert "Operator" in (await site.signed_in("1")).text


async def test_the_owner_of_the_discord_application_is_an_operator_once_the_bot_knows_them(site):
    account = Account("discord", "42", "Root")
    await site.music.arrive(account)
    browser = await site.browser()
    token = await site.music.web.offer(account, "en")
    await browser.open(f"/in/{token}")
    await browser.send(f"/in/{token}")
    assert (await browser.open("/operator")).status_code == 404
    site.music.web.owners["discord"] = frozenset({"42"})
    assert (await browser.open("/operator")).status_code == 200


LINE = re.compile(r"(# (HELP|TYPE) segue_[a-z_]+ .+|segue_[a-z_]+ -?[0-9.e+]+)")


async def test_metrics_are_prometheus_text(site):
    browser = await site.browser()
    answer = await browser.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert all(LINE.fullmatch(line) for line in answer.text.splitlines())
    assert "segue_users " in answer.text


async def test_behind_a_proxy_metrics_need_the_token(site):
    state = site.app.state
    state.bound = state.bound._replace(is_proxied=True)
    browser = await site.browser()
    assert (await browser.http.get("/metrics")).status_code == 404
    state.settings.web_metrics_token = SecretStr("s3cret")
    for given, status in (("Bearer s3cret", 200), ("Bearer wrong", 404), ("", 404)):
        answer = await browser.http.get("/metrics", headers={"authorization": given})
        assert answer.status_code == status, given
