"""Signing in from Telegram's Mini App: what Telegram signed is believed, for ten minutes."""

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr

from bot.adapters.web.mini_app import opened_by
from recommender.errors import MusicError

TOKEN = "12345:secret"  # noqa: S105 - of a bot that does not exist
NOW = 1_800_000_000


def init(signer=TOKEN, at=NOW, user=None, **more) -> str:
    """Return initData as Telegram signs it."""
    user = {"id": 7, "first_name": "Ann & Co", "last_name": ""} if user is None else user
    fields = {"auth_date": str(at), "query_id": "AA", "user": json.dumps(user)} | more
    secret = hmac.new(b"WebAppData", signer.encode(), hashlib.sha256).digest()
    lines = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    return urlencode(fields | {"hash": hmac.new(secret, lines.encode(), hashlib.sha256).hexdigest()})


def test_what_telegram_signed_is_believed():
    account = opened_by(init(), TOKEN, NOW + 30)
    assert (account.platform, account.external_id, account.name) == ("telegram", "7", "Ann & Co")


@pytest.mark.parametrize(
    "forged",
    [
        init(signer="12345:other"),
        init().replace("%22id%22%3A+7", "%22id%22%3A+8"),
        init().replace("hash=", "hash=0"),
        init(user={"first_name": "nobody"}),
        init(user=[]),
        init(at=NOW - 601),
        init(at=NOW + 61),
        "hash=1",
        "",
        "&&&",
        "x" * 20_000,
    ],
)
def test_what_is_forged_old_or_broken_is_not(forged):
    with pytest.raises(MusicError):
        opened_by(forged, TOKEN, NOW)


async def test_the_page_signs_in_whom_telegram_vouches_for(site):
    site.app.state.settings.telegram_token = SecretStr(TOKEN)
    browser = await site.browser()
    await browser.open("/telegram")
    await browser.send("/telegram", {"init": init(at=int(time.time()))})
    assert "Signed in as Ann & Co" in browser.text
    other = await site.browser()
    await other.open("/telegram")
    answer = await other.send("/telegram", {"init": init(signer="1:x", at=int(time.time()))})
    assert answer.status_code == 409
    assert (await other.open("/")).url.path == "/sign-in"
    answer = await other.http.post(
        "/telegram", data={"init": init()}, headers={"origin": "https://evil.example"}
    )
    assert answer.status_code == 403
