"""The page about the models is run: its examples work and its tables name every model."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

import recommender
from recommender.models.registry import MODELS

PAGE = (Path(recommender.__file__).parent / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def people() -> csr_matrix:
    return csr_matrix(np.random.default_rng(0).random((60, 20)) < 0.3, dtype=np.float32)


def test_the_three_lines_work(people):
    found = {"user_items": people, "known": people[:4]}
    exec(EXAMPLES[0], found)  # noqa: S102  (the page of this project)
    assert found["items"].shape == found["scores"].shape == (4, 100)
    assert (found["items"][:, 0] >= 0).all()


def test_the_nearest_are_those_that_are_allowed():
    vectors = np.random.default_rng(0).normal(size=(5_000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = {"vectors": vectors, "vector": vectors[7], "mask": np.arange(5_000) % 3 == 0}
    exec(EXAMPLES[1], found)  # noqa: S102  (the page of this project)
    assert len(found["rows"]) == 10
    assert not (found["rows"] % 3).any()
    assert (np.diff(vectors[found["rows"]] @ vectors[7]) <= 0).all()


def test_the_model_in_one_file_keeps_what_every_model_promises(people):
    found = {"__name__": "example"}
    exec(EXAMPLES[2], found)  # noqa: S102  (the page of this project)
    model = found["Cosine"].fit(people, seed=0)
    assert model.tuned["damping"] in found["Cosine"].grid["damping"]
    items, scores = model.recommend(people[:4], 5)
    assert (np.diff(scores, axis=1) <= 0).all()
    assert not (items[0][:, None] == people[0].indices).any()


def test_every_model_stands_in_the_tables():
    for name, model in MODELS.items():
        assert PAGE.count(f"| `{name}` ") >= 2, name
        assert getattr(recommender, model.__name__) is model
        assert f"`{model.__name__}`" in PAGE
    assert {model.__name__ for model in MODELS.values()} | {"Ensemble"} == {*recommender.__all__}


def test_a_name_that_is_none_is_none():
    with pytest.raises(AttributeError, match="no attribute 'Nix'"):
        _ = recommender.Nix


def test_a_chat_that_imports_the_package_does_not_wait_for_models():
    code = "import sys, json, recommender; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    assert "recommender.models" not in loaded
    assert "scipy" not in loaded
