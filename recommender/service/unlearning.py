"""Unlearning: after an erasure, what was learned from erased users goes too, and so do their bytes."""

import asyncio

from recommender.training.trainer import Trainer
from storage.writer import Writer

_FOLD_SECONDS = 10.0  # seconds that an erasure waits for running reads
_FOLD_PAUSE = 0.05


class Unlearning:
    """The second half of an erasure, on one database."""

    def __init__(self, writer: Writer, trainer: Trainer) -> None:
        self._writer, self._trainer = writer, trainer
        self._folding: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Remove everything that was learned from erased users, and their bytes."""
        folding = asyncio.create_task(self._fold(), name="fold")
        await self._trainer.forget()
        self._folding.add(folding)
        folding.add_done_callback(self._folding.discard)
        await asyncio.wait([folding], timeout=_FOLD_SECONDS)

    async def _fold(self) -> None:
        """Truncate the write-ahead log, as soon as no reader needs the old pages."""
        while not await asyncio.wrap_future(self._writer.fold()):  # noqa: ASYNC110 - no reader tells when
            await asyncio.sleep(_FOLD_PAUSE)

    def close(self) -> None:
        """Stop waiting for readers."""
        for folding in self._folding:
            folding.cancel()
