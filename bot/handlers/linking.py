"""Linked accounts: a one-time code joins a user's accounts on two platforms; /unlink separates them."""

from bot.context import Arguments, Ask
from bot.replies import Confirm, Notice, Reply
from bot.replies.buttons import Join
from bot.replies.i18n import listed, say
from recommender.service.accounts import Known, tidy


async def link(ask: Ask, arguments: Arguments) -> Reply:
    """Return a code, or ask whether to join the account that made the given code."""
    if arguments.text:
        return await asked(ask, arguments.text)
    code = await ask.music.links.offer(ask.listener)
    return Notice(
        say(
            "Your code: {0}\n"
            "On your other account, send me: /link {0}\n"
            "It counts once and for ten minutes. Then both accounts share one taste. Show it to nobody: "
            "whoever has it can read what I keep about you.",
            f"{code[:4]}-{code[4:]}",
        )
    )


async def asked(ask: Ask, code: str) -> Confirm:
    """Ask before joining by a typed or linked code: another user may have sent it."""
    accounts = await ask.music.links.preview(ask.listener, code)
    return Confirm(
        say(
            "Link this account with {}? Then both can see, export and erase everything, and share one "
            "taste. Say yes only if that account is yours. /unlink undoes it.",
            _named(accounts),
        ),
        str(Join(tidy(code))),
    )


async def joined(ask: Ask, code: str) -> Notice:
    """Join the account that made the code."""
    accounts = await ask.music.links.join(ask.listener, code)
    return Notice(say("Joined: {} are one person with one taste now. /unlink undoes it.", _named(accounts)))


async def unlink(ask: Ask, _: Arguments) -> Reply:
    """Separate the accounts joined last."""
    accounts = await ask.music.links.part(ask.listener)
    return Notice(say("Unlinked: {} is on its own again, with everything said there.", _named(accounts)))


def _named(accounts: list[Known]) -> str:
    return listed(tuple(f"{account.name} ({account.platform})" for account in accounts))
