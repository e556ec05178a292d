"""Every command on the page about the API runs, and works."""

import os
import re
import subprocess
from pathlib import Path

import pytest

import bot
from bot.adapters.web.api import gate, imports, listens
from recommender.service.api_access import SCOPES

PAGE = (Path(bot.__file__).parents[1] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def ann(api):
    one = api.person()
    with one.client:
        yield one


def test_every_shell_command_succeeds(api, ann, tmp_path):
    for block in BLOCKS:
        slate = ann.client.post("/api/v1/recommend", json={"n": 1}).json()["slate"]
        script = block.replace("http://127.0.0.1:8080", api.url).replace(
            "curl -s", "curl -sS --fail-with-body"
        )
        script = script.replace('"slate": 1', f'"slate": {slate}').replace("/lists/1/", f"/lists/{slate}/")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env=os.environ | {"TOKEN": ann.token},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"


def test_the_limits_on_the_page_are_those_of_the_code():
    assert len(BLOCKS) >= 6
    for scope in SCOPES:
        assert f"`{scope}`" in PAGE
    assert f"{listens.MOST_LISTENS:,} plays a request, {listens.MOST_LISTEN:,} bytes" in PAGE
    assert f"{gate.WRONG_TOKENS} wrong tokens a minute" in PAGE
    assert f"at most {gate.MOST_BODY >> 10} kB, pieces of a file {imports.MOST_PIECE >> 20} MB" in PAGE
