"""A session from the first song to the recap: who is there, what comes next, and what nobody can bend."""

import asyncio

import pytest

from recommender.errors import NothingToDo, NotKnown
from recommender.service import MusicService
from recommender.sessions.state import QUIET, VETOES
from storage.chats.sessions import Sessions as Kept
from storage.records import Account, Community, Kind

NOW = 1_700_000_000


async def song(music, name):
    return (await music.names.resolve(name)).song


async def started(music, host, *others):
    live = await music.sessions.start(host, "", "Friday", key="start")
    for other in others:
        await music.sessions.join(other, live.id)
    return live.id


async def played(music, host, session, n):
    """Play `n` songs; return what was shown of each."""
    shown = [await music.sessions.next(host, session, key=f"next {number}") for number in range(n)]
    return [live.now for live in shown]


def camp(turn):
    return turn.song.artist.split()[0]


# --- who is served


async def test_two_tastes_are_served_in_turn(music, someone):
    ann, bo = await someone("Ann", "jazz 1", "jazz 2"), await someone("Bo", "rock 1", "rock 2")
    session = await started(music, ann, bo)
    camps = [camp(turn) for turn in await played(music, ann, session, 8)]
    assert sorted([camps.count("jazz"), camps.count("rock")]) == [4, 4]


async def test_whoever_is_unhappy_with_theirs_gets_more(music, someone):
    ann, bo = await someone("Ann", "jazz 1", "jazz 2"), await someone("Bo", "rock 1", "rock 2")
    session = await started(music, ann, bo)
    for number in range(4):
        live = await music.sessions.next(ann, session, key=f"next {number}")
        await music.sessions.vote(ann, live.now.song_id, Kind.LIKE, key=f"ann {number}")
        await music.sessions.vote(bo, live.now.song_id, Kind.DISLIKE, key=f"bo {number}")
    live = await music.sessions.look(session)
    assert all(turn.names == ("Bo",) for turn in live.next[:2])


async def test_a_reason_names_those_it_is_for_and_what_each_of_them_likes(music, someone):
    ann = await someone("Ann", "jazz 1", "jazz 2")
    bo, cy = await someone("Bo", "jazz 1", "jazz 3"), await someone("Cy", "rock 1", "rock 2")
    session = await started(music, ann, bo, cy)
    turns = await played(music, ann, session, 6)
    both = [turn for turn in turns if set(turn.names) == {"Ann", "Bo"} and turn.cause]
    assert both
    assert {turn.cause.artist for turn in both} == {"jazz 1"}
    assert all(camp(turn) == "rock" for turn in turns if turn.names == ("Cy",))


async def test_a_session_of_unknown_people_has_what_many_like(music, someone):
    people = [await someone(f"P{n}") for n in range(4)]
    session = await started(music, *people)
    turns = await played(music, people[0], session, 5)
    assert len({turn.song.subject for turn in turns}) == 5


async def test_an_unknown_member_is_no_zero_and_does_not_stop_the_others(music, someone):
    ann, bo = await someone("Ann", "jazz 1", "jazz 2"), await someone("Bo")
    session = await started(music, ann, bo)
    await played(music, ann, session, 3)
    recap = await music.sessions.recap(session)
    assert all(0 < person.share < 1 for person in recap.people)


async def test_nothing_comes_twice_and_no_artist_again_too_soon(music, someone):
    ann, bo = await someone("Ann", "jazz 1"), await someone("Bo", "rock 1")
    session = await started(music, ann, bo)
    turns = await played(music, ann, session, 14)
    assert len({turn.song.subject for turn in turns}) == 14
    artists = [turn.song.artist for turn in turns]
    assert all(len(set(artists[k : k + 6])) == 6 for k in range(len(artists) - 5))


async def test_what_one_of_them_has_blocked_is_not_played_to_all(music, someone):
    ann, bo = await someone("Ann", "jazz 1"), await someone("Bo", "rock 1")
    for n in range(8):
        subject = (await song(music, f"jazz {n}")).subject
        await music.reactions.record(bo, subject, Kind.BLOCK, key=f"block {n}")
    session = await started(music, ann, bo)
    assert {camp(turn) for turn in await played(music, ann, session, 6)} == {"rock"}


async def test_fifty_people_can_listen_together(music, someone):
    people = [await someone(f"P{n}", f"{'jazz' if n % 2 else 'rock'} {n % 8}") for n in range(50)]
    session = await started(music, *people)
    live = await music.sessions.next(people[0], session, key="next")
    assert len(live.people) == 50
    await asyncio.gather(
        *(music.sessions.vote(p, live.now.song_id, Kind.LIKE, key=f"v{p.user_id}") for p in people)
    )
    assert (await music.sessions.look(session)).now.votes[Kind.LIKE] == 50


# --- votes


async def test_only_of_who_said_something_new_anything_is_expected_anew(music, someone):
    ann, bo = await someone("Ann", "jazz 1", "jazz 2"), await someone("Bo", "rock 1", "rock 2")
    asked, expect = [], music.sessions._expect
    music.sessions._expect = lambda *about: asked.append(about[1].query.user_id) or expect(*about)
    session = await started(music, ann, bo)
    await played(music, ann, session, 2)
    asked.clear()
    await music.reactions.record(bo, (await song(music, "jazz 3")).subject, Kind.LIKE, key="new")
    await music.sessions.next(ann, session, key="third")
    assert asked == [bo.user_id]


async def test_a_vote_counts_once_however_fast_it_is_pressed(music, someone):
    ann, bo = await someone("Ann", "jazz 1"), await someone("Bo")
    session = await started(music, ann, bo)
    live = await music.sessions.next(ann, session, key="next")
    pressed = [
        music.sessions.vote(bo, live.now.song_id, Kind.LIKE, key=f"press {number}") for number in range(9)
    ]
    assert sum(await asyncio.gather(*pressed)) == 1
    assert (await music.sessions.look(session)).now.votes == {Kind.LIKE: 1}
    assert len(await music.diary.lines(bo)) == 1


async def test_two_votes_at_the_same_instant_both_count(music, someone):
    ann, bo = await someone("Ann", "jazz 1"), await someone("Bo")
    session = await started(music, ann, bo)
    live = await music.sessions.next(ann, session, key="next")
    await asyncio.gather(
        music.sessions.vote(ann, live.now.song_id, Kind.LIKE, key="a"),
        music.sessions.vote(bo, live.now.song_id, Kind.DISLIKE, key="b"),
    )
    assert (await music.sessions.look(session)).now.votes == {Kind.LIKE: 1, Kind.DISLIKE: 1}


async def test_the_last_word_of_each_person_stands_and_undo_takes_it_back(music, someone):
    ann = await someone("Ann", "jazz 1")
    session = await started(music, ann)
    live = await music.sessions.next(ann, session, key="next")
    await music.sessions.vote(ann, live.now.song_id, Kind.LIKE, key="1")
    await music.sessions.vote(ann, live.now.song_id, Kind.DISLIKE, key="2")
    assert (await music.sessions.look(session)).now.votes == {Kind.DISLIKE: 1}
    await music.reactions.undo(ann, key="3")
    await music.reactions.undo(ann, key="4")
    assert (await music.sessions.look(session)).now.votes == {}


async def test_two_accounts_of_one_person_have_one_vote(music, someone):
    ann = await someone("Ann", "jazz 1")
    other = await music.arrive(Account("discord", "7", "Ann too"), Community("discord", "1", "server", "x"))
    await music.links.join(ann, await music.links.offer(other))
    ann, again = await someone("Ann"), await music.arrive(Account("discord", "7", "Ann too"))
    session = await started(music, ann)
    live = await music.sessions.next(ann, session, key="next")
    assert again.user_id == ann.user_id
    assert await music.sessions.vote(ann, live.now.song_id, Kind.LIKE, key="1")
    assert not await music.sessions.vote(again, live.now.song_id, Kind.LIKE, key="2")


async def test_who_is_not_there_has_no_vote(music, someone):
    ann, bo = await someone("Ann", "jazz 1"), await someone("Bo")
    session = await started(music, ann)
    live = await music.sessions.next(ann, session, key="next")
    with pytest.raises(NothingToDo, match="Join first"):
        await music.sessions.vote(bo, live.now.song_id, Kind.LIKE, key="1")


async def test_more_than_half_skip_a_song_and_the_next_begins(music, someone):
    people = [await someone(name, "jazz 1") for name in ("Ann", "Bo", "Cy", "Dee")]
    session = await started(music, *people)
    first = (await music.sessions.next(people[0], session, key="next")).now
    for person in people[:2]:
        await music.sessions.vote(person, first.song_id, Kind.SKIP, key=f"skip {person.user_id}")
    assert (await music.sessions.look(session)).now.song_id == first.song_id
    await music.sessions.vote(people[2], first.song_id, Kind.SKIP, key="third")
    assert (await music.sessions.look(session)).now.song_id != first.song_id
    assert (await music.sessions.recap(session)).skipped == 1


async def test_a_thumb_is_felt_by_what_comes_next(music, someone):
    ann = await someone("Ann")
    session = await started(music, ann)
    await music.sessions.request(ann, session, await song(music, "jazz 1 song 1"))
    live = await music.sessions.next(ann, session, key="next")
    await music.sessions.vote(ann, live.now.song_id, Kind.LIKE, key="1")
    live = await music.sessions.look(session)
    assert camp(live.next[0]) == "jazz"
    assert live.next[0].cause.artist == "jazz 1"


# --- requests and vetoes


async def test_requests_alternate_with_choices_and_between_people(music, someone):
    ann, bo = await someone("Ann", "jazz 1"), await someone("Bo", "rock 1")
    session = await started(music, ann, bo)
    for n in range(3):
        await music.sessions.request(ann, session, await song(music, f"rock {n} song 3"))
    await music.sessions.request(bo, session, await song(music, "rock 6 song 3"))
    asked = [turn.requested_by for turn in await played(music, ann, session, 6)]
    assert asked == ["Ann", "", "Bo", "", "Ann", ""]


async def test_nobody_can_fill_the_queue_with_requests(music, someone):
    ann = await someone("Ann")
    session = await started(music, ann)
    for n in range(5):
        await music.sessions.request(ann, session, await song(music, f"rock {n} song 3"))
    with pytest.raises(NothingToDo, match="5 of your requests are already waiting"):
        await music.sessions.request(ann, session, await song(music, "rock 6 song 3"))


async def test_a_veto_breaks_a_song_off_and_there_are_few_of_them(music, someone):
    ann, bo = await someone("Ann", "jazz 1"), await someone("Bo", "rock 1")
    session = await started(music, ann, bo)
    first = (await music.sessions.next(ann, session, key="next")).now
    await music.sessions.veto(bo, session, first.song.subject)
    live = await music.sessions.look(session)
    assert live.now.song != first.song
    for _ in range(VETOES - 1):
        await music.sessions.veto(bo, session, live.next[0].song.subject)
        live = await music.sessions.look(session)
    with pytest.raises(NothingToDo, match="vetoes"):
        await music.sessions.veto(bo, session, live.next[0].song.subject)


async def test_an_artist_who_is_vetoed_is_gone_with_all_songs(music, someone):
    ann, bo = await someone("Ann", "jazz 1"), await someone("Bo", "rock 1")
    session = await started(music, ann, bo)
    await music.sessions.request(ann, session, await song(music, "jazz 2 song 3"))
    first = (await music.sessions.next(ann, session, 3, key="next")).now
    for unwanted in {"jazz 2", first.song.artist}:
        await music.sessions.veto(bo, session, (await song(music, unwanted)).subject)
    live = await music.sessions.look(session)
    heard = [live.now, *live.next, *await played(music, ann, session, 12)]
    assert {turn.song.artist for turn in heard}.isdisjoint({"jazz 2", first.song.artist})
    with pytest.raises(NothingToDo, match="vetoed"):
        await music.sessions.request(ann, session, await song(music, "jazz 2 song 4"))


# --- the host


async def test_only_the_host_moves_on_and_may_hand_over(music, someone):
    ann, bo = await someone("Ann", "jazz 1"), await someone("Bo")
    session = await started(music, ann, bo)
    with pytest.raises(NothingToDo, match="for the host"):
        await music.sessions.next(bo, session, key="1")
    await music.sessions.hand_over(ann, session, bo.user_id)
    await music.sessions.next(bo, session, key="2")
    with pytest.raises(NothingToDo, match="for the host"):
        await music.sessions.next(ann, session, key="3")


async def test_a_host_who_leaves_or_is_forgotten_hands_over(music, someone):
    people = [await someone(name, "jazz 1") for name in ("Ann", "Bo", "Cy")]
    session = await started(music, *people)
    await music.sessions.leave(people[0], session)
    assert (await music.sessions.look(session)).host.name == "Bo"
    await music.forget(people[1])
    live = await music.sessions.look(session)
    assert (live.host.name, len(live.people)) == ("Cy", 1)
    await music.sessions.next(people[2], session, key="next")


async def test_next_delivered_twice_or_pressed_by_two_moves_on_once(music, someone):
    ann = await someone("Ann", "jazz 1")
    session = await started(music, ann)
    first = (await music.sessions.next(ann, session, key="same")).now
    assert (await music.sessions.next(ann, session, key="same")).now == first
    both = [music.sessions.next(ann, session, key=f"k{n}", after=first.song_id) for n in range(3)]
    await asyncio.gather(*both)
    assert (await music.sessions.look(session)).played == 2


async def test_a_queue_of_n_is_played_in_its_order(music, someone):
    ann, bo = await someone("Ann", "jazz 1"), await someone("Bo", "rock 1")
    session = await started(music, ann, bo)
    live = await music.sessions.next(ann, session, 4, key="next")
    queued = [turn.song for turn in live.next]
    assert len(queued) == 3
    turns = [await music.sessions.next(ann, session, key=f"then {n}") for n in range(3)]
    assert [live.now.song for live in turns] == queued


async def test_a_paused_session_waits(music, someone):
    ann = await someone("Ann", "jazz 1")
    session = await started(music, ann)
    await music.sessions.pause(ann, session, paused=True)
    with pytest.raises(NothingToDo, match="paused"):
        await music.sessions.next(ann, session, key="1")
    await music.sessions.pause(ann, session, paused=False)
    assert (await music.sessions.next(ann, session, key="2")).now


# --- coming and going, restarts, the end


async def test_a_newcomer_in_mid_song_does_not_own_the_queue(music, someone):
    ann, bo = await someone("Ann", "jazz 1", "jazz 2"), await someone("Bo", "rock 1", "rock 2")
    session = await started(music, ann)
    await played(music, ann, session, 2)
    await music.sessions.join(bo, session)
    live = await music.sessions.look(session)
    assert {person.name for person in live.people} == {"Ann", "Bo"}
    shown = [await music.sessions.next(ann, session, key=f"late {number}") for number in range(6)]
    assert 2 <= [camp(live.now) for live in shown].count("rock") <= 4


async def test_who_left_is_no_longer_chosen_for(music, someone):
    ann, bo = await someone("Ann", "jazz 1"), await someone("Bo", "rock 1")
    session = await started(music, ann, bo)
    await music.sessions.next(ann, session, key="1")
    await music.sessions.leave(bo, session)
    turns = await played(music, ann, session, 4)
    assert {camp(turn) for turn in turns} == {"jazz"}


async def test_a_session_survives_a_restart(database, clock):
    async with await MusicService.open(database, seed=1, clock=clock) as music:
        room = Community("terminal", "room", "room", "the room")
        ann = await music.arrive(Account("terminal", "ann", "Ann"), room)
        session = await started(music, ann)
        live = await music.sessions.next(ann, session, 3, key="next")
        await music.sessions.vote(ann, live.now.song_id, Kind.LIKE, key="v")
        before = await music.sessions.look(session)
    async with await MusicService.open(database, seed=2, clock=clock) as music:
        assert await music.sessions.find(ann, "") == session
        after = await music.sessions.look(session)
        assert (after.now, after.people, after.next[:2]) == (before.now, before.people, before.next[:2])


async def test_many_run_at_once_and_one_place_has_one(music, someone):
    ann, bo = await someone("Ann", "jazz 1"), await someone("Bo")
    first = await started(music, ann)
    with pytest.raises(NothingToDo, match="running here already"):
        await music.sessions.start(bo, "", "Another", key="other")
    assert (await music.sessions.start(ann, "", "Friday", key="start")).id == first
    second = await music.sessions.start(bo, "den", "Another", key="other")
    assert second.id != first
    assert await music.sessions.find(bo, "den") == second.id


async def test_an_abandoned_session_ends_by_itself(music, someone, clock):
    ann = await someone("Ann", "jazz 1")
    session = await started(music, ann)
    clock.now += QUIET
    with pytest.raises(NothingToDo, match="no session here"):
        await music.sessions.find(ann, "")
    with pytest.raises(NothingToDo, match="over"):
        await music.sessions.next(ann, session, key="1")
    assert (await music.sessions.start(ann, "", "Later", key="later")).id != session


async def test_the_end_says_who_was_served_and_what_was_new(music, someone):
    ann, bo = await someone("Ann", "jazz 1"), await someone("Bo", "jazz 2")
    session = await started(music, ann, bo)
    live = await music.sessions.next(ann, session, key="1")
    for person in (ann, bo):
        await music.sessions.vote(person, live.now.song_id, Kind.LIKE, key=f"v{person.user_id}")
    recap = await music.sessions.end(ann, session)
    assert recap.is_over
    assert (recap.loved, recap.new) == ((live.now.song,), (live.now.song,))
    told = [(person.name, person.heard, person.liked) for person in recap.people]
    assert told == [("Ann", 1, 1), ("Bo", 1, 1)]
    with pytest.raises(NothingToDo, match="over"):
        await music.sessions.join(bo, session)


# --- styles


async def test_discover_brings_artists_that_are_new_to_all(music, someone):
    ann, bo = await someone("Ann", "jazz 1", "jazz 2"), await someone("Bo", "rock 1")
    session = await started(music, ann, bo)
    await music.sessions.restyle(ann, session, "discover")
    artists = {turn.song.artist for turn in await played(music, ann, session, 6)}
    assert not artists & {"jazz 1", "jazz 2", "rock 1"}


async def test_the_crowd_pleaser_may_play_what_somebody_likes_already(music, someone):
    ann, bo = await someone("Ann", "jazz 1 song 1"), await someone("Bo", "jazz 1 song 1")
    session = await started(music, ann, bo)
    await music.sessions.restyle(ann, session, "crowd-pleaser")
    assert (await music.sessions.next(ann, session, key="1")).now.song.title == "jazz 1 song 1"


async def test_there_is_no_other_style(music, someone):
    ann = await someone("Ann")
    session = await started(music, ann)
    with pytest.raises(NotKnown, match="fair, crowd-pleaser, discover, no-misery"):
        await music.sessions.restyle(ann, session, "loud")


async def test_energy_rises_and_falls_where_it_is_known(music, someone):
    ann = await someone("Ann")
    session = await started(music, ann)

    def measured(store):
        for n, (track, *_) in enumerate(store.music.track_rows()):
            store.music.set_features(track, {"energy": 0.1 if n % 2 else 0.9})

    await music._write(measured)
    await music.sessions.bend(ann, session, 10)

    def energies(store):
        ids = [row.subject.track_id for row in Kept(store.db).songs(session)]
        known = Kept(store.db).energy(ids)
        return [known[ident] for ident in ids]

    await played(music, ann, session, 10)
    curve = await music._read(energies)
    assert sum(curve[3:8]) > 4 * sum(curve[9:])


# --- privacy


async def test_a_person_who_is_forgotten_leaves_no_trace_in_a_session(music, someone):
    ann, bo = await someone("Ann", "jazz 1"), await someone("Bo", "jazz 2")
    session = await started(music, ann, bo)
    await music.sessions.request(bo, session, await song(music, "rock 1 song 1"))
    live = await music.sessions.next(ann, session, 2, key="1")
    await music.sessions.vote(bo, live.now.song_id, Kind.LIKE, key="v")
    await music.forget(bo)

    def traces(store):
        tables = ("session_members", "session_shares", "session_wishes", "sessions", "session_songs")
        return [
            store.db.execute(f"SELECT count(*) FROM {table} WHERE user_id = ?", (bo.user_id,)).fetchone()[0]
            for table in tables
        ]

    assert await music._read(traces) == [0, 0, 0, 0, 0]
    assert (await music.sessions.look(session)).now.votes == {}


async def test_an_export_has_ones_own_sessions(music, someone):
    ann = await someone("Ann", "jazz 1")
    session = await started(music, ann)
    await music.sessions.next(ann, session, key="1")
    kept = await music.export(ann)
    assert [(one["name"], one["is_host"]) for one in kept["sessions"]] == [("Friday", 1)]
    assert len(kept["session_songs"]) == 1
