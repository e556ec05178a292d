"""A full reading of the log into profiles: what the kept ones must be equal to, and are made of anew."""

from storage.records import Kind
from storage.schema.profile_tables import DAY, HALF_LIFE, TIME

# Any fixed time does: it only keeps the powers of two small before they are put in relation to the newest.
_EPOCH = 1_600_000_000


def _total(kind: Kind, amount: str = "1") -> str:
    power = f"pow(2.0, ({TIME} - {_EPOCH}) / {HALF_LIFE[kind]})"
    return f"""coalesce(sum(CASE WHEN kind = '{kind}' AND (kind <> 'play' OR at IS NOT NULL)
        THEN {amount} * {power} END), 0.0)"""


def _latest(kind: Kind, time: str = TIME) -> str:
    return f"max(CASE WHEN kind = '{kind}' THEN {time} END)"


def _as_of(kind: Kind, column: str) -> str:
    return f"coalesce({column} * pow(2.0, ({_EPOCH} - {column}_at) / {HALF_LIFE[kind]}), 0.0), {column}_at"


def _newest(*kinds: str) -> str:
    """Return the key of the newest of these judgements, in the order of `LATEST`."""
    named = ", ".join(f"'{kind}'" for kind in kinds)
    return f"substr(max(CASE WHEN kind IN ({named}) THEN printf('%020d', recorded_at) || key END), 21)"


_PROFILES = f"""
    SELECT t.user_id, t.artist_id, t.track_id, listens, t.plays, untimed, {_as_of(Kind.PLAY, "played")},
        {_as_of(Kind.SAVE, "saved")}, {_as_of(Kind.SKIP, "skipped")},
        v.kind, coalesce(v.at, v.recorded_at), b.kind = 'block'
    FROM (
        SELECT user_id, artist_id, coalesce(track_id, 0) AS track_id, sum(kind = 'play') AS listens,
            sum(CASE WHEN kind = 'play' THEN coalesce(plays, 1) ELSE 0 END) AS plays,
            sum(CASE WHEN kind = 'play' AND at IS NULL THEN coalesce(plays, 1) ELSE 0 END) AS untimed,
            {_total(Kind.PLAY, "coalesce(plays, 1)")} AS played, {_latest(Kind.PLAY, "at")} AS played_at,
            {_total(Kind.SAVE)} AS saved, {_latest(Kind.SAVE)} AS saved_at,
            {_total(Kind.SKIP)} AS skipped, {_latest(Kind.SKIP)} AS skipped_at,
            {_newest("like", "dislike")} AS verdict, {_newest("block", "unblock")} AS blocked
        FROM standing_events GROUP BY 1, 2, 3
    ) AS t LEFT JOIN events AS v ON v.key = verdict LEFT JOIN events AS b ON b.key = blocked
"""
_DAYS = f"""
    SELECT user_id, at / {DAY}, sum(coalesce(plays, 1)) FROM standing_events
    WHERE kind = 'play' AND at IS NOT NULL GROUP BY 1, 2
"""
_HOURS = """
    SELECT user_id, at / 3600 % 24, sum(coalesce(plays, 1)) FROM standing_events
    WHERE kind = 'play' AND at IS NOT NULL GROUP BY 1, 2
"""
REREAD = {"profiles": _PROFILES, "listening_days": _DAYS, "listening_hours": _HOURS}
"""For each table its rows as a full reading of the log gives them, with the columns in order."""


def _near(column: str, kind: Kind) -> str:
    """Return the condition that two sums of one subject are equal but for rounding, as of the kept time."""
    read = f"log.{column} * pow(2.0, (log.{column}_at - p.{column}_at) / {HALF_LIFE[kind]})"
    return f"abs(p.{column} - coalesce({read}, 0.0)) <= 1e-6 * (1 + abs(p.{column}))"


_EXACT = ("listens", "plays", "untimed", "saved_at", "skipped_at", "verdict", "verdict_at", "blocked")
_SAME = " AND ".join(
    [f"p.{column} IS log.{column}" for column in _EXACT]
    + [_near("played", Kind.PLAY), _near("saved", Kind.SAVE), _near("skipped", Kind.SKIP)]
)
_COLUMNS = {
    "profiles": """user_id, artist_id, track_id, listens, plays, untimed, played, played_at, saved, saved_at,
        skipped, skipped_at, verdict, verdict_at, blocked""",
    "listening_days": "user_id, day, plays",
    "listening_hours": "user_id, hour, plays",
}
_KEYS = {"profiles": "user_id, artist_id, track_id", "listening_days": "user_id, day"}
_KEYS["listening_hours"] = "user_id, hour"


def differences(table: str) -> str:
    """Return the query that counts the rows of a kept table that are not as in a full reading."""
    same = _SAME if table == "profiles" else "p.plays = log.plays"
    # A kept row that the log does not have has no partner: it is counted by the number of rows.
    return f"""
        WITH log ({_COLUMNS[table]}) AS ({REREAD[table]})
        SELECT count(*) - coalesce(sum({same}), 0) + (SELECT count(*) FROM {table}) - count(p.user_id)
        FROM log LEFT JOIN {table} AS p USING ({_KEYS[table]})
    """
