"""One person on two platforms: a one-time code joins the accounts, /unlink parts them again."""

from bot.buttons import Join
from bot.context import Arguments, Ask
from bot.explanations import listed
from bot.replies import Confirm, Notice, Reply
from recommender.linking import Known, tidy


async def link(ask: Ask, arguments: Arguments) -> Notice:
    """Give a code, or take the one that was given to the other account."""
    if arguments.text:
        return await joined(ask, arguments.text)
    code = await ask.music.links.offer(ask.listener)
    return Notice(
        f"Your code: {code[:4]}-{code[4:]}\n"
        f"Go to me where your other account is and send: /link {code[:4]}-{code[4:]}\n"
        "It counts once and for ten minutes. Then both accounts share one taste. Show it to nobody: "
        "whoever has it can read what I keep about you."
    )


async def asked(ask: Ask, code: str) -> Confirm:
    """Ask before joining by a link that was pressed: somebody else may have sent it."""
    accounts = await ask.music.links.preview(ask.listener, code)
    return Confirm(
        f"Join this account with {_named(accounts)}? You become one person to me: both see, export and can "
        "erase everything. Say yes only if that account is yours. /unlink undoes it.",
        str(Join(tidy(code))),
    )


async def joined(ask: Ask, code: str) -> Notice:
    """Join the account that made the code."""
    accounts = await ask.music.links.join(ask.listener, code)
    return Notice(f"Joined: {_named(accounts)} are one person with one taste now. /unlink undoes it.")


async def unlink(ask: Ask, _: Arguments) -> Reply:
    """Part what was joined last."""
    accounts = await ask.music.links.part(ask.listener)
    return Notice(f"Parted: {_named(accounts)} on its own again, with what was said there.")


def _named(accounts: list[Known]) -> str:
    return listed(tuple(f"{account.name} ({account.platform})" for account in accounts))
