"""Dates in the language of this task."""

from datetime import UTC, datetime

from babel.dates import format_skeleton, get_month_names

from bot.replies.i18n import by_locale, language, say

_DAY = 86_400
_SHORT = frozenset(("es", "fr", "pt"))  # where a decade of the last century has two digits: "los 80"


def date(day: int) -> str:
    """Return a day since 1970 as a date.

    >>> date(0)
    '1 Jan 1970'
    """
    when = datetime.fromtimestamp(day * _DAY, UTC).date()
    return by_locale(lambda locale: format_skeleton("yMMMd", when, locale=locale))


def month(n: int) -> str:
    """Return the short name of a month, 1 to 12.

    >>> month(5)
    'May'
    """
    return by_locale(
        lambda locale: get_month_names("abbreviated", "stand-alone", locale)[n].removesuffix(".")
    )


def decade(first: int) -> str:
    """Return a decade by its first year.

    >>> decade(1980), decade(2000)
    ('1980s', '2000s')
    """
    is_short = language() in _SHORT and 1920 <= first < 2000
    return say("{}s", first - 1900 if is_short else first)
