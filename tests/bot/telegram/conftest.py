"""Telegram's HTML is read here by the same strict reader as end to end."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "e2e" / "telegram"))
