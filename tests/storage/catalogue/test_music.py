import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.catalogue.vocabulary import Vocabulary
from storage.errors import InvalidFactError, UnknownIdError
from storage.records import FEATURES, Account, Artist, Subject, Track
from storage.search import Search
from storage.store import Store


def test_one_artist_under_all_spellings_and_the_first_stays(store):
    bjork = store.music.ensure_artist("Björk")
    assert store.music.ensure_artist("bjork", country="IS") == bjork
    assert store.music.ensure_artist("BJÖRK", country="GB") == bjork
    assert store.music.artist(bjork) == Artist(bjork, "Björk", country="IS")


def test_a_track_is_known_by_its_artist_and_title(store):
    queen, moby = store.music.ensure_artist("Queen"), store.music.ensure_artist("Moby")
    first = store.music.ensure_track(queen, "Flash")
    assert store.music.ensure_track(queen, "flash!") == first
    assert store.music.ensure_track(moby, "Flash") != first


def test_only_what_is_unknown_of_a_track_is_filled_in(store):
    queen = store.music.ensure_artist("Queen")
    song = store.music.ensure_track(queen, "Innuendo", year=1991)
    store.music.ensure_track(queen, "Innuendo", year=2011, album="Innuendo", explicit=False, popularity=60.5)
    store.music.ensure_track(queen, "Innuendo", album="Greatest Hits", duration_ms=390_000, explicit=True)
    assert store.music.track(song) == Track(
        song, queen, "Innuendo", "Queen", "Innuendo", 1991, 390_000, explicit=False, popularity=60.5
    )


@pytest.mark.parametrize("name", ["", "  ", "\x00", "\t\n"])
def test_a_name_of_nothing_is_refused(store, name):
    queen = store.music.ensure_artist("Queen")
    with pytest.raises(InvalidFactError, match="artist needs a name"):
        store.music.ensure_artist(name)
    with pytest.raises(InvalidFactError, match="track needs a title"):
        store.music.ensure_track(queen, name)
    with pytest.raises(InvalidFactError, match="tag needs a name"):
        store.music.ensure_tag(name)


def test_names_are_shown_in_one_line_without_control_characters(store):
    artist = store.music.ensure_artist(" Sigur\tRós\x00\x1b ")
    song = store.music.ensure_track(artist, "Svefn-g-\nenglar\udcff")
    assert store.music.track(song).artist == "Sigur Rós"
    assert store.music.track(song).title == "Svefn-g- englar"


def test_an_unknown_id_is_an_error_and_among_many_it_is_left_out(store):
    queen = store.music.ensure_artist("Queen")
    with pytest.raises(UnknownIdError, match="no artist 99"):
        store.music.artist(99)
    with pytest.raises(UnknownIdError, match="no track 99"):
        store.music.track(99)
    assert list(store.music.artists([99, queen, queen])) == [queen]
    assert store.music.tracks([99]) == {}


def test_many_ids_are_fetched_at_once(store):
    queen = store.music.ensure_artist("Queen")
    songs = [store.music.ensure_track(queen, f"Song {number}") for number in range(1200)]
    assert sorted(store.music.tracks(songs)) == songs


def test_the_best_known_songs_come_first(store):
    queen = store.music.ensure_artist("Queen")
    unknown, popular, heard, other = (store.music.ensure_track(queen, title) for title in "abcd")
    store.music.ensure_track(queen, "b", popularity=80.0)
    store.music.set_listeners([], [(heard, 3)])
    assert [track.id for track in store.music.tracks_of(queen, 3)] == [heard, popular, unknown]
    assert len(store.music.tracks_of(queen, 9)) == len({unknown, popular, heard, other})


def test_an_outside_id_names_a_track_or_an_artist_and_stays_with_its_first(store):
    queen = store.music.ensure_artist("Queen")
    first, second = (store.music.ensure_track(queen, title) for title in ("One", "Two"))
    store.music.add_track_id(first, "isrc", "GBUM71029604")
    store.music.add_track_id(second, "isrc", "GBUM71029604")
    store.music.add_artist_id(queen, "spotify", "1dfeR4HaWDbWqFHLkxsg1d")
    assert store.music.by_external_id("isrc", "GBUM71029604") == Subject(queen, first)
    assert store.music.by_external_id("spotify", "1dfeR4HaWDbWqFHLkxsg1d") == Subject(queen)
    assert store.music.by_external_id("spotify", "GBUM71029604") is None


def test_own_tags_come_before_the_artists_and_the_strongest_first(store):
    artist = store.music.ensure_artist("Air")
    song = store.music.ensure_track(artist, "La femme d'argent")
    names = ("ambient", "dreamy", "french", "electronic")
    ambient, dreamy, french, electronic = map(store.music.ensure_tag, names)
    store.music.tag_track(song, dreamy, "starter", 1.0)
    store.music.tag_track(song, ambient, "starter", 2.0)
    store.music.tag_artist(artist, french, "starter", 1.0)
    store.music.tag_artist(artist, dreamy, "starter", 9.0)
    store.music.tag_artist(artist, electronic, "starter", 1.0)
    fan = store.people.ensure(Account("lastfm-2k", "1", "1"), now=1)
    store.music.add_tagging(fan, artist, electronic, at=None)
    assert store.music.tags_of(Subject(artist, song)) == ["ambient", "dreamy", "electronic", "french"]
    assert store.music.tags_of(Subject(artist)) == ["dreamy", "electronic", "french"]


@pytest.mark.parametrize(
    ("word", "tag"),
    [
        ("dreamy", "dreamy"),
        ("Dreamey", "dreamy"),
        ("HIP HOP", "Hip-Hop"),
        ("hiphop", "Hip-Hop"),
        ("polka", None),
    ],
)
def test_a_tag_is_found_by_the_word_that_means_it(store, word, tag):
    for name in ("dreamy", "Hip-Hop", "dream pop", "drone"):
        store.music.ensure_tag(name)
    assert store.music.find_tag(word) == tag


def test_of_tags_equally_near_the_one_in_use_is_meant(store):
    artist = store.music.ensure_artist("Air")
    for name in ("chillin", "chillan"):
        store.music.ensure_tag(name)
    store.music.tag_artist(artist, store.music.ensure_tag("chillan"), "starter", 1.0)
    assert store.music.find_tag("chillen") == "chillan"


def test_a_tag_keeps_its_first_spelling_and_takes_a_kind(store):
    tag = store.music.ensure_tag("Hip-Hop")
    assert store.music.ensure_tag("hip hop", "genre") == store.music.ensure_tag("HIP-HOP", "mood") == tag
    assert store.music.tag_names() == {tag: "Hip-Hop"}
    assert store.db.execute("SELECT kind FROM tags").fetchone() == ("genre",)


def test_weights_for_training_count_each_person_once_and_the_latest_import(store):
    artist = store.music.ensure_artist("Air")
    song = store.music.ensure_track(artist, "Sexy Boy", year=1998, popularity=70.0)
    tag = store.music.ensure_tag("french")
    fans = [store.people.ensure(Account("lastfm-2k", str(n), "x"), now=1) for n in range(2)]
    for fan in (*fans, *fans):
        store.music.add_tagging(fan, artist, tag, at=5)
    store.music.tag_artist(artist, tag, "starter", 1.0)
    store.music.tag_artist(artist, tag, "starter", 3.0)
    store.music.tag_track(song, tag, "starter", 0.5)
    store.music.tag_track(song, tag, "spotify", 0.25)
    assert list(store.music.artist_tag_rows()) == [(artist, tag, 5.0)]
    assert list(store.music.track_tag_rows()) == [(song, tag, 0.75)]
    assert list(store.music.track_rows()) == [(song, artist, 70.0, 1998, None)]
    assert list(store.music.all_artist_ids()) == [artist]


def test_audio_features_are_filled_in_and_an_unknown_one_is_refused(store):
    song = store.music.ensure_track(store.music.ensure_artist("Air"), "Sexy Boy")
    store.music.set_features(song, {"tempo": 110.0, "energy": 0.5})
    store.music.set_features(song, {"energy": 0.75, "tempo": None})
    known = {"energy": 0.75, "tempo": 110.0}
    assert list(store.music.feature_rows()) == [(song, *(known.get(name) for name in FEATURES))]
    with pytest.raises(InvalidFactError, match="no audio features smell"):
        store.music.set_features(song, {"smell": 1.0})


def test_listeners_are_those_of_the_latest_training(store):
    one, two = store.music.ensure_artist("One"), store.music.ensure_artist("Two")
    store.music.set_listeners([(one, 5), (two, 7)], [])
    store.music.set_listeners([(one, 6)], [])
    assert [artist.listeners for artist in store.music.artists([one, two]).values()] == [6, 0]


def test_listeners_may_be_kept_in_slices(store):
    queen = store.music.ensure_artist("Queen")
    songs = [store.music.ensure_track(queen, title) for title in "abcd"]
    listeners = ([(queen, 9)], [(song, 5) for song in songs])
    assert [store.music.set_listeners(*listeners, at_most=2) for _ in range(4)] == [3, 1, 0, 0]
    assert [track.listeners for track in store.music.tracks(songs).values()] == [5] * 4
    assert store.music.artist(queen).listeners == 9


def test_counts_say_what_there_is(store):
    store.music.ensure_track(store.music.ensure_artist("Air"), "Sexy Boy")
    assert store.music.counts() == {
        "artists": 1,
        "tracks": 1,
        "tags": 0,
        "audio_features": 0,
        "taggings": 0,
    }


def test_words_taken_back_by_a_rollback_are_stored_with_the_next_name(database):
    with Store.open(database) as store:
        store.db.execute("BEGIN IMMEDIATE")
        store.music.ensure_artist("Zeppelin")
        store.db.rollback()
        with store.db.atomic():
            store.music.ensure_artist("Zeppelin")
        assert [match.artist for match in Search(store).find("zepelin")] == ["Zeppelin"]


def test_every_name_is_found_by_itself(database):
    with Store.open(database) as store:

        @settings(max_examples=80)
        @given(st.lists(st.text(max_size=12), max_size=8))
        def check(names):
            store.db.execute("BEGIN")
            store.vocabulary = Vocabulary()
            ids = {store.music.ensure_artist(f"x{name}x"): f"x{name}x" for name in names}
            search = Search(store)
            for artist_id, name in ids.items():
                assert Subject(artist_id) in [match.subject for match in search.find(name, 50)]
            store.db.rollback()

        check()


def test_a_tag_of_one_person_is_shown_to_nobody(store):
    artist, wedding = store.music.ensure_artist("ABBA"), store.music.ensure_tag("our wedding")
    people = [store.people.ensure(Account("telegram", str(n), "x"), now=1) for n in range(3)]
    for n, person in enumerate(people):
        assert (list(store.music.artist_tag_rows()), store.music.tags_of(Subject(artist))) == ([], []), n
        store.music.add_tagging(person, artist, wedding, 1)
    assert list(store.music.artist_tag_rows()) == [(artist, wedding, 3.0)]
    assert store.music.tags_of(Subject(artist)) == ["our wedding"]


def test_a_tag_of_a_catalogue_or_a_data_set_is_shown_whoever_gives_it(store):
    artist = store.music.ensure_artist("ABBA")
    pop, disco = store.music.ensure_tag("pop"), store.music.ensure_tag("disco")
    store.music.tag_artist(artist, pop, "bundled", 1.0)
    store.music.add_tagging(store.people.ensure(Account("telegram", "1", "x"), now=1), artist, pop, 1)
    store.music.add_tagging(store.people.ensure(Account("lastfm-2k", "1", "x"), now=1), artist, disco, 1)
    assert list(store.music.artist_tag_rows()) == [(artist, pop, 2.0), (artist, disco, 1.0)]
