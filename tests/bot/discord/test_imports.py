"""A listening history attached to /import."""

import io

from openpyxl import Workbook

from bot.adapters.discord.imports import MOST_BYTES

PLAYS = "artist,track,time\n" + "".join(f"Queen,Song {n % 5},2024-01-01 10:{n:02}:00\n" for n in range(30))


def walk(components):
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def texts(message) -> str:
    shown = [component["content"] for component in walk(message.components) if component["type"] == 10]
    return "\n".join(([message.content] if message.content else []) + shown)


async def test_an_attached_history_comes_in_and_is_summed_up_for_its_owner_alone(ann, channel):
    answer = (await ann.slash(channel, "import", file=("history.csv", PLAYS.encode()))).response
    assert answer.ephemeral
    assert "Added" in texts(answer)
    assert "30 kept" in texts(answer)
    again = (await ann.slash(channel, "import", file=("history.csv", PLAYS.encode()))).response
    assert "0 kept" in texts(again)
    year = (await ann.slash(channel, "wrapped", year=2024)).response
    assert "30 plays" in texts(year)


def workbook() -> bytes:
    """Return a listening history as Deezer hands it out."""
    book = Workbook()
    sheet = book.create_sheet("10_listeningHistory")
    sheet.append(["Song Title", "Artist", "ISRC", "Album Title", "Listening Time", "Date"])
    for minute in range(3):
        sheet.append(["Song 2", "Blur", "GBAYE9600015", "Blur", 121, f"2023-03-04 10:{minute * 10:02}:00"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


async def test_the_workbook_of_deezer_comes_in(ann, channel):
    answer = (await ann.slash(channel, "import", file=("deezer-data.xlsx", workbook()))).response
    assert "3 kept" in texts(answer)


async def test_a_file_beyond_the_wall_is_told_what_to_do(ann, channel):
    answer = (await ann.slash(channel, "import", file=("big.csv", b"x" * (MOST_BYTES + 1)))).response
    assert "larger than the 10 MB that Discord" in texts(answer)


async def test_without_a_file_it_says_how(ann, channel):
    answer = (await ann.slash(channel, "import")).response
    assert "segue import auto FILE" in texts(answer)
