"""Whole conversations, typed line by line as a stranger would, on the real service."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest

from bot.adapters.terminal.chat import Conversation, Screen
from recommender.service import MusicService
from storage.store import Store

UNEXPECTED = "Something went wrong"


def songs(answer: str) -> list[str]:
    """Return the songs of a list or a question, in order."""
    return re.findall(r"^ ?\d+ (.+?)(?: \(\d{4}\)| \(artist\))?(?:  \S+)?$", answer, re.MULTILINE)


def test_a_stranger_likes_gets_a_list_asks_why_and_judges_it(talk):
    liked, chosen, listed, judged, why = talk("/like queen", "1", "/recommend", "+2 -3", "/why 1")
    assert liked.startswith("👍 Noted: you like Queen. A song of theirs as well?\n 1 Queen - Bohemian Rhaps")
    assert chosen == "👍 Noted: you like Bohemian Rhapsody by Queen."
    assert len(songs(listed)) == 5
    _, second, third, *_ = (song.split(" - ", 1) for song in songs(listed))
    assert judged == (
        f"👍 Noted: you like {second[1]} by {second[0]}.\n👎 Noted: you do not like {third[1]} by {third[0]}."
    )
    artist, title = songs(listed)[0].split(" - ", 1)
    assert why.startswith(f"{title} by {artist}: because you like ")


def test_everything_is_still_there_after_a_restart(talk):
    talk("/like queen", "/recommend", "+1")
    history, again, why = talk("/history", "/like queen", "/why 1")
    assert len(history.splitlines()) == 2
    assert again.startswith("You already like Queen.")
    assert "because you like" in why


def test_two_people_at_one_machine_are_two_people(talk):
    talk("/like queen", name="Ann")
    (history,) = talk("/history", name="Bo")
    assert history.startswith("You have not told me anything yet")
    (history,) = talk("/history", name="ANN")
    assert history.endswith("Queen (artist)")


def test_a_misspelt_name_says_what_was_understood(talk):
    (answer,) = talk("/like bohemian rapsody")
    name = "Bohemian Rhapsody by Queen"
    assert answer == f'I took "bohemian rapsody" for {name}. 👍 Noted: you like {name}.\n   1 Undo'


def test_an_ambiguous_name_asks_which_and_a_number_answers(talk):
    asked, answered = talk("/like hallelujah", "1")
    assert asked.startswith('Which one is "hallelujah"?')
    assert 2 <= len(songs(asked)) <= 5
    assert answered.startswith("👍 Noted: you like ")


def test_an_unknown_name_says_how_to_teach_it(talk):
    unknown, added, liked, found = talk(
        "/like zzyzx qwghlm", "/add Zzyzx - Qwghlm", "1", "/dislike zzyzx - qwghlm"
    )
    assert unknown == 'I know no song or artist called "zzyzx qwghlm". Teach me with /add Artist - Title.'
    assert added.startswith("In the catalogue: Qwghlm by Zzyzx. Like it?")
    assert liked == "👍 Noted: you like Qwghlm by Zzyzx."
    assert found.startswith("👎 Noted: you do not like Qwghlm by Zzyzx.")


def test_liking_twice_says_so_and_a_dislike_replaces(talk):
    first, second, third, fourth = talk(
        "/like bohemian rhapsody", "/like bohemian rhapsody", "/dislike bohemian rhapsody", "/profile"
    )
    assert first == "👍 Noted: you like Bohemian Rhapsody by Queen."
    assert second == "You already like Bohemian Rhapsody by Queen."
    assert third.startswith("👎 Noted: you do not like Bohemian Rhapsody by Queen.")
    assert fourth.splitlines()[1] == "0 likes, 1 dislike, 0 plays"


def test_a_number_means_that_song_of_the_last_list(talk):
    listed, liked, twice, similar, more = talk("/recommend", "/like 2", "/like 2", "/similar 1", "/recommend")
    artist, title = songs(listed)[1].split(" - ", 1)
    assert liked == f"👍 Noted: you like {title} by {artist}."
    assert twice == f"You already like {title} by {artist}."
    first = songs(listed)[0].split(" - ", 1)
    assert similar.startswith(f"Close to {first[1]} by {first[0]}\n")
    assert not set(songs(more)) & set(songs(listed))


def test_a_number_that_is_not_on_the_list_says_what_is(talk):
    before, _, beyond, thumb = talk("/like 3", "/recommend 4", "/like 9", "+2 +9")
    assert before == 'I know no song or artist called "3". And there is no list yet: /recommend brings one.'
    assert thumb == "There is no song 9 on that list. Pick 1 to 4."
    assert beyond == f'I know no song or artist called "9". {thumb}'


def test_thumbs_with_one_bad_number_change_nothing(talk):
    _, _, history = talk("/recommend", "+1 +9", "/history")
    assert history.startswith("You have not told me anything yet")


def test_pressing_the_same_thumb_twice_takes_it_back(talk):
    listed, first, second, history = talk("/recommend", "+1", "+1", "/history")
    artist, title = songs(listed)[0].split(" - ", 1)
    assert first == f"👍 Noted: you like {title} by {artist}."
    assert second == f"↩ Taken back: your like of {title} by {artist}."
    assert history.endswith("(taken back)")


def test_undo_takes_back_the_last_thing_said(talk):
    *_, undone, profile, nothing = talk("/like queen", "/like u2", "/undo", "/profile", "/undo")
    assert undone == "↩ Taken back: your like of U2."
    assert profile.splitlines()[1].startswith("1 like,")
    assert nothing == "↩ Taken back: your like of Queen."


def test_recommend_takes_a_number_a_mood_a_genre_and_a_name(talk):
    plain, many, mood, both, last, near, named = talk(
        "/recommend",
        "/recommend 8",
        "/recommend dreamy",
        "/recommend 6 jazz, calm",
        "/recommend some jazz 3",
        "/recommend like Radiohead",
        "/recommend Depeche Mode",
    )
    assert [len(songs(answer)) for answer in (plain, many, mood, last)] == [5, 8, 5, 3]
    assert mood.startswith("For you: dreamy\n")
    assert "For you: jazz and calm\n" in both
    assert last.startswith("For you: jazz\n")
    assert near.startswith("Close to Radiohead\n")
    assert named.startswith("Close to Depeche Mode\n")


@pytest.mark.parametrize("n", ["0", "21", "-3", "1000000"])
def test_recommend_keeps_to_its_bounds(talk, n):
    (answer,) = talk(f"/recommend {n}")
    assert answer == "Say a number from 1 to 20 (how many songs): /recommend 8 dreamy"


def test_an_unknown_mood_says_what_to_try(talk):
    (answer,) = talk("/recommend xyzzyish")
    assert answer.startswith('I do not know "xyzzyish". Try /recommend sad 80s pop')


def test_skip_skips_what_is_undecided_and_brings_five_more(talk):
    listed, _, skipped, one, history = talk("/recommend", "+2", "/skip", "/skip 3", "/history 20")
    assert skipped.startswith("⏭ 4 songs skipped.\n")
    assert len(songs(skipped)) == 5
    assert not set(songs(skipped)) & set(songs(listed))
    artist, title = songs(skipped)[2].split(" - ", 1)
    assert one == f"⏭ Skipped: {title} by {artist}."
    assert [line[17] for line in history.splitlines()] == list("⏭⏭⏭⏭⏭👍")


def test_more_brings_more_of_the_same_kind(talk):
    jazz, more, near = talk("/recommend 3 jazz", "/more", "/more 1")
    assert more.startswith("For you: jazz\n")
    assert len(songs(more)) == 3  # as many again
    assert not set(songs(more)) & set(songs(jazz))
    artist, title = songs(more)[0].split(" - ", 1)
    assert near.startswith(f"Close to {title} by {artist}\n")


def test_a_blocked_artist_stays_away_until_unblocked(talk):
    blocked, twice, similar, listed, back, again, none = talk(
        "/block depeche mode",
        "/block depeche mode",
        "/similar new order",
        "/unblock",
        "1",
        "/unblock depeche mode",
        "/unblock",
    )
    assert blocked.startswith("🚫 Blocked: nothing by Depeche Mode any more.")
    assert twice == "Depeche Mode is blocked already."
    assert not [song for song in songs(similar) if song.startswith("Depeche Mode")]
    assert songs(listed) == ["Depeche Mode"]
    assert back == "Welcome back: Depeche Mode may be recommended again."
    assert again == "Depeche Mode is not blocked. /unblock alone lists who is."
    assert none == "You have blocked nobody. /block ARTIST keeps an artist away."


def test_blocking_a_song_by_name_asks_whether_the_artist_is_meant(talk):
    asked, answered = talk("/block bohemian rhapsody", "1")
    assert asked.startswith("Bohemian Rhapsody is a song by Queen. Block the artist?")
    assert answered.startswith("🚫 Blocked: nothing by Queen any more.")


def test_forget_asks_and_then_erases_everything(talk):
    asked, kept, history, _, erased, empty = talk(
        "/forget", "no", "/history", "/forget", "yes", "/history", name="Carl"
    )
    assert asked.startswith("Erase everything I know about you")
    assert kept == "Nothing changed."
    assert history.startswith("You have not told me anything yet")
    assert erased.startswith("Your data is deleted")
    assert empty.startswith("You have not told me anything yet")


def test_saying_that_somebody_is_erased_makes_no_account_anew(talk, database):
    talk("/like queen", "/forget", "yes", name="Carl")
    with Store.open(database, readonly=True) as store:
        assert store.db.execute("SELECT count(*) FROM accounts").fetchone() == (0,)
        assert store.db.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_forgetting_counts_what_was_erased(talk):
    *_, erased, history, liked = talk(
        "/like queen", "/recommend", "+1", "/forget", "yes", "/history", "/like queen"
    )
    assert erased == "Your data is deleted: 2 events, your lists and your account. Come back any time."
    assert history.startswith("You have not told me anything yet")
    assert liked.startswith("👍 Noted: you like Queen.")


def test_yes_means_nothing_without_a_question(talk):
    _, _, answer, history = talk("/like queen", "/forget", "/help", "/history")
    (yes,) = talk("yes")
    assert UNEXPECTED not in answer + yes
    assert history.endswith("Queen (artist)")
    (history,) = talk("/history")
    assert history.endswith("Queen (artist)")


def test_export_writes_a_file_for_the_owner_alone_and_never_over_another(talk):
    _, first, second = talk("/like queen", "/export", "/export")
    paths = [Path(answer.rpartition("Saved as ")[2]) for answer in (first, second)]
    assert [path.name for path in paths] == ["segue-export.json", "segue-export-2.json"]
    assert paths[0].stat().st_mode & 0o777 == 0o600
    assert "Queen" in json.dumps(json.loads(paths[0].read_text(encoding="utf-8")), ensure_ascii=False)


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("/recomend 3 jazz", "/recommend 3 jazz"),
        ("/lkie queen", "/like queen"),
        ("/rec", "/recommend"),
        ("/HISTROY", "/history"),
    ],
)
def test_a_mistyped_command_is_met_with_the_nearest(talk, typed, suggested):
    (answer,) = talk(typed)
    assert answer == f"There is no {typed.split()[0]}. Did you mean {suggested}?"


def test_an_unheard_of_command_points_to_the_help(talk):
    assert talk("/xyzzy") == ["There is no /xyzzy. /help lists what I can do."]


def test_a_command_needs_no_small_letters_and_no_slash_to_show_something(talk):
    bare, shouted = talk("Help like", "/HELP like")
    assert bare == shouted
    assert shouted.startswith("/like SONG\n")


@pytest.mark.parametrize("greeting", ["hi", "Hello!", "¡Hola!", "guten  Morgen"])
def test_a_greeting_is_no_song(talk, greeting):
    met, history = talk(greeting, "/history")
    assert "Which three artists do you love?" in met
    assert "Noted" not in history


def test_names_that_are_simply_typed_are_loves_and_bring_the_first_list(talk):
    one, more = talk("portishead", "Radiohead, bjork, xyzzy plugh")
    assert one.startswith("👍 Noted: Portishead. Two more, and your first list comes.")
    assert more.startswith("👍 Noted: Radiohead and Björk. I do not know xyzzy plugh.\nFor you")


def test_a_bare_number_after_a_list_says_what_it_could_mean(talk):
    _, answer = talk("/recommend", "2")
    assert answer.endswith(". Song 2 of the last list? +2 likes it, -2 does not, /why 2 tells why.")


def test_several_songs_of_one_artist_can_be_picked_in_a_row(talk):
    listed, third, first = talk("/like queen", "3", "1")
    names = [song.split(" - ", 1) for song in songs(listed)]
    assert third == f"👍 Noted: you like {names[2][1]} by {names[2][0]}."
    assert first == f"👍 Noted: you like {names[0][1]} by {names[0][0]}."


@pytest.mark.parametrize("command", ["like", "dislike", "similar", "block", "add"])
def test_a_command_without_its_name_says_how_it_is_typed(talk, command):
    (answer,) = talk(f"/{command}")
    assert answer.startswith(f"Say which: /{command} ")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/add - Title", "Write the artist, a dash and the title: /add Nick Drake - Pink Moon."),
        ("/add Artist -  ", "Write the artist, a dash and the title: /add Nick Drake - Pink Moon."),
        ("/why two", '"two" is not a number: /why [N], for example /why 1.'),
        ("/why", "There is no list of songs yet. Type /recommend to get one."),
        (f"/add {'x' * 201} - y", "Keep artist and title under 200 letters each."),
        ("x" * 1001, "That is longer than anything I can look up. Try the name of one song or artist."),
    ],
)
def test_what_does_not_fit_gets_a_sentence_that_helps(talk, line, answer):
    assert talk(line) == [answer]


HOSTILE = (
    "'; DROP TABLE users; --",
    '"',
    "%",
    "*",
    "NEAR(",
    "AND OR NOT",
    "[red]x[/red]",
    "\x1b[31mred\x1b[0m",
    "\u202eevil",
    "💥" * 40,
    "a" * 999,
    "b " * 499,
    "/" * 50,
    "+1 +1 +1",
    "-0",
    "+999",
    "²",
    "٣",
    "\x00",
    "https://open.spotify.com/track/4u7EnebtmKWzUH433cf5Qv",
    "USUM71703861",
    "@everyone",
    "{}",
    "%s %d",
    "../../etc",
    "\udc80",
    "a\nb",
    "\u200b",
    "e\u0301" * 9,
)


async def test_no_line_whatsoever_is_an_unexpected_error(database, tmp_path):
    async with await MusicService.open(database) as music:
        out = StringIO()
        conversation = Conversation(music, "Ann", Screen(out), tmp_path)
        for text in HOSTILE:
            for before in ("", "/", "/like ", "/recommend ", "/help ", "/add ", "/block "):
                await conversation.hear(before + text)
    assert UNEXPECTED not in out.getvalue()
    assert "\x1b" not in out.getvalue()


def test_a_link_that_says_a_name_is_taken_by_its_name(talk):
    (answer,) = talk("/like https://music.apple.com/us/album/bohemian-rhapsody/1440806041?i=1440806768")
    assert answer.endswith("👍 Noted: you like Bohemian Rhapsody by Queen.")


@pytest.mark.parametrize(
    ("link", "named"),
    [
        ("https://open.spotify.com/track/4u7EnebtmKWzUH433cf5Qv", "that Spotify link"),
        ("https://youtu.be/fJ9rUzIMcZQ", "that YouTube link"),
        ("GBUM71029604", "that ISRC"),
    ],
)
def test_a_link_to_a_song_that_is_not_here_asks_for_its_name(talk, link, named):
    (answer,) = talk(f"/like {link}")
    assert answer == f"I do not know the song behind {named}. Say its name: artist - title."
