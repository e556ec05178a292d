"""Every setting is in `.env.example`, and is read from where people put it."""

import re
from pathlib import Path

import pytest

from bot.settings import STARTER, Settings, load, variable
from recommender.errors import MusicError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)


def test_the_example_file_shows_every_setting_and_no_other():
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    shown = re.findall(r"^# ([A-Z_]+)=", text, re.MULTILINE)
    assert sorted(shown) == sorted(variable(name) for name in Settings.model_fields)
    assert all(field.description for field in Settings.model_fields.values())


def test_the_example_file_copied_as_it_is_changes_nothing(tmp_path):
    without = Settings()
    (tmp_path / ".env").write_text((ROOT / ".env.example").read_text(encoding="utf-8"), encoding="utf-8")
    assert Settings() == without
    text = (tmp_path / ".env").read_text(encoding="utf-8").replace("# SEGUE_", "SEGUE_")
    (tmp_path / ".env").write_text(text, encoding="utf-8")
    assert Settings().database.name == "segue.db"


def test_argument_goes_before_environment_goes_before_file(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("SEGUE_DATABASE=file.db\nSEGUE_SEED=3\n", encoding="utf-8")
    assert load().database == Path("file.db")
    monkeypatch.setenv("SEGUE_DATABASE", "~/environment.db")
    assert load().database == Path.home() / "environment.db"
    assert load(Path("argument.db")) == Settings(database=Path("argument.db"), seed=3)


def test_a_setting_that_cannot_be_is_named(monkeypatch):
    monkeypatch.setenv("SEGUE_SEED", "soon")
    with pytest.raises(MusicError, match="The setting SEGUE_SEED cannot be 'soon'"):
        load()


def test_the_starter_catalogue_comes_along():
    assert STARTER.is_file()
