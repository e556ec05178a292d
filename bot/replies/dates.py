"""Dates in the language of this task."""

from datetime import UTC, datetime

from bot.replies.i18n import say

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = 86_400


def date(day: int) -> str:
    """Return a day since 1970 as a date.

    >>> date(0)
    '1 Jan 1970'
    """
    when = datetime.fromtimestamp(day * _DAY, UTC)
    return say("{} {} {}", when.day, say(MONTHS[when.month - 1]), when.year)
