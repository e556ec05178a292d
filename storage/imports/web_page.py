"""Web pages among the files: refused, with the file to bring instead."""

import re

from storage.imports.contents import Member
from storage.rows import ImportFormatError

_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?"
    rb"<(?:!doctype html|html|head|body|title|meta|style|div|table|p)\b",
    re.IGNORECASE,
)
_TAKEOUT = (b"mdl-", b"My Activity", b"myactivity.google.com", b"youtube.com/watch")


def refuse_page(member: Member, head: bytes) -> None:
    """Raise ImportFormatError for a web page: Takeout exports a history as one unless JSON is chosen."""
    if not _PAGE.match(head):
        return
    if any(word in head for word in _TAKEOUT):
        raise ImportFormatError(
            "{} is a web page. In Google Takeout, choose JSON as the format of your history instead of HTML, "
            "and bring that file.",
            member,
        )
    raise ImportFormatError(
        "{} is a web page, not a list of listens; bring your export as CSV or JSON.", member
    )
