"""Connecting services in a conversation; only settings say where they answer."""

import io
import re

import pytest
from cryptography.fernet import Fernet
from lastfm_server import Person, serve_lastfm
from spotify_server import serve_spotify, track

from bot.cli import main as cli
from bot.handlers import connecting


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Let an answer wait as long as this machine takes."""
    monkeypatch.setattr(connecting, "_PATIENCE", 60.0)


@pytest.fixture
def lastfm(monkeypatch):
    with serve_lastfm() as server:
        monkeypatch.setenv("LASTFM_API_KEY", server.key)
        monkeypatch.setenv("LASTFM_API_BASE", server.base)
        yield server


def test_a_history_comes_in_and_goes_again(talk, lastfm):
    lastfm.people["rj"] = Person(plays=[(1_600_000_000 + 300 * n, "Low", f"Song {n}") for n in range(42)])
    answers = talk(
        "/connect",
        "/connect lastfm nobody",
        "/connect lastfm rj",
        "/connect",
        "/disconnect lastfm",
        "/history",
    )
    offered, unknown, connected, shown, gone, history = answers
    assert offered.startswith("Nothing is connected yet.\nYou can say: /connect lastfm NAME")
    assert unknown.startswith("Last.fm knows nobody called nobody.")
    assert connected.startswith("Connected: Last.fm as rj: 42 plays imported, up to date.")
    assert shown.startswith("Last.fm as rj: 42 plays imported")
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
        f"/connect {spotify.agree(link)}",
        "/connect spotify top",
        "1",
        "/recommend 3",
        "/playlist Sunday",
        "/disconnect spotify",
    )
    assert signed_in.startswith("Connected: Spotify as Ann at Spotify.")
    assert top.startswith("You hear these most. Which do you like?\n 1 Zzyzx - Qwghlm")
    assert liked == "👍 Noted: you like Qwghlm by Zzyzx."
    assert saved.startswith(("Spotify has none of these songs", 'Saved at Spotify as "Sunday"'))
    assert gone.endswith("https://www.spotify.com/account/apps/")


def test_a_song_that_only_spotify_knows_can_be_liked(talk, spotify):
    spotify.tracks = [track(1, "Zzyzx", "Qwghlm")]
    liked, unknown = talk("/like zzyzx - qwghlm", "/like brfxxccxxmnpcccc")
    assert liked == "Found at Spotify. 👍 Noted: you like Qwghlm by Zzyzx."
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


def test_what_a_session_played_becomes_a_playlist(talk, spotify):
    spotify.tracks = [track(1, "Zzyzx", "Qwghlm")]
    talk("/like zzyzx qwghlm")  # so that its id is known
    (begun,) = talk("/connect spotify")
    link = re.search(r"^http\S+$", begun, re.MULTILINE)[0]
    talk(f"/connect {spotify.agree(link)}")
    none, *_, saved = talk(
        "/playlist session",
        "/session start Friday",
        "/session add zzyzx qwghlm",
        "/next",
        "/playlist session",
    )
    assert "session" in none
    assert saved.startswith('Saved at Spotify as "Friday, 20')
    (kept,) = spotify.playlists.values()
    assert kept["items"] == '["spotify:track:0000000000000000000001"]'
