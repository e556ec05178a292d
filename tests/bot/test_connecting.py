"""Connecting a service in a conversation, by a process that is only told where the services answer."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from lastfm_server import Person, serve_lastfm
from spotify_server import serve_spotify, track

from bot import cli

SEGUE = Path(sys.executable).with_name("segue")


def said(text):
    """Return the answer to each line of a scripted conversation."""
    return [answer.partition("\n")[2].strip() for answer in f"\n{text}".split("\n> ")[1:]]


def test_a_history_comes_in_and_goes_again(database, tmp_path):
    with serve_lastfm() as lastfm:
        lastfm.people["rj"] = Person(plays=[(1_600_000_000 + 300 * n, "Low", f"Song {n}") for n in range(42)])
        lines = ["/connect", "/connect lastfm nobody", "/connect lastfm rj", "/connect", "/disconnect lastfm"]
        (tmp_path / "talk.txt").write_text("\n".join([*lines, "/history"]), encoding="utf-8")
        answer = subprocess.run(
            [SEGUE, "--database", database, "chat", "--as", "Ann", "--script", tmp_path / "talk.txt"],
            env=os.environ | {"LASTFM_API_KEY": "key", "LASTFM_API_BASE": lastfm.base},
            capture_output=True, text=True, check=True, timeout=120, cwd=tmp_path,
        )  # fmt: skip
    offered, unknown, connected, shown, gone, history = said(answer.stdout)
    assert offered.startswith("Nothing is connected yet.\nYou can say: /connect lastfm NAME")
    assert unknown.startswith("Last.fm knows nobody called nobody.")
    assert connected.startswith("Connected: Last.fm as rj: 42 plays brought in, up to date.")
    assert shown.startswith("Last.fm as rj: 42 plays brought in")
    assert gone == "Disconnected and erased: 42 events. The models have forgotten them as well."
    assert history.startswith("You have not told me anything yet.")


@pytest.fixture
def spotify(monkeypatch):
    with serve_spotify() as server:
        server.tracks = [track(1, "Nick Drake", "Pink Moon")]
        monkeypatch.setenv("SPOTIFY_CLIENT_ID", "app")
        monkeypatch.setenv("SPOTIFY_CLIENT_SECRET", server.secret)
        monkeypatch.setenv("SPOTIFY_API_BASE", f"{server.base}/v1/")
        monkeypatch.setenv("SPOTIFY_ACCOUNTS_BASE", server.base)
        monkeypatch.setenv("SEGUE_TOKEN_KEY", Fernet.generate_key().decode())
        yield server


def test_spotify_is_signed_in_by_a_link_and_a_list_saved_there(talk, spotify):
    (begun,) = talk("/connect spotify")
    link = re.search(r"^http\S+$", begun, re.MULTILINE)[0]
    spotify.top = [track(9, "Zzyzx", "Qwghlm")]
    signed_in, top, liked, _, saved, gone = talk(
        f"/connect {spotify.agree(link)}", "/connect spotify top", "1", "/recommend 3", "/playlist Sunday",
        "/disconnect spotify",
    )  # fmt: skip
    assert signed_in.startswith("Connected: Spotify as Ann at Spotify.")
    assert top.startswith("You hear these most. Which do you like?\n 1 Zzyzx - Qwghlm")
    assert liked == "👍 Noted: you like Qwghlm by Zzyzx."
    assert saved.startswith(("Spotify has none of these songs", 'Saved at Spotify as "Sunday"'))
    assert gone.endswith("https://www.spotify.com/account/apps/")


def test_a_song_that_only_spotify_knows_can_be_liked(talk, spotify):
    spotify.tracks = [track(1, "Zzyzx", "Qwghlm")]
    liked, unknown = talk("/like zzyzx - qwghlm", "/like brfxxccxxmnpcccc")
    assert liked == "👍 Noted: you like Qwghlm by Zzyzx."
    assert unknown.startswith('I know no song or artist called "brfxxccxxmnpcccc".')


def test_without_spotify_everything_goes_on(talk, spotify):
    spotify.failing = 99
    unknown, liked = talk("/like zzyzx qwghlm", "/like queen")
    assert unknown.startswith('I know no song or artist called "zzyzx qwghlm".')
    assert liked.startswith("👍 Noted: you like Queen.")


def test_a_key_that_is_none_is_named(database, monkeypatch, capsys):
    monkeypatch.setenv("SEGUE_TOKEN_KEY", "hello")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert cli.run(["--database", str(database), "chat"]) == 2
    assert "SEGUE_TOKEN_KEY is no key" in capsys.readouterr().err
