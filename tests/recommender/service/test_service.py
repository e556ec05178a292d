"""The door: whole asks, from a name or a press to songs with true reasons."""

import asyncio
from collections import Counter

import numpy as np
import pytest

from recommender.bandit.policy import POLICIES
from recommender.errors import NothingToDo, NotKnown
from recommender.pipeline.user_profile import UserProfile
from recommender.service import MusicService
from recommender.slates import make_slate
from recommender.types import Query
from storage.records import Account, Community, Event, Kind, Subject
from storage.writer import Writer

NOW = 1_700_000_000


async def subject(music, name):
    return (await music.names.resolve(name)).song.subject


async def like(music, listener, name, kind=Kind.LIKE):
    return await music.reactions.record(listener, await subject(music, name), kind, key=f"{kind} {name}")


async def slate(music, listener, n=5, **query):
    served = await music.recommend(Query(listener.user_id, n, listener.community_id, **query))
    await music.shown(served.id)
    return served


def camps(served):
    return {pick.song.artist.split()[0] for pick in served.picks}


async def test_somebody_new_is_shown_what_many_listen_to(music, ann):
    served = await slate(music, ann)
    assert len(served.picks) == 5
    assert {pick.explanation.kind for pick in served.picks} == {"popular"}


async def test_who_was_here_before_is_greeted_without_a_write(music, monkeypatch):
    account = Account("terminal", "bob", "Bob")
    first = await music.arrive(account)

    monkeypatch.setattr(music, "_write", None)  # whoever writes now fails
    assert await music.arrive(account) == first


async def test_one_like_is_felt_by_the_next_slate(music, ann):
    await like(music, ann, "jazz 1")
    served = await slate(music, ann)
    assert camps(served) == {"jazz"}
    assert served.picks[0].explanation.kind == "because"
    assert served.picks[0].cause.label == "jazz 1"


async def test_a_cause_that_was_only_played_is_no_like_until_somebody_says_so(music, ann):
    artist = await subject(music, "jazz 1")
    play = Event("play", ann.user_id, artist, Kind.PLAY, "terminal", plays=50)
    await music._write(lambda store: store.log.append(play, now=NOW))
    first = (await slate(music, ann)).picks[0].explanation
    assert (first.cause, first.played) == (artist, True)
    await like(music, ann, "jazz 1")
    second = (await slate(music, ann)).picks[0].explanation
    assert (second.cause, second.played) == (artist, False)


async def test_a_reason_falls_silent_when_its_cause_is_taken_back(music, ann):
    await like(music, ann, "jazz 1")
    await music.reactions.undo(ann, key="undo")
    served = await slate(music, ann)
    assert {pick.explanation.kind for pick in served.picks} == {"popular"}


async def test_nothing_by_a_disliked_or_blocked_artist_is_shown(music, ann):
    await like(music, ann, "jazz 1")
    await like(music, ann, "jazz 2", Kind.DISLIKE)
    await like(music, ann, "jazz 3", Kind.BLOCK)
    shown = {pick.song.artist for _ in range(3) for pick in (await slate(music, ann)).picks}
    assert shown.isdisjoint({"jazz 2", "jazz 3"})


async def test_a_disliked_song_is_gone_and_its_artist_stays(music, ann):
    await like(music, ann, "jazz 1")
    await like(music, ann, "jazz 0 song 0", Kind.DISLIKE)
    titles = {pick.song.title for _ in range(3) for pick in (await slate(music, ann, n=20)).picks}
    assert "jazz 0 song 0" not in titles
    assert "jazz 0 song 1" in titles


async def test_at_most_two_songs_of_one_artist(music, ann):
    await like(music, ann, "rock 1")
    served = await slate(music, ann, n=20)
    assert max(Counter(pick.song.artist for pick in served.picks).values()) <= 2


async def test_an_artist_without_songs_is_recommended_as_an_artist(music, ann):
    await like(music, ann, "jazz 1")
    served = await slate(music, ann, n=20)
    songless = await subject(music, "jazz 5")
    assert [p.song.label for p in served.picks if p.song.subject == songless] == ["jazz 5"]


async def test_the_next_slate_brings_other_songs(music, ann):
    await like(music, ann, "rock 1")
    first, second = await slate(music, ann), await slate(music, ann)
    assert {p.song.subject for p in first.picks}.isdisjoint({p.song.subject for p in second.picks})


async def test_a_slate_nobody_saw_does_not_count_as_shown(music, ann):
    await like(music, ann, "rock 1")
    unseen = await music.recommend(Query(ann.user_id, 20))
    seen = await slate(music, ann, n=20)
    assert not {p.song.subject for p in unseen.picks}.isdisjoint({p.song.subject for p in seen.picks})


async def test_similar_is_the_same_ask_with_seeds(music, ann):
    seed = await subject(music, "rock 2")
    served = await slate(music, ann, seeds=(seed,))
    assert camps(served) == {"rock"}
    assert all(pick.song.subject.artist_id != seed.artist_id for pick in served.picks)
    assert {pick.cause.label for pick in served.picks} == {"rock 2"}


async def test_a_wish_is_kept_by_every_song(music, ann):
    await like(music, ann, "rock 1")
    assert camps(await slate(music, ann, tags=("jazz",))) == {"jazz"}


async def test_what_fits_no_wish_says_so(music, ann):
    with pytest.raises(NothingToDo, match="jazz rock"):
        await music.recommend(Query(ann.user_id, 5, tags=("jazz", "rock")))


async def test_a_press_sets_changes_and_takes_back_a_verdict(music, ann):
    served = await slate(music, ann)
    verdicts = [
        await music.reactions.press(ann, served.id, 0, kind, key=f"press {n}")
        for n, kind in enumerate([Kind.LIKE, Kind.DISLIKE, Kind.DISLIKE])
    ]
    assert verdicts == [Kind.LIKE, Kind.DISLIKE, None]
    assert (await music.slate(ann)).picks[0].verdict is None


async def test_the_same_press_delivered_twice_counts_once(music, ann):
    served = await slate(music, ann)
    both = [await music.reactions.press(ann, served.id, 0, Kind.LIKE, key="the same") for _ in range(2)]
    assert both == [Kind.LIKE, Kind.LIKE]
    assert (await music.profile(ann)).likes == 1


async def test_presses_at_the_same_instant_take_turns(music, ann):
    served = await slate(music, ann)
    verdicts = await asyncio.gather(
        *(music.reactions.press(ann, served.id, 0, Kind.LIKE, key=f"press {n}") for n in range(9))
    )
    assert sorted(map(str, verdicts)) == ["None"] * 4 + ["like"] * 5
    assert (await music.slate(ann)).picks[0].verdict == Kind.LIKE


async def test_others_pressing_my_card_is_their_own_like(music, ann):
    bob = await music.arrive(Account("terminal", "bob", "Bob"))
    served = await slate(music, ann)
    await music.reactions.press(bob, served.id, 0, Kind.LIKE, key="bob")
    assert (await music.profile(bob)).likes == 1
    assert (await music.profile(ann)).likes == 0


async def test_pressing_a_list_that_is_gone_says_what_to_do(music, ann):
    with pytest.raises(NotKnown, match="/recommend"):
        await music.reactions.press(ann, 12345, 0, Kind.LIKE, key="late")


async def test_saying_it_twice_stores_it_once(music, ann):
    assert await like(music, ann, "rock 1")
    assert not await music.reactions.record(ann, await subject(music, "rock 1"), Kind.LIKE, key="again")
    assert len(await music.diary.lines(ann)) == 1


async def test_undo_with_nothing_to_take_back_says_so(music, ann):
    with pytest.raises(NothingToDo):
        await music.reactions.undo(ann, key="undo")


async def test_every_reason_names_what_the_score_falls_without(music, ann):
    """The sentence "because you like X" is checked by doing without X."""
    for name in ("rock 1", "rock 2", "jazz 3"):
        await like(music, ann, name)
    served = await slate(music, ann, n=10)
    snapshot = music._trainer.snapshot
    checked = 0
    for pick in served.picks:
        if pick.explanation.kind == "artist":  # a reason that needs no score: it is theirs
            assert pick.explanation.cause == Subject(pick.song.subject.artist_id)
            assert pick.song.artist in ("rock 1", "rock 2", "jazz 3")
            continue
        axis_name, _, scorer_name = pick.explanation.scorer.partition(".")
        axis = getattr(snapshot, axis_name)
        scorer = next(s for s in axis.scorers if s.name == scorer_name)
        taste = await music._read(lambda store: store.profiles.made(ann.user_id, UserProfile.read))
        profile = getattr(taste.request(snapshot, served.query, NOW + 60.0), axis_name)
        said = pick.song.subject, pick.explanation.cause
        item, cause = (axis.items.column(s.artist_id if axis_name == "artists" else s.track_id) for s in said)

        def strength(known, scorer=scorer, item=item):
            return np.nan_to_num(scorer.score(known)[item])

        drops = {k: strength(profile) - strength(profile.without(k)) for k in profile.items.tolist()}
        assert drops[cause] == pytest.approx(max(drops.values()), rel=1e-4)
        assert drops[cause] > 0
        checked += 1
    assert checked >= 5


async def test_any_slate_can_be_replayed_from_its_seed(music, ann):
    await like(music, ann, "rock 1")
    served = await music.recommend(Query(ann.user_id, 5))
    snapshot, policy = music._trainer.snapshot, POLICIES["bandit"]
    stored = await music._read(lambda store: store.slates.get(served.id))
    again = await music._read(
        lambda store: make_slate(store, snapshot, policy, served.query, seed=stored.seed, now=NOW + 60.0)
    )
    made, kept = ([(i.subject, i.propensity, i.features) for i in s.impressions] for s in (again, stored))
    assert made == kept


async def test_forgetting_reaches_what_was_learned(music):
    fan = await music.arrive(Account("world", "rock fan 0", "rock fan 0"))
    assert fan.user_id in music._trainer.snapshot.artists.listening.users.ids
    await music.forget(fan)
    assert fan.user_id not in music._trainer.snapshot.artists.listening.users.ids
    assert fan.user_id not in await music._read(lambda store: [row[0] for row in store.log.listening()])


async def test_what_is_learned_after_somebody_was_forgotten_is_kept(database):
    async with await MusicService.open(database, clock=lambda: NOW + 60.5) as service:
        await service.forget(await service.arrive(Account("world", "rock fan 0", "rock fan 0")))
        after = service._trainer.snapshot.version
    async with await MusicService.open(database, clock=lambda: NOW + 60.9, learn=False) as service:
        assert service._trainer.snapshot.version == after


async def test_a_snapshot_from_before_somebody_was_forgotten_is_not_used_again(database):
    async with await MusicService.open(database, clock=lambda: NOW + 60.0) as service:
        fan = await service.arrive(Account("world", "rock fan 0", "rock fan 0"))
        before = service._trainer.snapshot.version
        # The process dies after the facts are erased and before it has learned anew.
        await service._write(lambda store: store.people.forget(fan.user_id))
    async with await MusicService.open(database, clock=lambda: NOW + 120.0) as service:
        assert service._trainer.snapshot.version != before
        assert fan.user_id not in service._trainer.snapshot.artists.listening.users.ids


async def test_the_snapshot_of_last_time_is_loaded_not_made_again(database):
    async with await MusicService.open(database, clock=lambda: NOW + 60.0) as service:
        first = service._trainer.snapshot.version
    async with await MusicService.open(database, clock=lambda: NOW + 90.0) as service:
        assert service._trainer.snapshot.version == first


@pytest.mark.parametrize("damage", ["manifest.json", "s.tracks.item_tags.data.npy", "current"])
async def test_a_damaged_snapshot_is_set_aside_and_made_again(database, damage):
    async with await MusicService.open(database, clock=lambda: NOW + 60.0):
        pass
    models = database.with_name(database.name + ".models")
    for path in models.rglob(damage):
        path.write_bytes(b"\x93NUMPY broken")
    async with await MusicService.open(database, clock=lambda: NOW + 90.0) as service:
        ann = await service.arrive(Account("terminal", "ann", "Ann"))
        assert len((await service.recommend(Query(ann.user_id, 5))).picks) == 5


async def test_what_another_process_brings_in_is_learned_in_the_background(music, ann, database):
    with Writer(database) as other:
        artist = other.write(lambda store: store.music.ensure_artist("newcomer")).result()
        other.write(lambda store: store.music.ensure_track(artist, "first")).result()
    assert (await music.names.resolve("newcomer first")).song.title == "first"
    music._trainer._looked = 0.0
    await slate(music, ann)
    await music._trainer._background
    newcomer = await subject(music, "newcomer")
    assert music._trainer.snapshot.artists.items.column(newcomer.artist_id) >= 0


async def test_many_here_like_it_is_said_from_three_on(music):
    place = Community("terminal", "club", "room", "the club")
    members = [await music.arrive(Account("terminal", f"m{n}", f"m{n}"), place) for n in range(3)]
    for member in members:
        await music.reactions.record(
            member, await subject(music, "rock 3 song 2"), Kind.LIKE, key=f"{member.user_id}"
        )
    await music.train()
    guest = await music.arrive(Account("terminal", "guest", "guest"), place)
    served = await slate(music, guest, n=3)
    here = {(p.cause.label, p.explanation.count) for p in served.picks if p.explanation.kind == "community"}
    assert here == {("rock 3 - rock 3 song 2", 3), ("rock 3", 3)}


async def test_the_profile_sums_up_what_was_said(music, ann):
    await like(music, ann, "rock 1 song 1")
    await like(music, ann, "rock 1")
    await like(music, ann, "jazz 2", Kind.DISLIKE)
    await like(music, ann, "jazz 3", Kind.BLOCK)
    profile = await music.profile(ann)
    assert (profile.likes, profile.dislikes) == (2, 1)
    assert [share.name for share in profile.artists] == ["rock 1"]
    assert [share.name for share in profile.tags] == ["rock"]
    assert [(share.name, share.weight) for share in profile.decades] == [("1970s", 1.0)]
    assert [song.label for song in profile.blocked] == ["jazz 3"]


async def test_a_song_nobody_knows_can_be_added_liked_and_found(music, ann):
    song = await music.names.add(ann, "Somebody New", "A Song")
    assert song == await music.names.add(ann, "somebody new", "a song")
    assert await music.reactions.record(ann, song.subject, Kind.LIKE, key="like")
    assert (await music.profile(ann)).likes == 1
    assert (await slate(music, ann)).picks


async def test_imported_popularity_goes_first_while_nobody_has_listened(tmp_path):
    database = tmp_path / "catalogue.db"
    with Writer(database) as writer:
        for n in range(30):
            artist = writer.write(lambda store, n=n: store.music.ensure_artist(f"artist {n}")).result()
            popularity = 90.0 if n == 17 else None
            writer.write(
                lambda store, n=n, artist=artist, popularity=popularity: store.music.ensure_track(
                    artist, f"song {n}", popularity=popularity
                )
            ).result()
    async with await MusicService.open(database) as service:
        ann = await service.arrive(Account("terminal", "ann", "Ann"))
        assert (await service.recommend(Query(ann.user_id, 1))).picks[0].song.title == "song 17"


@pytest.mark.parametrize("word", ["80s", "1980s", "80's"])
async def test_a_decade_can_be_wished_for(music, ann, word):
    decade = await music.names.find_tag(word)
    served = await slate(music, ann, tags=(decade,))
    assert decade == "1980s"
    assert {pick.song.year for pick in served.picks} == {1980}


async def test_what_is_no_decade_here_is_no_wish(music):
    assert [await music.names.find_tag(word) for word in ("30s", "80", "s", "tens")] == [None] * 4


@pytest.mark.parametrize(
    ("scheme", "value", "typed"),
    [
        ("isrc", "GBUM71029604", "GB-UM7-10-29604"),
        (
            "spotify",
            "4u7EnebtmKWzUH433cf5Qv",
            "https://open.spotify.com/intl-de/track/4u7EnebtmKWzUH433cf5Qv?si=1",
        ),
        ("youtube", "fJ9rUzIMcZQ", "https://music.youtube.com/watch?v=fJ9rUzIMcZQ&list=x"),
        ("apple", "1440806768", "https://music.apple.com/us/album/whatever/1440806041?i=1440806768"),
    ],
)
async def test_a_link_or_code_of_a_known_song_is_that_song(music, scheme, value, typed):
    song = (await music.names.resolve("rock 3 song 1")).song
    await music._write(lambda store: store.music.add_track_id(song.subject.track_id, scheme, value))
    assert (await music.names.resolve(typed)).song == song
