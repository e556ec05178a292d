"""Count the way one chat line takes through the code: files entered and moves between files.

    python tests/tools/trace.py "/recommend"
    python tests/tools/trace.py "/recommend" --after "/like Queen" --after "/like Nirvana"

Opens a new database with the bundled catalogue in a temporary folder, types the lines of `--after` into a
terminal conversation unwatched, then traces the last line.  A *move* is a call of a function of the project
from a function in another file of the project (the nearest one on the stack; none at the start of a thread).
Coroutines count when they start, not when they resume; comprehensions and generators count as their file.
"""

import argparse
import asyncio
import io
import sys
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bot.adapters.terminal.chat import Conversation, Screen
from bot.settings import STARTER
from recommender.service import MusicService

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = tuple(f"{ROOT / name}/" for name in ("bot", "recommender", "storage"))

Hop = tuple[str, str]


@dataclass
class Trace:
    """What one line passed through."""

    calls: Counter[str] = field(default_factory=Counter)  # by file, relative to the project
    moves: Counter[Hop] = field(default_factory=Counter)  # by (from file, to file)
    watching: bool = False
    _seen: dict[int, FrameType] = field(default_factory=dict)  # frames kept, so that no id is used twice

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """Note one event; for `sys.setprofile`."""
        if not self.watching or event != "call" or id(frame) in self._seen:
            return
        if (here := _project_file(frame)) is None:
            return
        self._seen[id(frame)] = frame
        self.calls[here] += 1
        caller = frame.f_back
        while caller is not None and (there := _project_file(caller)) is None:
            caller = caller.f_back
        if caller is not None and there is not None and there != here:
            self.moves[there, here] += 1

    def report(self, top: int) -> str:
        """Return the figures and the most frequent moves, in lines."""
        hops = [f"{count:5}  {a} -> {b}" for (a, b), count in self.moves.most_common(top)]
        head = f"{len(self.calls)} files, {self.moves.total()} moves, {self.calls.total()} calls"
        return "\n".join([head, *hops])


def _project_file(frame: FrameType) -> str | None:
    name = frame.f_code.co_filename
    return name[len(str(ROOT)) + 1 :] if name.startswith(PACKAGES) else None


async def traced(line: str, after: list[str], folder: Path) -> Trace:
    """Type `after`, then `line`, into a conversation on a new database in `folder`; trace the last one."""
    trace = Trace()
    threading.setprofile(trace)  # the threads of the service start below
    sys.setprofile(trace)
    try:
        async with await MusicService.open(folder / "trace.db", starter=STARTER, seed=0) as music:
            conversation = Conversation(music, "tracer", Screen(io.StringIO()), folder)
            for said in after:
                await conversation.hear(said)
            trace.watching = True
            await conversation.hear(line)
            trace.watching = False
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return trace


def main() -> None:
    """Print the trace of the line given on the command line."""
    parser = argparse.ArgumentParser(description="Count files and moves of one chat line.")
    parser.add_argument("line", help='what is typed, such as "/recommend"')
    parser.add_argument("--after", action="append", default=[], help="typed before it; repeatable")
    parser.add_argument("--top", type=int, default=15, help="how many moves to list (15)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(asyncio.run(traced(asked.line, asked.after, Path(folder))).report(asked.top))


if __name__ == "__main__":
    main()
