"""Files within upload limits: as they are, zipped, or the zip in parts."""

import io
import zipfile
from dataclasses import replace

from bot.replies import FileReply
from bot.replies.i18n import say


def fitted(reply: FileReply, most: int) -> tuple[FileReply, ...]:
    """Return the file as files of at most `most` bytes each; zipping a large one takes seconds.

    Parts of a zip are named as zip programs name volumes: `.001` opens all of them.
    """
    if len(reply.content) <= most:
        return (reply,)
    packed = _zipped(reply)
    if len(packed.content) <= most:
        return (packed,)
    starts = range(0, len(packed.content), most)
    return tuple(
        _part(packed, packed.content[at : at + most], n, len(starts)) for n, at in enumerate(starts, 1)
    )


def _zipped(reply: FileReply) -> FileReply:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(reply.name, reply.content)
    stem = reply.name.rpartition(".")[0] or reply.name
    return replace(reply, name=f"{stem}.zip", content=kept.getvalue())


def _part(whole: FileReply, content: bytes, number: int, parts: int) -> FileReply:
    how = say("Part {} of {}: put all parts into one folder and open the first with 7-Zip.", number, parts)
    sentence = f"{whole.sentence} {how}" if number == 1 else how
    return FileReply(f"{whole.name}.{number:03}", content, sentence)
