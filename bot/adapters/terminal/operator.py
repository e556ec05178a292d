"""/admin in the terminal: the user at the machine is the operator."""

from bot.context import Ask
from bot.handlers import admin, policies
from bot.replies import Notice, Reply

HELP = """\
/admin policy - who chooses the songs, and whether another would do better
/admin policy promote NAME - let another choose, if the log says it may
/admin policy back - let the one before choose again
/admin retrain, /admin knowledge - learn now; what I know
/admin reload - take the newest snapshot from disk
/admin health - how I am"""


async def administer(ask: Ask, line: str) -> Reply:
    """Run an operator command."""
    verb, _, rest = line.partition(" ")
    match verb.casefold():
        case "policy":
            return await policies.policy(ask, rest)
        case "retrain":
            return await admin.retrain(ask)
        case "knowledge":
            return await admin.knowledge(ask)
        case "reload":
            return await admin.reload(ask)
        case "health":
            return await admin.health(ask, {})
    return Notice(HELP)
