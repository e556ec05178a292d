"""`segue catalog`: seeing and correcting what is one work."""

import json

import pytest

from bot.cli import main as cli
from storage.writer import Writer


@pytest.fixture
def band(tmp_path, monkeypatch):
    monkeypatch.setenv("SEGUE_LOG", str(tmp_path / "segue.log"))
    monkeypatch.chdir(tmp_path)

    def world(store):
        artist = store.music.ensure_artist("Band")
        for title, seconds in (("Song", 200), ("Song - 2011 Remaster", 201), ("Other", 100)):
            store.music.ensure_track(artist, title, duration_ms=1000 * seconds)

    with Writer(tmp_path / "m.db") as writer:
        writer.write(world).result()

    def run(*arguments):
        return cli.run(["--database", str(tmp_path / "m.db"), "catalog", *arguments])

    return run


def test_versions_are_counted_by_rule_and_shown(band, capsys):
    assert band("versions") == 0
    assert capsys.readouterr().out == (
        "2 of 3 songs are versions of 1 works (duration: 2).\n"
        "#1 Band - Song [200 s]  =  #2 Band - Song - 2011 Remaster [201 s]  (duration)\n"
    )


def test_split_and_merge_take_each_other_back(band, capsys):
    figures = []
    for verb in ("split", "merge"):
        assert band(verb, "#1", "#2") == 0
        capsys.readouterr()
        band("versions", "--json")
        figures.append(json.loads(capsys.readouterr().out)["versions"])
    assert figures == [0, 2]


def test_songs_go_by_their_names(band, capsys):
    assert band("merge", "Band - Song", "Band - Other") == 0
    assert capsys.readouterr().out.startswith("Song by Band and Other by Band are versions of one work")
    band("versions", "Band - Other")
    assert "#1 Band - Song [200 s]  =  #3 Band - Other [100 s]  (operator)" in capsys.readouterr().out


@pytest.mark.parametrize("names", [("#1", "#1"), ("#1", "#99"), ("#1", "nobody - nothing")])
def test_what_cannot_be_decided_is_refused_in_a_sentence(band, capsys, names):
    assert band("merge", *names) == 2
    assert capsys.readouterr().err.startswith("segue: ")
