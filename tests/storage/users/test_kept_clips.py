"""The vector of a clip is kept while its user says so, and no moment longer."""

import json

import numpy as np
import pytest

from storage.records import Account, Impression, Slate, Subject
from storage.users.kept_clips import SETTING, KeptClips
from storage.users.linking import Linking

VECTOR = (np.arange(400) / 400).astype("<f2").tobytes()


@pytest.fixture
def clips(store):
    return KeptClips(store.db)


@pytest.fixture
def people(store):
    accounts = (Account("telegram", "1", "Ann"), Account("discord", "7", "annie"))
    return [store.people.ensure(account, now=1) for account in accounts]


def says(store, user, value):
    store.people.set_setting("user", user, SETTING, value)


def listed(store, user) -> int:
    """Return the id of a new list of this user, made from a clip."""
    song = Subject(store.music.ensure_artist("Queen"))
    query = {"n": 1, "heard": [["jazz", 0.8]]}
    slate = Slate(user, None, query, 1, "sound", "s1", (Impression(0, song, 1.0, {}, {"kind": "sound"}),), 5)
    return store.slates.add(slate).id


def kept(store) -> list[tuple[int, int]]:
    """Return (user, list) of all that is kept."""
    return store.db.execute(
        "SELECT user_id, slate_id FROM kept_clips JOIN slates ON slates.id = slate_id ORDER BY 2"
    ).fetchall()


def test_without_a_yes_nothing_is_kept(store, clips, people):
    ann, annie = people
    says(store, annie, "keep")
    assert not clips.add(listed(store, ann), VECTOR)
    says(store, ann, "forget")
    assert not clips.add(listed(store, ann), VECTOR)
    assert not clips.add(99, VECTOR)
    assert kept(store) == []


def test_what_is_kept_is_its_owners_alone(store, clips, people):
    ann, annie = people
    says(store, ann, "keep")
    mine = listed(store, ann)
    assert clips.add(mine, VECTOR)
    assert clips.vector(ann, mine) == VECTOR
    assert clips.vector(annie, mine) is None
    assert (clips.count(ann), clips.count(annie)) == (1, 0)


@pytest.mark.parametrize("change", ["forget", "unset"])
def test_a_no_erases_ones_own_and_nobody_elses(store, clips, people, change):
    ann, annie = people
    mine, hers = (says(store, user, "keep") or listed(store, user) for user in people)
    assert clips.add(mine, VECTOR)
    assert clips.add(hers, VECTOR)
    if change == "forget":
        says(store, ann, "forget")
    else:
        store.db.execute("DELETE FROM settings WHERE scope_id = ? AND name = ?", (ann, SETTING))
    assert kept(store) == [(annie, hers)]


def test_another_setting_erases_nothing(store, clips, people):
    ann, _ = people
    says(store, ann, "keep")
    assert clips.add(listed(store, ann), VECTOR)
    store.people.set_setting("user", ann, "pictures", "off")
    store.people.set_setting("community", ann, SETTING, "forget")
    assert clips.count(ann) == 1


def test_the_export_has_the_numbers_and_the_words(store, clips, people):
    ann, _ = people
    says(store, ann, "keep")
    mine = listed(store, ann)
    clips.add(mine, VECTOR)
    exported = json.loads(json.dumps(store.people.export(ann)))["kept_clips"]
    numbers = np.frombuffer(VECTOR, "<f2").astype(float).tolist()
    assert exported == [{"slate_id": mine, "words": [["jazz", 0.8]], "vector": numbers}]


def test_the_forgotten_leave_no_clip(store, clips, people):
    ann, annie = people
    for user in people:
        says(store, user, "keep")
        clips.add(listed(store, user), VECTOR)
    assert store.people.forget(ann)["kept_clips"] == 1
    assert [user for user, _ in kept(store)] == [annie]


def linked(store, host, guest) -> None:
    linking = Linking(store.db)
    linking.offer(host, "CODE", now=3)
    linking.join(host, guest, "CODE", now=4)


def test_a_link_brings_clips_along_and_parting_takes_them_back(store, clips, people):
    ann, annie = people
    says(store, annie, "keep")
    hers = listed(store, annie)
    clips.add(hers, VECTOR)
    linked(store, ann, annie)
    assert clips.vector(ann, hers) == VECTOR
    later = listed(store, ann)
    assert clips.add(later, VECTOR)
    Linking(store.db).part(ann, now=5)
    # The yes was annie's: it leaves with her, and what was kept of ann since is erased.
    assert kept(store) == [(annie, hers)]
    assert store.people.setting("user", ann, SETTING) is None


def test_of_linked_accounts_a_no_goes_before_a_yes(store, clips, people):
    ann, annie = people
    says(store, annie, "keep")
    clips.add(listed(store, annie), VECTOR)
    says(store, ann, "forget")
    linked(store, ann, annie)
    assert kept(store) == []
