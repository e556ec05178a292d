"""Offers: the names that may be suggested to a user, who must not read what another user alone brought."""

import json
from collections.abc import Iterable

from sqlite_utils import Database

from storage.catalogue.openers import STRANGERS
from storage.records import Subject

_PUBLIC = """
    SELECT id FROM {table} WHERE id IN (SELECT value FROM json_each(:ids)) AND (listed OR listeners >= :few)
"""
# One pass over the user's log, and only for what is not public.
_OWN = """
    SELECT {column} FROM events WHERE user_id = :user AND {column} IN (SELECT value FROM json_each(:ids))
    UNION SELECT {column} FROM additions WHERE user_id = :user
"""


def offered(db: Database, subjects: Iterable[Subject], user_id: int | None) -> frozenset[Subject]:
    """Return the tracks and artists among `subjects` that may be suggested to a user, None for a stranger.

    They come from a catalogue, are liked by `STRANGERS` users, or the user has them in the log.
    """
    wanted = list(subjects)
    tracks = {subject.track_id for subject in wanted if subject.track_id is not None}
    artists = {subject.artist_id for subject in wanted if subject.track_id is None}
    shown = _shown(db, "tracks", tracks, user_id), _shown(db, "artists", artists, user_id)
    return frozenset(
        subject
        for subject in wanted
        if (subject.track_id in shown[0] if subject.track_id is not None else subject.artist_id in shown[1])
    )


def _shown(db: Database, table: str, ids: set[int], user_id: int | None) -> set[int]:
    few = {"ids": json.dumps(sorted(ids)), "few": STRANGERS}
    public = {row for (row,) in db.execute(_PUBLIC.format(table=table), few)}
    if user_id is None or public >= ids:
        return public
    own = {"ids": json.dumps(sorted(ids - public)), "user": user_id}
    column = "track_id" if table == "tracks" else "artist_id"
    return public | {row for (row,) in db.execute(_OWN.format(column=column), own)}
