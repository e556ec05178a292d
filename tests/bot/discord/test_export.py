"""What is kept about a person arrives however much it is, and within what the place takes."""

import io
import json
import zipfile

import pytest
import simcord.interactions

from bot.replies import FileReply
from bot.replies.files import fitted

LISTENS = "artist,track,time\n" + "".join(
    f"Queen,Song {n},2024-01-01 {n // 60:02}:{n % 60:02}:00\n" for n in range(300)
)


@pytest.fixture
def most(monkeypatch):
    """Let the place take files of so many bytes."""
    usual = simcord.interactions.base_payload

    def limit(size: int) -> None:
        def limited(*given, **named):
            record, payload = usual(*given, **named)
            return record, {**payload, "attachment_size_limit": size}

        monkeypatch.setattr(simcord.interactions, "base_payload", limited)

    return limit


async def exported(ann, channel, size: int) -> dict[str, bytes]:
    answer = await ann.slash(channel, "export")
    files = {}
    for message in (answer.response, *answer.followups):
        assert message.ephemeral
        for attachment in message.attachments:
            assert attachment.size <= size
            files[attachment.filename] = await attachment.read()
    return files


async def test_a_long_history_is_zipped_where_the_place_takes_no_more(ann, channel, most):
    await ann.slash(channel, "import", file=("history.csv", LISTENS.encode()))
    most(30_000)
    files = await exported(ann, channel, 30_000)
    assert list(files) == ["segue-export.zip"]
    with zipfile.ZipFile(io.BytesIO(files["segue-export.zip"])) as archive:
        assert len(json.loads(archive.read("segue-export.json"))["events"]) == 300


async def test_what_is_too_long_even_zipped_comes_in_parts(ann, channel, most):
    await ann.slash(channel, "import", file=("history.csv", LISTENS.encode()))
    most(2_000)
    files = await exported(ann, channel, 2_000)
    assert len(files) > 2
    with zipfile.ZipFile(io.BytesIO(b"".join(files[name] for name in sorted(files)))) as archive:
        assert len(json.loads(archive.read("segue-export.json"))["events"]) == 300


@pytest.mark.parametrize("most_bytes", [1, 7, 10_000])
def test_the_parts_of_a_file_are_the_whole_file(most_bytes):
    content = bytes(range(256)) * 3
    parts = fitted(FileReply("segue-export.json", content, "All of it."), most_bytes)
    assert all(len(part.content) <= most_bytes for part in parts)
    joined = b"".join(part.content for part in parts)
    if len(parts) > 1:
        assert [part.name for part in parts[:2]] == ["segue-export.zip.001", "segue-export.zip.002"]
        with zipfile.ZipFile(io.BytesIO(joined)) as archive:
            joined = archive.read("segue-export.json")
    assert joined == content
