"""A restore revives no API token and no browser that was ended since the backup."""

import pytest

from storage.backups.credentials import LIST, Credentials, listed, write_list
from storage.backups.making import make
from storage.records import Account
from storage.restoring import restore
from storage.store import Store
from storage.users.api_tokens import ApiTokens
from storage.users.web_sessions import WebSessions

ADA = Account("terminal", "ada", "Ada")
SCOPES = frozenset({"read"})


@pytest.fixture
def backup(database, tmp_path):
    """A backup with two tokens, two browsers and a link; in its database one of each was ended since."""
    with Store.open(database) as store:
        with store.db.atomic():
            store.people.ensure(ADA, now=1)
            tokens, web = ApiTokens(store.db), WebSessions(store.db)
            for name in ("kept", "revoked"):
                tokens.add(ADA, name, name.encode(), SCOPES, now=1)
                web.begin(ADA, name, "en", "Firefox", now=1)
            web.offer(ADA, "link", "en", now=1)
        make(database, tmp_path / "b.zip", made_by="segue", now=1)
        with store.db.atomic():
            tokens.remove(tokens.find(b"revoked").id)
            web.end(store.people.find("terminal", "ada"), web.find("revoked", now=2).id)
    return tmp_path / "b.zip"


def working(database):
    """Return the tokens, browsers and links that work."""
    with Store.open(database, readonly=True) as store:
        tokens, web = ApiTokens(store.db), WebSessions(store.db)
        names = ("kept", "revoked")
        return (
            [name for name in names if tokens.find(name.encode())],
            [name for name in names if web.find(name, now=2)],
            web.is_open("link", now=2),
        )


def test_the_database_that_is_replaced_tells_what_works(database, backup):
    assert restore(backup, database, replace=True).ended == 2
    assert working(database) == (["kept"], ["kept"], False)


def test_else_the_list_beside_the_backup_tells(database, backup, tmp_path):
    with Store.open(database, readonly=True) as store:
        write_list(tmp_path, store.identity(), Credentials(store.db).all())
    assert restore(backup, place := tmp_path / "new" / "segue.db").ended == 2
    assert working(place) == (["kept"], ["kept"], False)


def test_where_nothing_tells_all_of_them_end(backup, tmp_path):
    assert restore(backup, place := tmp_path / "new" / "segue.db").ended == 4
    assert working(place) == ([], [], False)


def test_the_list_has_what_works_now_for_each_database(tmp_path):
    write_list(tmp_path, "one", frozenset({"a", "b"}))
    write_list(tmp_path, "two", frozenset({"c"}))
    write_list(tmp_path, "one", frozenset({"b"}))
    assert (listed(tmp_path, "one"), listed(tmp_path, "two")) == ({"b"}, {"c"})
    assert listed(tmp_path, "three") is None
    assert [path.name for path in tmp_path.iterdir()] == [LIST]
