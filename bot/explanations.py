"""Why a song was recommended, in words.  Says what the Explanation holds, and nothing that it does not.

Beside it the few signs and words that every chat shares.
"""

from bot.context import spoken
from recommender.types import Explanation, Pick, ServedSlate
from storage.records import Kind

MARKS = {
    Kind.LIKE: "👍", Kind.DISLIKE: "👎", Kind.SKIP: "⏭", Kind.PLAY: "▶", Kind.BLOCK: "🚫", Kind.UNBLOCK: "✅",
}  # fmt: skip
"""The sign of each kind of event, the same in every chat."""

# What each opinion goes by, in words that fit "the opinion that weighed most: ...".
OPINIONS = {
    "item_knn": "people who listen to the one also listen to the other",
    "user_knn": "people who listen to the same things listen to it too",
    "user_item": "people who listen to the same things listen to it too, and the two are heard together",
    "als": "the pattern in what people listen to together",
    "svd": "the pattern in what people listen to together",
    "ensemble": "what people listen to together, and how the music is described",
    "content": "how the music is described",
    "popularity": "how many people listen to it",
    "community": "how many people of this place listen to it",
}


def reason(pick: Pick, slate: ServedSlate) -> str:
    """Return the reason for `pick` in one line, without a full stop."""
    explanation = pick.explanation
    match explanation.kind:
        case "because":
            cause = "something you told me earlier" if pick.cause is None else spoken(pick.cause)
            both = _both(explanation)
            # Asked for "more like X", X is where it comes from, whether the listener likes X or not.
            if slate.query.seeds:
                return f"close to {cause}{both}"
            # Listening together, whose taste it was is nobody's business.
            who = "somebody of you likes" if slate.query.others else "you like"
            return f"because {who} {cause}{both}"
        case "tags":
            return f"it is {listed(explanation.tags)}, as you asked"
        case "community":
            return f"{counted(explanation.count or 0, 'person', 'people')} here like it"
        case "popular":
            return f"heard by {counted(explanation.count or 0, 'listener')}"
        case "start":
            return "something to try: 👍 or 👎 it and I learn"


def _both(explanation: Explanation) -> str:
    """Return what a recommendation shares with its cause: words for both, and people who listen to both."""
    shared = [f"both: {', '.join(explanation.tags)}"] if explanation.tags else []
    if explanation.count:
        shared.append(f"{counted(explanation.count, 'listener')} in common")
    return f" ({'; '.join(shared)})" if shared else ""


def account(pick: Pick, slate: ServedSlate) -> str:
    """Return the reason for `pick` at length: one or two sentences."""
    first = f"{spoken(pick.song)}: {reason(pick, slate)}."
    explanation = pick.explanation
    if explanation.kind != "because" or pick.cause is None:
        return first
    opinion = OPINIONS.get(explanation.scorer.rpartition(".")[2])
    told = "Of what you asked for" if slate.query.seeds else "Of all I was told"
    if not slate.query.seeds and not slate.query.others:
        told = "Of all you told me"
    second = f"{told}, {spoken(pick.cause)} counts most here: without it this would rank lower."
    return f"{first}\n{second}" + (f"\nWhat I go by: {opinion}." if opinion else "")


def listed(words: tuple[str, ...]) -> str:
    """Return words as a sentence lists them.

    >>> listed(("calm",)), listed(("calm", "jazz", "1960s"))
    ('calm', 'calm, jazz and 1960s')
    """
    *head, last = words
    return f"{', '.join(head)} and {last}" if head else last


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    >>> counted(1, "song"), counted(1200, "song"), counted(2, "person", "people")
    ('1 song', '1,200 songs', '2 people')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"
