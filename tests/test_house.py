"""Rules of the tree that no linter knows: names with one meaning."""

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(p for name in ("bot", "recommender", "storage") for p in (ROOT / name).rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {module_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def defined(tree: ast.Module) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in tree.body if isinstance(node, kinds)}


def test_no_import_of_a_module_finds_a_function_of_the_same_name_in_its_package():
    """`from package import name` gives the function where a package defines one like its own module."""
    hidden = [
        (module, alias.name)
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in TREES
        for alias in node.names
        if f"{node.module}.{alias.name}" in TREES and alias.name in defined(TREES[node.module])
    ]
    assert hidden == []


SEVERAL_CLASSES = {
    "Cards",  # the verbs of the service on a noun, and the noun in storage ...
    "Communities",
    "Connections",
    "Deliveries",
    "Sessions",
    "Reactions",  # ... and what each adapter makes of the same thing
    "Redraws",
    "Scene",
    "Tally",  # of names that a matching found, of rows that an import read
}
"""Public class names that stand for one noun in several layers."""

SEVERAL_FILES = {
    ("bot", "admin.py"),  # a handler, and what an adapter draws for it ...
    ("bot", "app.py"),  # of the process, and of its web pages
    ("bot", "buttons.py"),
    ("bot", "people.py"),  # users of an adapter, and the commands about users
    ("bot", "reactions.py"),
    ("bot", "sessions.py"),
    ("bot", "settings.py"),  # settings of the process, and the command
    ("bot", "groups.py"),  # an evaluation, and the group chats of an adapter
    ("bot", "i18n.py"),
    ("bot", "run.py"),
    ("recommender", "registry.py"),  # of scorers, of models
    ("recommender", "spotify.py"),  # the service of the catalogue, the service that a user connects
    ("storage", "related.py"),  # the relations, and the format that they are imported from
    ("storage", "export.py"),  # of a user's data, and the format that it can be imported from
    ("storage", "texts.py"),  # texts about artists, and the format that they come in
}
"""Names of two files of one package; adapters are parallel, so that their files may share names anyway."""


def test_no_public_class_name_means_two_things():
    where = Counter(
        node.name
        for tree in TREES.values()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert {name for name, times in where.items() if times > 1} <= SEVERAL_CLASSES


def test_no_file_name_means_two_things_within_a_package():
    names = {
        (parts[0], parts[-1], "adapters" if "adapters" in parts else str(path))
        for path in FILES
        if (parts := path.relative_to(ROOT).parts)[-1] not in ("__init__.py", "__main__.py")
    }
    where = Counter((package, name) for package, name, _ in names)
    assert {name for name, times in where.items() if times > 1} <= SEVERAL_FILES


OPTIONAL = {"annoy", "matplotlib"}
"""Packages of extras: Segue starts without them."""


def test_no_module_imports_an_extra_at_its_top():
    early = [
        (module, name)
        for module, tree in TREES.items()
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
        if name.partition(".")[0] in OPTIONAL
    ]
    assert early == []
