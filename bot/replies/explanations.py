"""Reasons for recommendations in words; they say only what the Explanation holds.

Also holds the signs and words that every chat shares.
"""

from dataclasses import replace

from bot.context import spoken
from bot.replies.i18n import counted, listed, say
from bot.wishes.wording import tags
from recommender.types import Explanation, Pick, ServedSlate, Song
from storage.records import Kind

__all__ = ["MARKS", "OPINIONS", "account", "counted", "listed", "reason"]

MARKS = {
    Kind.LIKE: "👍",
    Kind.DISLIKE: "👎",
    Kind.SKIP: "⏭",
    Kind.PLAY: "▶",
    Kind.SAVE: "🔖",
    Kind.BLOCK: "🚫",
    Kind.UNBLOCK: "✅",
}
"""Sign of each kind of event, the same in every chat."""

# What each scorer goes by, in words that fit "What I go by: ...".  Old slates name earlier scorers.
OPINIONS = {
    "item_knn": "people who listen to the one also listen to the other",
    "user_knn": "people who listen to the same things listen to it too",
    "user_item": "people who listen to the same things listen to it too, and the two are heard together",
    "als": "the pattern in what people listen to together",
    "svd": "the pattern in what people listen to together",
    "blend": "what people listen to together, and how the music is described",
    "ensemble": "what people listen to together, and how the music is described",
    "content": "how the music is described",
    "cold_start": "how the music is described, and who listens to music described so",
    "heard_start": "how the music sounds, and who listens to music that sounds so",
    "tagged": "how the music is described, and who listens to music described so",
    "belief": "what people who like the same things have in common",
    "related": "which artists have fans in common",
    "popularity": "how many people listen to it",
    "community": "how many people here listen to it",
}


_BASES = {
    "mood": OPINIONS["content"],
    "tempo": "the tempo measured of both",
    "sound": "what I hear in your clip and in the music",
    "new": "how few people here like the artist",
    "after": "what people play in a row, and how alike the music is",
}


def reason(pick: Pick, slate: ServedSlate) -> str:
    """Return the reason for `pick` in one line, without a full stop."""
    if pick.explanation.kind in ("because", "related", "artist", "mood", "tempo", "after"):
        return _by_cause(pick, slate)
    return _by_itself(pick.explanation)


_PLAIN = {
    "famous": "many people love this artist",
    "new": "new here: hardly anybody has played it yet",
    "comfort": "one you love, to come back to",
}


def _by_cause(pick: Pick, slate: ServedSlate) -> str:
    """Return a reason based on something the user likes."""
    explanation, together = pick.explanation, bool(slate.query.others)
    cause = say("something you told me earlier") if pick.cause is None else spoken(pick.cause)
    match explanation.kind:
        case "artist":
            return _more_of(pick, together=together)
        case "mood":
            return say("the mood of {}: {}", cause, ", ".join(tags(explanation.tags)))
        case "tempo":
            return say("as fast as {}: about {} beats a minute", cause, explanation.count)
        case "after":
            return say("it comes well after {}", cause)
    both = _both(explanation)
    in_words = slate.query.seeds and explanation.tags  # asked for songs like one, people want to know how
    if explanation.kind == "related" and pick.cause is not None and not in_words:
        both = f" ({say('fans of {} also like {}', spoken(_artist(pick.cause)), spoken(_artist(pick.song)))})"
    # Asked for "more like X", X is where it comes from, whether the listener likes X or not.
    if slate.query.seeds:
        return say("close to {}", cause) + both
    # In a session, reasons do not reveal whose taste it was.
    if explanation.played:
        somebody, you = "because one of you listens to {}", "because you listen to {}"
    else:
        somebody, you = "because one of you likes {}", "because you like {}"
    return say(somebody if together else you, cause) + both


def _by_itself(explanation: Explanation) -> str:
    """Return a reason based on the song alone."""
    match explanation.kind:
        case "tags":
            return say("it is {}, as you asked", listed(tags(explanation.tags)))
        case "sound":
            return (
                say("it sounds alike: {}", ", ".join(tags(explanation.tags)))
                if explanation.tags
                else say("it sounds alike")
            )
        case "community":
            return say("{} here like it", counted(explanation.count or 0, "person", "people"))
        case "popular":
            return say("heard by {}", counted(explanation.count or 0, "listener"))
    return say(_PLAIN.get(explanation.kind, "something to try: 👍 or 👎 it and I learn"))


def _more_of(pick: Pick, *, together: bool) -> str:
    """Return that the artist is liked, or the one song of theirs that is known to be."""
    artist = spoken(_artist(pick.song))
    if pick.explanation.played:
        somebody, you = "more of {}, whom one of you listens to", "more of {}, whom you listen to"
    elif pick.cause is not None and pick.cause.title is not None:
        somebody, you = "more of {}: one of you likes {}", "more of {}: you like {}"
        return say(somebody if together else you, artist, " ".join(pick.cause.title.split()))
    else:
        somebody, you = "more of {}, whom one of you likes", "more of {}, whom you like"
    return say(somebody if together else you, artist)


def _artist(song: Song) -> Song:
    return replace(song, title=None)


def _both(explanation: Explanation) -> str:
    """Return what a recommendation shares with its cause: tags, what both sound like, and users of both."""
    shared = [say("both: {}", ", ".join(tags(explanation.tags)))] if explanation.tags else []
    if explanation.heard:
        shared.append(say("both sound: {}", ", ".join(explanation.heard)))
    if explanation.count:
        shared.append(say("{} in common", counted(explanation.count, "listener")))
    return f" ({'; '.join(shared)})" if shared else ""


def account(pick: Pick, slate: ServedSlate) -> str:
    """Return the reason for `pick` in one or two sentences."""
    first = f"{spoken(pick.song)}: {reason(pick, slate)}."
    explanation = pick.explanation
    if pick.experiment:
        tried = say("This one was an experiment: I expected you to like others more, and I want to learn.")
        first += f"\n{tried}"
    if not explanation.drop or pick.cause is None:
        basis = _BASES.get(explanation.kind)
        return first + (f"\n{say('What I go by: {}.', say(basis))}" if basis else "")
    opinion = OPINIONS.get(explanation.scorer.rpartition(".")[2])
    told = say("Of what you asked for") if slate.query.seeds else say("Of all I was told")
    if not slate.query.seeds and not slate.query.others:
        told = say("Of all you told me")
    second = say("{}, {} counts most here: without it this would rank lower.", told, spoken(pick.cause))
    return f"{first}\n{second}" + (f"\n{say('What I go by: {}.', say(opinion))}" if opinion else "")
