"""Names of recordings by AcoustID, for whole files that do not say what they are.

The service takes the fingerprint of a file's first two minutes and its length, never the sound. It needs the
operator's key and cannot find excerpts (https://acoustid.org/webservice).
"""

import logging
from collections.abc import Callable
from typing import Any

import numpy as np

from recommender.audio.file_names import FileNames
from recommender.audio.fingerprints import CODES_PER_SECOND, can_fingerprint
from recommender.audio.hearing import Hearing
from recommender.errors import Unavailable

_SECONDS = 120  # of a recording that AcoustID compares
_ALGORITHM = 1  # Chromaprint's default, the one AcoustID knows
_SURE = 0.8  # score of a match, 0 to 1
_TIMEOUT = 20.0
_SILENT = "AcoustID does not answer right now, and the file names no song: import it again later"

log = logging.getLogger(__name__)

Named = Callable[[Hearing], FileNames]
"""Names what was heard; empty names if nobody knows it. Raises Unavailable if nobody answers."""


def by_acoustid(key: str, base: str) -> Named:
    """Return a function that asks AcoustID with the operator's `key` at the address `base`.

    Calls block; the library keeps to three requests a second. Raises Unavailable without Chromaprint.
    """
    if not can_fingerprint():
        raise Unavailable("AcoustID needs Chromaprint: install segue[audio] and libchromaprint-tools.")
    import acoustid  # noqa: PLC0415 - an extra

    acoustid.set_base_url(base)

    def named(heard: Hearing) -> FileNames:
        if not heard.is_whole or not len(heard.fingerprint):
            return FileNames()
        try:
            said = acoustid.lookup(key, _encoded(heard), round(heard.seconds), timeout=_TIMEOUT)
            return _best(list(acoustid.parse_lookup_result(said)))
        except (acoustid.WebServiceError, KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning("AcoustID: %s", error)
            raise Unavailable(_SILENT) from error

    return named


def _encoded(heard: Hearing) -> str:
    import chromaprint  # noqa: PLC0415 - an extra

    codes = heard.fingerprint[: round(_SECONDS * CODES_PER_SECOND)]
    signed = [int(code) for code in np.asarray(codes, dtype=np.uint32).astype(np.int32)]
    return str(chromaprint.encode_fingerprint(signed, _ALGORITHM).decode())


def _best(found: list[tuple[float, Any, str | None, str | None]]) -> FileNames:
    """Return the names of the surest match that has any."""
    for score, _, title, artist in sorted(found, key=lambda one: -one[0]):
        if score >= _SURE and title and artist:
            return FileNames(artist, title)
    return FileNames()
