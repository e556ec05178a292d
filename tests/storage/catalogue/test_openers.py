"""Whom a conversation begins with says nothing of the taste of one person."""

from storage.catalogue.openers import well_known
from storage.catalogue.related import RelatedArtists


def test_what_one_person_likes_does_not_come_first_for_the_next(store):
    famous, rare = (store.music.ensure_artist(name) for name in ("ABBA", "Zyxoph"))
    RelatedArtists(store.db).set_fame(famous, "bundled", 5)
    store.music.set_listeners([(rare, 2)], [])
    assert well_known(store.db, 2) == [(famous, "ABBA"), (rare, "Zyxoph")]
    store.music.set_listeners([(rare, 3)], [])
    assert well_known(store.db, 2) == [(rare, "Zyxoph"), (famous, "ABBA")]
