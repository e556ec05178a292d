"""Words are not commands: what is simply typed is a name first."""

import pytest


@pytest.fixture
def known(talk):
    """Somebody who has said what they love: names they type are shown, not liked."""
    talk("/like queen", "/like radiohead", "/like portishead")
    return talk


NAMES = {
    "Why Do Fools Fall in Love": "Why Do Fools Fall in Love by Frankie Lymon",
    "Why Does It Always Rain on Me?": "Why Does It Always Rain on Me? by Travis",
    "next level": "Next Level by aespa",
    "Link Wray": "Link Wray",
    "Block Rockin' Beats": "Block Rockin' Beats by The Chemical Brothers",
    "Like a Prayer": "Like a Prayer by Madonna",
    "Who Do You Love?": "Who Do You Love? by Bo Diddley",
    "Stand by Me": "Stand by Me by Ben E. King",
    "Earth, Wind & Fire": "Earth, Wind & Fire",
    "Earth Wind and Fire": "Earth, Wind & Fire",
    "Tyler, the Creator": "Tyler, the Creator",
    "1979": "1979 by The Smashing Pumpkins",
    "505": "505 by Arctic Monkeys",
}


def test_an_exact_name_wins_over_commands_commas_and_numbers(known):
    for shown, answer in zip(NAMES.values(), known(*NAMES), strict=True):
        assert answer.startswith(shown)
        assert "👍 Like" in answer
        assert "Noted" not in answer


ADDED = [
    "Violent Femmes - Add It Up",
    "CeeLo Green - Forget You",
    "The Rolling Stones - Start Me Up",
    "Boston - More Than a Feeling",
    "Leadbelly - Skip to My Lou",
    "War - Why Can't We Be Friends",
    "Propellerheads - History Repeating",
    "Rammstein - Privacy",
    "Somebody - Help Yourself",
    "Motörhead - Killed by Death",
    "Fun Boy Three - Undo Me",
    "Emoji - 💔",
    "Peter, Paul and Mary - Puff",
    "Yes, And - What",
]


def test_a_title_or_artist_that_begins_like_a_command_is_found_once_it_is_known(known):
    songs = [song.partition(" - ")[::2] for song in ADDED]
    known(*(f"/add {song}" for song in ADDED))
    *titles, history = known(*(title for _, title in songs), "/history")
    artists = known(*(artist for artist, _ in songs))
    for (artist, title), by_title, by_artist in zip(songs, titles, artists, strict=True):
        assert by_title.startswith(f"{title} by {artist}")
        assert by_artist.startswith(artist)
    assert len(history.splitlines()) == 3, "nothing was said but the three likes"


SHAPED_LIKE_COMMANDS = (
    "Forget You",
    "forget everything",
    "undo that please",
    "add It Up",
    "Start Me Up",
    "link my account",
    "block the sun",
    "visible light",
    "who are you",
    "export quality",
    "playlist of mine",
)


def test_no_command_that_changes_something_runs_without_its_slash(known):
    before, *answers, after = known("/history", *SHAPED_LIKE_COMMANDS, "/history")
    assert before == after
    for telltale in ("Erase everything", "Can people here", "In the catalogue", "Your code"):
        assert telltale not in "".join(answers)


def test_a_command_alone_that_changes_something_says_how_to_type_it(known):
    undo, forget = known("undo", "FORGET")
    assert undo == "That command needs its slash: /undo"
    assert forget == "That command needs its slash: /forget"


def test_a_command_that_changes_nothing_runs_as_it_did(known):
    jazz, history, helped = known("recommend 2 jazz", "history", "help like")
    assert jazz.startswith("For you: jazz")
    assert "Queen" in history
    assert helped.startswith("/like SONG")


def test_a_word_that_is_both_a_name_and_a_command_offers_both(known):
    _, answer, listed = known("/add Annie Lennox - Why", "why", "5")
    assert answer.startswith("Why by Annie Lennox")
    assert "5 /why" in answer
    assert listed.startswith("There is no list")


def test_like_without_its_slash_shows_what_could_be_liked(known):
    answer, history = known("like nina simone", "/history")
    assert answer.startswith("Nina Simone")
    assert "👍 Like" in answer
    assert "Nina" not in history


# --- commas -------------------------------------------------------------------------------------------------


def test_a_list_keeps_names_with_commas_whole(talk):
    (answer,) = talk("Björk, Earth, Wind & Fire, Tyler, the Creator")
    assert answer.startswith("👍 Noted: Björk, Earth, Wind & Fire and Tyler, the Creator.")


def test_a_list_takes_typos_and_shows_what_it_understood(talk):
    answer, pressed, history = talk("radiohed, bjork, portished", "1", "/history")
    assert answer.startswith("👍 Noted: Björk. I understood Radiohead and Portishead")
    assert pressed.startswith("👍 Noted: Radiohead.")
    assert "Portishead" not in history


def test_a_name_with_a_comma_that_nobody_knows_is_said_whole(known):
    for name in ("Zzyzx, Qwrt & Vbnm", "10,000 Qwrts"):
        assert known(name)[0].startswith(f'I know no song or artist called "{name}".')


def test_half_of_an_unknown_name_is_never_liked(talk):
    answer, history = talk("Sugar, We Go Somewhere Else", "/history")
    assert "Did you mean one of these?" in answer
    assert history.startswith("You have not told me anything yet.")


def test_a_misspelt_name_with_a_comma_is_taken_whole(talk):
    answer, history = talk("Tyler, the Creater", "/history")
    assert answer.startswith('Which one is "Tyler, the Creater"?')
    assert " 1 Tyler, the Creator (artist)" in answer
    assert history.startswith("You have not told me anything yet.")


# --- misspelt names -----------------------------------------------------------------------------------------


def test_a_newcomers_misspelt_song_is_shown_before_it_counts(talk):
    shown, history, liked = talk("bohemian rapsody", "/history", "bohemian rapsody")
    assert "Bohemian Rhapsody by Queen. Is that right?" in shown
    assert history.startswith("You have not told me anything yet.")
    assert liked == shown


def test_a_like_of_a_misspelt_name_is_one_tap_from_being_taken_back(talk):
    liked, undone, history = talk("/like bohemian rapsody", "1", "/history")
    assert "1 Undo" in liked
    assert undone == "↩ Taken back: your like of Bohemian Rhapsody by Queen."
    assert "(taken back)" in history


def test_undo_of_a_name_takes_that_one_back_and_not_the_last(talk):
    _, _, undone, again = talk("/like björk", "/like queen", "/undo björk", "/undo björk")
    assert undone == "↩ Taken back: your like of Björk."
    assert again == "You have not said anything about Björk."


def test_yes_is_an_answer_before_it_is_a_band(talk):
    answer, history = talk("yes", "/history")
    assert answer.startswith("Yes\n")
    assert history.startswith("You have not told me anything yet.")


# --- numbers ------------------------------------------------------------------------------------------------


def test_a_number_that_is_on_no_list_and_no_name_says_both(known):
    without, _, beyond, bare = known("/like 22", "/recommend", "/like 22", "22")
    assert without == 'I know no song or artist called "22". And there is no list yet: /recommend brings one.'
    assert beyond == bare
    assert bare.startswith('I know no song or artist called "22". There is no song 22 on that list')


def test_where_a_number_is_both_on_the_list_and_a_name_both_are_offered(known):
    _, _, asked, bare, liked = known("/add Britney Spears - 3", "/recommend", "/like 3", "3", "2")
    assert asked == bare
    assert asked.startswith('Which "3"')
    assert "2 Britney Spears - 3" in asked
    assert liked == "👍 Noted: you like 3 by Britney Spears."


def test_a_list_number_that_was_offered_answers_the_list(known):
    _, slate, _, liked, marked = known("/add Britney Spears - 3", "/recommend", "/like 3", "1", "/history 1")
    third = next(line for line in slate.splitlines() if line.startswith(" 3 "))
    assert liked.removeprefix("👍 Noted: you like ").partition(" by ")[0] in third
    assert marked


def test_plus_and_a_number_is_the_band_where_no_list_has_it(known):
    _, band, _, still, thumb = known(
        "/add +44 - When Your Heart Stops Beating", "+44", "/recommend", "+44", "+1"
    )
    assert band.startswith("+44\n")
    assert still == band
    assert thumb.startswith("👍 Noted: you like ")


def test_more_songs_than_a_list_can_have_may_be_a_name(known):
    named, refused = known("/recommend 1979", "/recommend 99")
    assert named.startswith("Close to 1979 by The Smashing Pumpkins")
    assert refused.startswith("Say a number from 1 to 20")


def test_a_name_with_a_word_that_means_something_to_a_command_stays_whole(known):
    without, like = known("/similar With or Without You", "/recommend Like a Prayer")
    assert without.startswith("Close to With or Without You by U2")
    assert like.startswith("Close to Like a Prayer by Madonna")


def test_exit_leaves_unless_something_is_called_so(known):
    *_, left = known("/add U2 - Exit", "Exit", "quit")
    assert left == "Goodbye."
    assert known("Exit")[0].startswith("Exit by U2")


# --- the queue of a session ---------------------------------------------------------------------------------


def queued(card: str, number: int) -> str:
    """Return the title with this number in a card's queue."""
    line = next(line for line in card.splitlines() if line.startswith(f"   {number}. "))
    return line.removeprefix(f"   {number}. ").partition(" by ")[0]


def test_numbers_mean_the_queue_while_a_session_is_on_the_screen(known):
    _, _, card, liked, vetoed, beyond = known(
        "/recommend", "/session start Friday", "/next", "+1", "/session veto 2", "+19"
    )
    assert liked.startswith(f"👍 Noted: you like {queued(card, 1)} by ")
    assert vetoed.startswith(f"🚫 {queued(liked, 2)} by ")
    assert beyond.startswith("There is no song 19 in the queue")


def test_numbers_mean_the_list_again_once_there_is_a_newer_one(known):
    _, _, slate, liked = known("/session start Friday", "/next", "/recommend", "-1")
    first = next(line for line in slate.splitlines() if line.startswith(" 1 "))
    assert liked.removeprefix("👎 Noted: you do not like ").partition(" by ")[0] in first
