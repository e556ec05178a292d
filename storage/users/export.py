"""The export of all stored data of one user, without data of others."""

import json
import struct
from typing import Any

from sqlite_utils import Database

from storage.errors import UnknownIdError

_NAMES = "artists.name AS artist, tracks.title"
_JOINS = """
    LEFT JOIN tracks ON tracks.id = mine.track_id
    LEFT JOIN artists ON artists.id = mine.artist_id
"""
_LISTS = {
    "accounts": "SELECT platform, external_id, name FROM accounts WHERE user_id = ? ORDER BY id",
    "communities": """
        SELECT platform, external_id, communities.kind, name, joined_at FROM memberships
        JOIN communities ON communities.id = community_id WHERE user_id = ? ORDER BY community_id
    """,
    "friends": "SELECT friend_id FROM friends WHERE user_id = ? ORDER BY friend_id",
    "settings": "SELECT name, value FROM settings WHERE scope = 'user' AND scope_id = ? ORDER BY name",
    # Without the tokens: anyone who finds the file could use them in the user's name.
    "connections": """
        SELECT source, name, connected_at, newest_at, listens, secret IS NOT NULL AS has_tokens
        FROM connections WHERE user_id = ? ORDER BY source
    """,
    # Without the secret: a hash of it is all that is stored.
    "api_tokens": """
        SELECT api_tokens.name, scopes, made_at, used_at, platform FROM api_tokens
        JOIN accounts ON accounts.id = account_id WHERE user_id = ? ORDER BY api_tokens.id
    """,
    "api_answers": """
        SELECT api_tokens.name AS token, key, api_answers.made_at, status, CAST(body AS TEXT) AS body
        FROM api_answers JOIN api_tokens ON api_tokens.id = token_id
        JOIN accounts ON accounts.id = account_id WHERE user_id = ? ORDER BY api_answers.made_at, key
    """,
    "uploads": """
        SELECT uploads.name, size, made_at, state, told FROM uploads
        JOIN accounts ON accounts.id = account_id WHERE user_id = ? ORDER BY made_at, uploads.id
    """,
    "tags": """
        SELECT artists.name AS artist, tags.name AS tag, at FROM taggings
        JOIN artists ON artists.id = artist_id JOIN tags ON tags.id = tag_id
        WHERE user_id = ? ORDER BY artist_id, tag_id
    """,
    "additions": f"""
        SELECT mine.id, {_NAMES} FROM additions AS mine {_JOINS} WHERE mine.user_id = ? ORDER BY mine.id
    """,
    "events": f"""
        SELECT mine.id, mine.key, mine.kind, {_NAMES}, at, recorded_at, plays, ms_played, source,
               communities.name AS community, impression_id, undoes
        FROM events AS mine {_JOINS} LEFT JOIN communities ON communities.id = mine.community_id
        WHERE mine.user_id = ? ORDER BY mine.id
    """,
    "subscriptions": """
        SELECT kind, platform, language, weekday, hour, at_once, wanted, begun_at, closed_at
        FROM subscriptions WHERE user_id = ? ORDER BY id
    """,
    "mailings": """
        SELECT kind, period, ended_at, outcome, slate_id FROM mailings WHERE user_id = ? ORDER BY id
    """,
    "told_releases": """
        SELECT releases.title, releases.day FROM told_releases JOIN releases USING (mbid) WHERE user_id = ?
        ORDER BY releases.day, releases.mbid
    """,
    "exclusions": """
        SELECT what, artists.name AS artist, tags.name AS tag, source, since, until, made_at
        FROM exclusions LEFT JOIN artists ON artists.id = artist_id LEFT JOIN tags ON tags.id = tag_id
        WHERE user_id = ? ORDER BY exclusions.id
    """,
    "kept_out": """
        SELECT event_id FROM kept_out JOIN events ON events.id = event_id WHERE user_id = ? ORDER BY event_id
    """,
    "exclusion_offers": """
        SELECT sort, label, plays, since, until, offered_at, answer FROM exclusion_offers
        WHERE user_id = ? ORDER BY id
    """,
    "event_sources": """
        SELECT event_id, also.source FROM events JOIN event_sources AS also ON event_id = events.id
        WHERE user_id = ? ORDER BY event_id, also.source
    """,
    "slates": """
        SELECT slates.id, query, seed, policy, snapshot, created_at, shown_at, communities.name AS community
        FROM slates LEFT JOIN communities ON communities.id = community_id
        WHERE user_id = ? ORDER BY slates.id
    """,
    "impressions": f"""
        SELECT mine.id, slate_id, position, {_NAMES}, propensity, features, explanation
        FROM slates JOIN impressions AS mine ON mine.slate_id = slates.id {_JOINS}
        WHERE slates.user_id = ? ORDER BY mine.id
    """,
    "kept_clips": """
        SELECT slate_id, json_extract(query, '$.heard') AS words, vector FROM kept_clips
        JOIN slates ON slates.id = slate_id WHERE user_id = ? ORDER BY slate_id
    """,
    "results": """
        SELECT request, CAST(body AS TEXT) AS body, at FROM results WHERE user_id = ? ORDER BY id
    """,
    "slate_verdicts": """
        SELECT slate_id, kind, at FROM slate_verdicts WHERE user_id = ? ORDER BY slate_id
    """,
    "radios": """
        SELECT radios.id, query, started_at, ended_at, communities.name AS community FROM radios
        LEFT JOIN communities ON communities.id = community_id WHERE user_id = ? ORDER BY radios.id
    """,
    "radio_slates": """
        SELECT radio_id, slate_id FROM radio_slates JOIN radios ON radios.id = radio_id
        WHERE user_id = ? ORDER BY slate_id
    """,
    "sessions": """
        SELECT sessions.id, name, started_at, ended_at, joined_at, left_at,
               sessions.user_id IS session_members.user_id AS is_host
        FROM session_members JOIN sessions ON sessions.id = session_id
        WHERE session_members.user_id = ? ORDER BY sessions.id
    """,
    "session_songs": f"""
        SELECT session_id, {_NAMES}, started_at, expected, is_for, mine.user_id IS shares.user_id AS requested
        FROM session_shares AS shares JOIN session_songs AS mine ON mine.id = song_id {_JOINS}
        WHERE shares.user_id = ? ORDER BY song_id
    """,
    "web_sessions": """
        SELECT browser, made_at, seen_at FROM web_sessions JOIN accounts ON accounts.id = account_id
        WHERE user_id = ? ORDER BY web_sessions.id
    """,
    "session_wishes": f"""
        SELECT session_id, mine.kind, {_NAMES}, at FROM session_wishes AS mine {_JOINS}
        WHERE mine.user_id = ? ORDER BY mine.id
    """,
}
_JSON_COLUMNS = ("query", "features", "explanation", "words")


def export(db: Database, user_id: int) -> dict[str, Any]:
    """Return everything about a user as lists of named values; raise UnknownIdError if unknown."""
    row = db.execute("SELECT created_at FROM users WHERE id = ?", (user_id,)).fetchone()
    if row is None:
        raise UnknownIdError(f"There is no user {user_id} to export.")
    lists = {name: [_plain(line) for line in db.query(sql, (user_id,))] for name, sql in _LISTS.items()}
    return {"user_id": user_id, "created_at": row[0], **lists}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _read(name, value) for name, value in row.items()}


def _read(name: str, value: Any) -> Any:  # noqa: ANN401 - of any column
    if name == "vector":
        return [number for (number,) in struct.iter_unpack("<e", value)]
    return json.loads(value) if name in _JSON_COLUMNS else value
