"""The way of a line through the code is counted right, and that of a list stays short."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bot.commands.thumbs import thumbs_in

FILE = Path(__file__).with_name("trace.py")
MOST_FILES, MOST_MOVES = 74, 405


@pytest.fixture(scope="module")
def trace() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tools_trace", FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules["tools_trace"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
async def test_a_list_passes_few_files_and_moves_little_between_them(trace, tmp_path):
    found = await trace.traced("/recommend", ["/like Queen", "/like Nirvana"], tmp_path)
    assert len(found.calls) <= MOST_FILES
    assert found.moves.total() <= MOST_MOVES
    assert found.moves["recommender/slates/__init__.py", "recommender/pipeline/__init__.py"] == 1
    assert found.report(top=1).startswith(f"{len(found.calls)} files, {found.moves.total()} moves")


def test_a_move_is_a_call_from_another_file_of_the_project(trace):
    found = trace.Trace(watching=True)
    sys.setprofile(found)
    try:
        thumbs_in("+1")
        len("not ours")
    finally:
        sys.setprofile(None)
    assert set(found.calls) == {"bot/commands/thumbs.py"}
    assert not found.moves  # this test is no file of the product
