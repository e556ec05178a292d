"""Wording: adapts an explanation to the query and its users."""

from collections.abc import Sequence
from dataclasses import replace

from recommender.explain import SMALLEST_CROWD
from recommender.explain.common_ground import have_common_ground, in_common
from recommender.explain.heard_wish import heard_for
from recommender.explain.other_reasons import another_reason
from recommender.explain.wish_tags import tags_of
from recommender.feedback.items import Verdicts
from recommender.request import Request
from recommender.snapshot import CARRIES, Snapshot
from recommender.types import BY_SCORE, Explanation, WishPart
from storage.records import Kind, Subject

_NAMED = 3  # tags in an explanation


def worded(
    snapshot: Snapshot, request: Request, reasons: Sequence[tuple[Subject, Explanation]]
) -> list[Explanation]:
    """Return each track's reason in the request's terms: its moods, its seeds, or the users' reactions."""
    if request.query.seeds:
        return [_with_count(snapshot, subject, reason) for subject, reason in reasons]
    wish = request.query.wish
    told = [_by_wish(snapshot, subject, wish) if wish else None for subject, _ in reasons]
    feels = _feels(wish)
    own = [_in_own_words(request, subject, reason) if request.said else reason for subject, reason in reasons]
    doubted: list[tuple[Subject, Subject]] = [
        (subject, reason.cause)
        for (subject, _), reason in zip(reasons, own, strict=True)
        if reason.cause is not None and reason.kind in (*BY_SCORE, "mood")
    ]
    # A fan accepts a cause that has more in common with the song than a mood.
    sound = have_common_ground(snapshot, doubted)
    unsound = {pair for pair, accepted in zip(doubted, sound, strict=True) if not accepted}
    found = []
    for (subject, plain), wished, reason in zip(reasons, told, own, strict=True):
        if wished is not None and (plain.cause is None or feels):
            found.append(wished)
        elif (subject, reason.cause) in unsound or request.disclosure.hides(reason):
            found.append(_another(snapshot, request, subject))
        else:
            found.append(reason)
    return found


def _another(snapshot: Snapshot, request: Request, subject: Subject) -> Explanation:
    reason = another_reason(snapshot, request, subject)
    return _in_own_words(request, subject, reason) if request.said else reason


def _feels(wish: tuple[WishPart, ...]) -> bool:
    """Tell whether a feeling was asked for, which says more of a song than what it is like."""
    return any(part.kind in ("mood", "activity", "sound") for part in wish)


def _by_wish(snapshot: Snapshot, subject: Subject, wish: tuple[WishPart, ...]) -> Explanation | None:
    """Return which of the wish's tags and heard words a track has, of each part the strongest, else None."""
    track = snapshot.tracks.items.column(subject.track_id or -1)
    if track < 0:
        return None
    tags = snapshot.tracks.item_tags
    row = slice(tags.indptr[track], tags.indptr[track + 1])
    carried = dict(zip(tags.indices[row].tolist(), tags.data[row].tolist(), strict=True))
    least = CARRIES * max(carried.values(), default=0.0)
    said: list[str] = []
    for part in wish:
        if not part.without:
            asked = tags_of(snapshot, part)
            has = [tag for tag in sorted(asked, key=lambda tag: -asked[tag]) if carried.get(tag, 0.0) > least]
            said += [snapshot.tags[tag] for tag in (has if _feels((part,)) else has[:1])]
            said += heard_for(snapshot, part, track)
    named = tuple(dict.fromkeys(said))[:_NAMED]
    return Explanation("tags", tags=named, scorer="mood") if named else None


def _with_count(snapshot: Snapshot, subject: Subject, reason: Explanation) -> Explanation:
    """Return the reason with how many people listen to the song and to its cause, if they are a crowd."""
    if reason.kind not in BY_SCORE or reason.cause is None:
        return reason
    both = in_common(snapshot, subject, reason.cause)
    return replace(reason, count=both) if both >= SMALLEST_CROWD else reason


def _in_own_words(request: Request, subject: Subject, reason: Explanation) -> Explanation:
    """Return the explanation in terms of the user's reactions: liked artist, only known track, only played.

    A track by a liked artist is "more of" that artist, unless a policy chose the explanation.
    """
    said, mine = request.said, request.said[0]
    if reason.kind in BY_SCORE and not reason.scorer.endswith(".belief"):
        better = _more_of(mine, subject, reason)
        reason = reason if better is reason or request.disclosure.hides(better) else better
    cause = reason.cause
    if reason.kind in (*BY_SCORE, "artist") and cause is not None and cause.track_id is None:
        cause = mine.only_known.get(cause.artist_id, cause)
    played = cause is not None and not any(one.likes(cause) for one in said)
    return replace(reason, cause=cause, played=played)


def _more_of(mine: Verdicts, subject: Subject, reason: Explanation) -> Explanation:
    """Return "more of" a liked artist or the cause's artist, otherwise the explanation unchanged."""
    cause, artist = reason.cause, Subject(subject.artist_id)
    if subject.track_id is None or cause is None:
        return reason
    if cause.artist_id == subject.artist_id:
        return replace(reason, kind="artist")
    return Explanation("artist", artist) if mine.by_subject.get(artist) is Kind.LIKE else reason
