"""Telegram's proof of who opened a Mini App: initData, signed with the bot's token.

Source: https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
"""

import hashlib
import hmac
import json
from urllib.parse import parse_qsl

from recommender.errors import MusicError
from storage.records import Account

OLDEST = 600
"""Seconds that a proof is valid after the app was opened."""
_AHEAD = 60  # seconds that Telegram's clock may be ahead of ours
_LONGEST = 8192


def opened_by(init: str, bot_token: str, now: float) -> Account:
    """Return the account that opened the app; raise `MusicError` for a proof that is forged or too old.

    `init` is the query string that Telegram passed, `now` is in seconds since 1970.
    """
    try:
        fields = dict(parse_qsl(init[:_LONGEST], strict_parsing=True, keep_blank_values=True))
        given = fields.pop("hash")
        lines = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
        secret = hmac.new(b"WebAppData", bot_token.encode(), hashlib.sha256).digest()
        expected = hmac.new(secret, lines.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise MusicError("Telegram did not sign this. Open the app from the chat again.")
        user, at = json.loads(fields["user"]), int(fields["auth_date"])
        if not -_AHEAD <= now - at <= OLDEST:
            raise MusicError("This was open for too long. Open the app from the chat again.")
        names = (str(user.get("first_name", "")), str(user.get("last_name", "")))
        number = int(user["id"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MusicError("Telegram did not say who you are. Open the app from the chat again.") from error
    return Account("telegram", str(number), " ".join(filter(None, names)) or str(number))
