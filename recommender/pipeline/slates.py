"""A stored slate, brought back with names, reasons and one person's verdicts on it."""

from collections.abc import Mapping
from dataclasses import replace

from recommender.catalog.resolve import songs_of
from recommender.pipeline.audience import disclosed_to_readers
from recommender.types import VERDICTS, Explanation, Pick, Query, ServedSlate
from storage.records import Impression, Kind, Slate, Subject
from storage.store import Store

# What the bandit is sure of has a propensity near 1, what it tries out one far below.
_EXPERIMENTING = ("bandit", "uniform")
_TRIED_OUT = 0.5
_PLAIN = Explanation("start")


def serve(store: Store, slate: Slate, verdicts: Mapping[Subject, Kind]) -> ServedSlate:
    """Return `slate` as it was explained when it was made, with somebody's verdicts on its songs.

    A reason that names what its readers are not to know (any more) is left out.  A slate that is not stored
    yet has the id 0.
    """
    query = Query.from_json(slate.query, slate.user_id, slate.community_id)
    said = disclosed_to_readers(store, query)
    told = (Explanation.from_json(impression.explanation) for impression in slate.impressions)
    reasons = [_PLAIN if said.hides(reason) and not query.seeds else reason for reason in told]
    subjects = [impression.subject for impression in slate.impressions]
    causes = [reason.cause for reason in reasons if reason.cause is not None]
    songs = songs_of(store, [*subjects, *causes, *query.seeds, *query.away])
    picks = [
        Pick(
            impression.position,
            songs[impression.subject],
            reason,
            songs.get(reason.cause) if reason.cause is not None else None,
            verdicts.get(impression.subject),
            slate.policy in _EXPERIMENTING and _tried_out(impression),
        )
        for impression, reason in zip(slate.impressions, reasons, strict=True)
        if impression.subject in songs
    ]
    seeds, away = (tuple(songs[s] for s in said if s in songs) for said in (query.seeds, query.away))
    return ServedSlate(slate.id or 0, query, tuple(picks), seeds, away)


def anonymous(slate: ServedSlate) -> ServedSlate:
    """Return a slate without its reasons: why it was made for somebody is between that person and me."""
    plain = tuple(replace(pick, explanation=_PLAIN, cause=None) for pick in slate.picks)
    return replace(slate, picks=plain)


def _tried_out(impression: Impression) -> bool:
    """Tell whether a song was an experiment; one only with the reason that is given for it does not count."""
    behind = impression.features.get("behind")
    return impression.propensity < _TRIED_OUT if behind is None else behind > 0


def verdicts_of(store: Store, user_id: int) -> dict[Subject, Kind]:
    """Return the verdict that stands on each subject the user has judged."""
    rows = store.log.standing(user_id, VERDICTS)
    return {Subject(artist_id, track_id): Kind(kind) for _, artist_id, track_id, kind, *_rest in rows}
