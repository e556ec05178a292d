"""What comes along with the pages, and what does not come along without them."""

import hashlib
import subprocess
import sys
from pathlib import Path

import bot.adapters.web

STATIC = Path(bot.adapters.web.__file__).parent / "static"
HTMX = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
"""SHA-256 of dist/htmx.min.js in the npm package htmx.org 2.0.11."""
EXTRA = ("fastapi", "starlette", "uvicorn", "jinja2", "itsdangerous", "segno", "python_multipart")


def test_htmx_is_the_file_of_its_package_and_its_licence_lies_beside_it():
    assert hashlib.sha256((STATIC / "htmx.min.js").read_bytes()).hexdigest() == HTMX
    assert "Zero-Clause BSD" in (STATIC / "htmx-LICENSE.txt").read_text()


def test_nothing_is_loaded_from_elsewhere():
    for path in STATIC.parent.rglob("*.html"):
        text = path.read_text()
        assert "//" not in text.replace("https://", "//").replace('startswith("//")', ""), path.name
        assert "<style" not in text
        assert "style=" not in text.replace("rel=", "")


def test_a_bot_without_pages_loads_none_of_their_libraries():
    code = f"import sys, bot.cli.run, bot.cli.tasks; print([n for n in {EXTRA} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
