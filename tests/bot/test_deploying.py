"""The container and the service: what their files name is there, and what they promise is said."""

import asyncio
import configparser
import json
import logging
import os
import re
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from bot import heartbeat, version
from bot.app import start_log
from bot.cli import licences
from bot.cli import main as cli
from bot.heartbeat import beat, heart
from bot.log_file import OURS
from bot.settings import Settings, variable

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
VARIABLES = {variable(name) for name in Settings.model_fields}


@pytest.fixture(scope="module")
def service():
    unit = configparser.RawConfigParser(strict=False)  # several Environment= lines
    unit.optionxform = str
    unit.read(ROOT / "deploy" / "segue.service", encoding="utf-8")
    return unit["Service"]


def test_what_the_image_copies_is_there_and_is_not_ignored():
    copied = [
        name for line in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()
    ]
    kept = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line[:1] == "!"
    }
    assert copied
    assert set(copied) == kept
    assert all((ROOT / name).exists() for name in copied)
    assert "requirements-run.lock" in copied


def test_every_setting_of_the_deployments_is_one():
    unit = (ROOT / "deploy" / "segue.service").read_text(encoding="utf-8")
    named = re.findall(r"\b(SEGUE_[A-Z_]+)=", DOCKERFILE.partition("ENV ")[2] + unit)
    assert len(named) > 5
    assert set(named) <= VARIABLES


def test_the_container_is_no_root_and_writes_in_its_volumes_alone():
    user = DOCKERFILE.index("\nUSER segue\n")
    assert DOCKERFILE.index("\nVOLUME") > user
    [volumes] = re.findall(r"^VOLUME (.+)$", DOCKERFILE, re.MULTILINE)
    assert json.loads(volumes) == re.findall(
        r"^      - \w+:(/\w+)", COMPOSE.partition("\n  kafka:")[0], re.MULTILINE
    )
    for promise in ("read_only: true", "no-new-privileges:true", "cap_drop:\n      - ALL"):
        assert promise in COMPOSE


@pytest.mark.parametrize("instruction", ["HEALTHCHECK.* CMD", "ENTRYPOINT", "CMD"])
def test_the_commands_of_the_container_are_those_of_segue(instruction):
    [said] = re.findall(rf"^{instruction} (\[.+\])$", DOCKERFILE, re.MULTILINE)
    words = [word for word in json.loads(said) if word != "segue"]
    assert set(words) <= cli.cli.commands.keys()


def test_the_service_is_shut_in_and_writes_only_where_it_may(service):
    for name, value in {
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "DynamicUser": "yes",
        "CapabilityBoundingSet": "",
        "UMask": "0077",
    }.items():
        assert service[name] == value
    unit = (ROOT / "deploy" / "segue.service").read_text(encoding="utf-8")
    written = re.findall(r"^Environment=\w+=(/.+)$", unit, re.MULTILINE)
    assert len(written) == 3
    assert all(path.startswith(("/var/lib/segue/", "/var/log/segue/")) for path in written)
    assert (service["StateDirectory"], service["LogsDirectory"]) == ("segue", "segue")
    assert service["ExecStart"].split()[1:] == ["run"]


def test_the_watchdog_waits_longer_than_a_beat(service):
    assert int(service["WatchdogSec"]) > 2 * heartbeat.BEAT_SECONDS
    assert service["Type"] == "notify"


async def test_a_beating_heart_is_seen_by_systemd_and_by_health(tmp_path, monkeypatch, capsys):
    database, address = tmp_path / "segue.db", str(tmp_path / "notify")
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.01)
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    health = ["--database", str(database), "health"]
    assert cli.run(health) == 2
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.setblocking(False)
        beating = asyncio.create_task(beat(database))
        loop = asyncio.get_running_loop()
        said = [await asyncio.wait_for(loop.sock_recv(systemd, 100), 5) for _ in range(3)]
        assert said == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        assert cli.run(health) == 0
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
    assert cli.run(health) == 2
    assert "Segue does not run on this database; start it" in capsys.readouterr().err


def test_a_heart_that_has_stopped_is_noticed(tmp_path, capsys):
    database = tmp_path / "segue.db"
    heart(database).touch()
    os.utime(heart(database), (1, 1))
    assert cli.run(["--database", str(database), "health"]) == 2
    assert "no sign of life" in capsys.readouterr().err


def test_the_version_says_the_commit(monkeypatch, tmp_path, capsys):
    assert cli.run(["--version"]) == 0
    assert re.fullmatch(r"segue \d+\.\d+\.\d+ \((\w{7,}|unknown commit)\)\n", capsys.readouterr().out)
    (tmp_path / "commit.txt").write_text("abc1234\n")
    monkeypatch.setattr(version, "_BUILT_FROM", tmp_path / "commit.txt")
    assert version.version().endswith(" (abc1234)")
    monkeypatch.setattr(version, "_BUILT_FROM", tmp_path / "none")
    monkeypatch.setattr(version, "_CLONE", tmp_path)
    assert version.version().endswith(" (unknown commit)")


def test_everything_that_segue_needs_has_a_licence_that_is_known(capsys):
    assert cli.run(["licences", "--json"]) == 0
    said = {
        one["name"].casefold().replace("_", "-"): one["licence"]
        for one in json.loads(capsys.readouterr().out)
    }
    lock = (ROOT / "requirements-run.lock").read_text(encoding="utf-8")
    needed = {name.casefold() for name in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", lock, re.MULTILINE)}
    installed = needed & said.keys()
    assert len(installed) > 40
    assert {name for name in installed if said[name] == "unknown"} == set()
    assert said["recommender/data/genre-tree.csv"] == "The MIT License"


def test_a_licence_in_full_is_not_taken_for_its_name(tmp_path):
    info = tmp_path / "odd-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: odd\nVersion: 1.0\nLicense: {'words ' * 50}\n"
    )
    [odd] = licences.distributions(path=[str(tmp_path)])
    assert licences.licence_of(odd) == "unknown"


@pytest.fixture
def untouched_logging():
    """Put all levels back, which `start_log` sets for the whole process."""
    levels = {name: logging.getLogger(name).level for name in ("", *OURS)}
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.usefixtures("untouched_logging")
@pytest.mark.parametrize("place", ["-", "log/segue.log"])
def test_the_log_is_json_and_has_no_address_with_a_token(tmp_path, monkeypatch, capsys, place):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    start_log(Settings(log=place, log_format="json", log_level="info"))
    try:
        int("odd")
    except ValueError:
        logging.getLogger("bot.x").exception("code %s: an update failed", "a1b2c3")
    logging.getLogger("bot.x").info("seen")
    logging.getLogger("httpx").info("https://example.org/bot123:secret/getMe")
    text = capsys.readouterr().err if place == "-" else Path(place).read_text(encoding="utf-8")
    for handler in logging.getLogger().handlers:
        handler.close()
    first, second = map(json.loads, text.splitlines())
    assert (first["level"], first["logger"], first["code"]) == ("error", "bot.x", "a1b2c3")
    assert first["trace"].splitlines()[-1].startswith("ValueError: invalid literal")
    assert (second["level"], second["message"]) == ("info", "seen")
    assert "secret" not in text
