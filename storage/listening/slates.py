"""Slates: the lists that users were shown, track by track."""

import json
from dataclasses import replace
from typing import Any

from sqlite_utils import Database

from storage.records import Impression, Slate, Subject

_ADD_SLATE = """
    INSERT INTO slates (user_id, community_id, query, seed, policy, snapshot, created_at, shown_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_ADD_IMPRESSION = """
    INSERT INTO impressions (slate_id, position, artist_id, track_id, propensity, features, explanation)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_SLATE = "SELECT id, user_id, community_id, query, seed, policy, snapshot, created_at, shown_at FROM slates"


class Slates:
    """Verbs on slates, over one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, slate: Slate) -> Slate:
        """Store a slate with its impressions; return it with their new ids."""
        with self.db.atomic():
            slate_id = self.db.execute(
                _ADD_SLATE,
                (
                    slate.user_id,
                    slate.community_id,
                    _json(slate.query),
                    slate.seed,
                    slate.policy,
                    slate.snapshot,
                    slate.created_at,
                    slate.shown_at,
                ),
            ).lastrowid
            impressions = tuple(self._add_impression(int(slate_id or 0), one) for one in slate.impressions)
        return replace(slate, id=slate_id, impressions=impressions)

    def _add_impression(self, slate_id: int, impression: Impression) -> Impression:
        impression_id = self.db.execute(
            _ADD_IMPRESSION,
            (
                slate_id,
                impression.position,
                *impression.subject,
                impression.propensity,
                _json(impression.features),
                _json(impression.explanation),
            ),
        ).lastrowid
        return replace(impression, id=impression_id)

    def stamp_shown(self, slate_id: int, *, now: int) -> None:
        """Record when the platform accepted the message, in seconds since 1970; the first stamp stays."""
        self.db.execute("UPDATE slates SET shown_at = ? WHERE id = ? AND shown_at IS NULL", (now, slate_id))

    def get(self, slate_id: int) -> Slate | None:
        """Return a slate with its impressions in order, None if the id is unknown."""
        return self._found("WHERE id = ?", (slate_id,))

    def owner(self, slate_id: int) -> tuple[int, int | None] | None:
        """Return the (user_id, community_id) of a slate, None if the id is unknown."""
        found = self.db.execute("SELECT user_id, community_id FROM slates WHERE id = ?", (slate_id,))
        row: tuple[int, int | None] | None = found.fetchone()
        return row

    def last(self, user_id: int, community_id: int | None) -> Slate | None:
        """Return the newest slate shown to this user in this community (None: in private), or None.

        Slates that a program asked for were shown elsewhere.
        """
        return self._found(
            "WHERE user_id = ? AND community_id IS ? AND shown_at IS NOT NULL"
            " AND json_extract(query, '$.via') IS NULL ORDER BY id DESC LIMIT 1",
            (user_id, community_id),
        )

    def _found(self, where: str, parameters: tuple[int | None, ...]) -> Slate | None:
        row = self.db.execute(f"{_SLATE} {where}", parameters).fetchone()
        if row is None:
            return None
        slate_id, user_id, community_id, query, seed, policy, snapshot, created_at, shown_at = row
        return Slate(
            id=slate_id,
            user_id=user_id,
            community_id=community_id,
            query=json.loads(query),
            seed=seed,
            policy=policy,
            snapshot=snapshot,
            impressions=self._impressions(slate_id),
            created_at=created_at,
            shown_at=shown_at,
        )

    def _impressions(self, slate_id: int) -> tuple[Impression, ...]:
        rows = self.db.execute(
            "SELECT id, position, artist_id, track_id, propensity, features, explanation FROM impressions"
            " WHERE slate_id = ? ORDER BY position",
            (slate_id,),
        )
        return tuple(
            Impression(
                id=impression_id,
                position=position,
                subject=Subject(artist_id, track_id),
                propensity=propensity,
                features=json.loads(features),
                explanation=json.loads(explanation),
            )
            for impression_id, position, artist_id, track_id, propensity, features, explanation in rows
        )

    def shown_since(self, user_id: int, since: int) -> dict[Subject, int]:
        """Return the time each subject was last shown to this user, for slates shown after `since`."""
        rows = self.db.execute(
            "SELECT artist_id, track_id, created_at FROM slates JOIN impressions ON slate_id = slates.id"
            " WHERE user_id = ? AND created_at > ? AND shown_at IS NOT NULL ORDER BY slates.id, position",
            (user_id, since),
        )
        return {Subject(artist_id, track_id): at for artist_id, track_id, at in rows}

    def shown_in(self, community_id: int, since: int) -> set[Subject]:
        """Return the subjects on slates that were shown in this community after `since`."""
        rows = self.db.execute(
            "SELECT artist_id, track_id FROM slates JOIN impressions ON slate_id = slates.id"
            " WHERE community_id = ? AND created_at > ? AND shown_at IS NOT NULL",
            (community_id, since),
        )
        return {Subject(*row) for row in rows}

    def first_shown(self, user_id: int) -> int | None:
        """Return the time of this user's first shown slate, None before that."""
        row = self.db.execute(
            "SELECT min(shown_at) FROM slates WHERE user_id = ? AND shown_at IS NOT NULL", (user_id,)
        ).fetchone()
        return None if row[0] is None else int(row[0])


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
