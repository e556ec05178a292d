"""Reasons are said with the facts that the Explanation holds."""

import pytest

from bot.replies.explanations import OPINIONS, account, counted, listed, reason
from recommender.scorers.registry import SERVED
from recommender.types import Explanation, Pick, Query, ServedSlate, Song
from storage.records import Subject

CAUSE = Song(Subject(7), "Depeche Mode")


def said(explanation: Explanation, cause: Song | None = None, seeds: tuple[Subject, ...] = ()) -> str:
    pick = Pick(0, Song(Subject(1, 2), "The Cure", "Lullaby"), explanation, cause)
    return reason(pick, ServedSlate(1, Query(1, seeds=seeds), (pick,)))


def test_each_kind_of_reason_has_its_sentence():
    because = Explanation("because", Subject(7), ("synthpop", "dark"))
    assert said(because, CAUSE) == "because you like Depeche Mode (both: synthpop, dark)"
    assert said(Explanation("because", Subject(7)), CAUSE) == "because you like Depeche Mode"
    assert said(Explanation("tags", tags=("dreamy", "jazz"))) == "it is dreamy and jazz, as you asked"
    assert said(Explanation("community", count=3)) == "3 people here like it"
    assert said(Explanation("popular", count=1512)) == "heard by 1,512 listeners"
    assert said(Explanation("artist", Subject(1)), Song(Subject(1), "The Cure")) == (
        "more of The Cure, whom you like"
    )
    liked = Song(Subject(1, 3), "The Cure", "Just Like Heaven")
    assert said(Explanation("artist", Subject(1, 3)), liked) == "more of The Cure: you like Just Like Heaven"
    mood = Explanation("mood", Subject(7), ("dark", "dreamy"))
    assert said(mood, CAUSE) == "the mood of Depeche Mode: dark, dreamy"
    assert said(Explanation("tempo", Subject(7), count=120), CAUSE) == (
        "as fast as Depeche Mode: about 120 beats a minute"
    )
    assert said(Explanation("related", Subject(7), ("dark",)), CAUSE) == (
        "because you like Depeche Mode (fans of Depeche Mode also like The Cure)"
    )
    assert said(Explanation("new")) == "new here: hardly anybody has played it yet"
    assert said(Explanation("start")) == "something to try: 👍 or 👎 it and I learn"


def test_what_both_sound_like_stands_beside_the_tags_and_survives_the_log():
    heard = Explanation("because", Subject(7), ("dark",), heard=("female vocals", "slow"))
    assert said(heard, CAUSE) == "because you like Depeche Mode (both: dark; both sound: female vocals, slow)"
    assert said(heard, CAUSE, seeds=(Subject(7),)).startswith(
        "close to Depeche Mode (both: dark; both sound:"
    )
    assert Explanation.from_json(heard.to_json()) == heard
    older = {name: value for name, value in heard.to_json().items() if name != "heard"}
    assert Explanation.from_json(older).heard == ()


def test_what_was_only_played_is_not_called_a_like():
    assert said(Explanation("because", Subject(7), played=True), CAUSE) == (
        "because you listen to Depeche Mode"
    )
    assert said(Explanation("artist", Subject(1), played=True), Song(Subject(1), "The Cure")) == (
        "more of The Cure, whom you listen to"
    )


def test_what_was_asked_for_is_not_called_a_like():
    asked = said(Explanation("because", Subject(7), ("dark",)), CAUSE, seeds=(Subject(7),))
    assert asked == "close to Depeche Mode (both: dark)"
    assert said(Explanation("related", Subject(7), ("dark",)), CAUSE, seeds=(Subject(7),)) == asked
    known = said(Explanation("related", Subject(7)), CAUSE, seeds=(Subject(7),))
    assert known == "close to Depeche Mode (fans of Depeche Mode also like The Cure)"


def test_a_cause_that_left_the_catalogue_is_not_named():
    assert said(Explanation("because", Subject(9))) == "because you like something you told me earlier"


def test_the_long_reason_names_the_opinion_that_weighed_most():
    explanation = Explanation("because", Subject(7), scorer="artists.item_knn", drop=0.5)
    pick = Pick(0, Song(Subject(1, 2), "The Cure", "Lullaby"), explanation, CAUSE)
    assert account(pick, ServedSlate(1, Query(1), (pick,))) == (
        "Lullaby by The Cure: because you like Depeche Mode.\n"
        "Of all you told me, Depeche Mode counts most here: without it this would rank lower.\n"
        "What I go by: people who listen to the one also listen to the other."
    )


def test_listening_together_nobody_is_told_whose_taste_it_was():
    pick = Pick(
        0,
        Song(Subject(1, 2), "The Cure", "Lullaby"),
        Explanation("artist", Subject(1)),
        Song(Subject(1), "The Cure"),
    )
    assert reason(pick, ServedSlate(1, Query(1, others=(2,)), (pick,))) == (
        "more of The Cure, whom one of you likes"
    )


@pytest.mark.parametrize(
    ("kind", "basis"),
    [
        ("mood", "how the music is described"),
        ("tempo", "the tempo measured of both"),
        ("new", "how few people here like the artist"),
    ],
)
def test_the_long_reason_says_what_a_likeness_goes_by(kind, basis):
    pick = Pick(0, Song(Subject(1, 2), "The Cure", "Lullaby"), Explanation(kind, Subject(7)), CAUSE)
    assert account(pick, ServedSlate(1, Query(1), (pick,))).endswith(f"\nWhat I go by: {basis}.")


def test_the_words_for_opinions_name_scorers_that_are_served_or_were():
    """A scorer without words is explained without them: a new one needs no line here."""
    were = {"als", "ensemble", "item_knn", "svd", "tagged", "user_item", "user_knn"}
    assert set(OPINIONS) <= {scorer.name for scorer in SERVED} | were | {"belief"}


def test_numbers_and_lists_read_like_sentences():
    assert [counted(1, "song"), counted(1200, "song"), counted(2, "person", "people")] == [
        "1 song",
        "1,200 songs",
        "2 people",
    ]
    assert [listed(("calm",)), listed(("calm", "jazz", "1960s"))] == ["calm", "calm, jazz and 1960s"]
