"""`segue web` and SEGUE_WEB: the pages alone, and beside the bot."""

import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from bot.cli import doctor
from bot.cli.run import chosen, need
from bot.settings import Settings
from recommender.errors import MusicError

MAIN = "from bot.cli.main import main; main()"


def test_segue_web_serves_the_pages_alone_and_signs_in_whoever_starts_it(database):
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        sys.executable,
        "-c",
        MAIN,
        "--database",
        str(database),
        "web",
        "--listen",
        address,
        "--as",
        "Ann",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) as segue:
        try:
            link = re.search(r"http://\S+", segue.stderr.readline())[0]
            assert link.startswith(f"http://{address}/in/")
            assert "Segue is on web" in segue.stderr.readline()
            with httpx.Client(follow_redirects=True, timeout=30) as http:
                token = re.search(r'name="token" value="([^"]+)"', http.get(link).text)[1]
                page = http.post(link, data={"token": token})
                assert "Signed in as Ann" in page.text
                assert http.get(f"http://{address}/operator").status_code == 200
        finally:
            segue.send_signal(signal.SIGTERM)
        assert segue.wait(20) == 0


def test_the_pages_stand_beside_every_platform_where_the_setting_says_so():
    here = {"web": "127.0.0.1:8080"}
    talks = {"DISCORD_TOKEN": "x"}
    assert chosen(Settings(**here), None) == ("web",)
    assert chosen(Settings(**here, **talks), None) == ("discord", "web")
    assert chosen(Settings(**here, **talks), "discord") == ("discord", "web")
    assert chosen(Settings(**here), "web") == ("web",)
    assert chosen(Settings(**talks), None) == ("discord",)


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr("bot.cli.run.find_spec", lambda _: None)
    need(("discord",))
    with pytest.raises(MusicError, match=r"pip install 'segue\[web\]'"):
        need(("web",))
    monkeypatch.setattr("bot.cli.doctor.find_spec", lambda name: None if name == "segno" else object())
    check = doctor._pages(Settings(web="127.0.0.1:8080"))
    assert (check.fine, check.found.partition(";")[0]) == (False, "not installed (segno)")
    assert doctor._pages(Settings()).fine


def test_without_the_setting_the_chat_says_that_there_are_no_pages(talk):
    assert talk("/web") == ["Whoever runs me has not switched on the web pages: the setting is SEGUE_WEB."]
