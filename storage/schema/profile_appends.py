"""The triggers that count an appended event in the kept profiles.

They write what the view `profile_changes` would (`storage/schema/profile_tables.py`) in half as many
statements.  Events of a user with rules about what is kept out go over the view.
"""

from storage.records import Kind
from storage.schema.exclusion_tables import APPEND, HAS_RULES
from storage.schema.profile_tables import COUNT_REVISION, DAY, EFFECTS, HALF_LIFE, ROW, by

_LATER = "max(coalesce(played_at, NEW.at), NEW.at)"
_AGED = f"coalesce(pow(2.0, (played_at - {_LATER}) / {HALF_LIFE[Kind.PLAY]}), 0.0)"
_PLAY = f"""INSERT INTO profiles (user_id, artist_id, track_id, listens, plays, untimed, played, played_at)
    VALUES (NEW.user_id, NEW.artist_id, coalesce(NEW.track_id, 0), 1, coalesce(NEW.plays, 1),
        iif(NEW.at IS NULL, coalesce(NEW.plays, 1), 0), iif(NEW.at IS NULL, 0.0, coalesce(NEW.plays, 1)),
        NEW.at)
    ON CONFLICT DO UPDATE SET listens = listens + 1, plays = plays + excluded.plays,
        untimed = untimed + excluded.untimed,
        played = iif(NEW.at IS NULL, played, played * {_AGED}
            + excluded.played * pow(2.0, (NEW.at - {_LATER}) / {HALF_LIFE[Kind.PLAY]})),
        played_at = iif(NEW.at IS NULL, played_at, {_LATER})"""


def _statements(kinds: tuple[str, ...], effects: tuple[str, ...]) -> tuple[str, ...]:
    if kinds != ("play",):
        return (ROW, *effects, COUNT_REVISION)
    days, _ = by("listening_days", "day", f"NEW.at / {DAY}")
    hours, _ = by("listening_hours", "hour", "NEW.at / 3600 % 24")
    return (_PLAY, days, hours, COUNT_REVISION)


def _trigger(kinds: tuple[str, ...], effects: tuple[str, ...]) -> str:
    named = ", ".join(f"'{kind}'" for kind in kinds)
    body = ";\n".join(_statements(kinds, effects)).replace("NEW.sign", "1")
    return f"""CREATE TRIGGER profile_append_{kinds[0]} AFTER INSERT ON events
        WHEN NEW.kind IN ({named}) AND NOT {HAS_RULES} BEGIN {body}; END"""


APPENDS = (
    "DROP TRIGGER profile_on_append",
    f"""CREATE TRIGGER profile_on_append AFTER INSERT ON events WHEN NEW.kind <> 'undo' AND {HAS_RULES}
        BEGIN {APPEND}; END""",
    *(_trigger(kinds, effects) for kinds, effects in EFFECTS.items()),
)
"""Statements of the migration."""
