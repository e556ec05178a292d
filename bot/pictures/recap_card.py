"""The picture of a session: how long, how many songs, who was served how well, the song everybody liked."""

from collections.abc import Sequence

from bot.pictures import Drawing, Look
from bot.pictures.canvas import Box, Canvas, columns
from bot.pictures.page import HEAD, MARGIN, WIDTH, Figure, header
from bot.pictures.theme import THEMES
from bot.replies.i18n import counted, number, percent, say
from recommender.sessions.recap import Recap, ServedMember
from recommender.types import Song

_MOST_PEOPLE = 8
_MOST_SONGS = 3
_ROW = 62.0
_LEAST = 210.0  # height of the panels


def recap_card(recap: Recap, look: Look) -> Drawing:
    """Return the picture of a session."""
    people = recap.people[:_MOST_PEOPLE]
    songs = [(say("Liked by most"), recap.loved), (say("New and liked"), recap.new)]
    shown = [(title, found[:_MOST_SONGS]) for title, found in songs if found]
    tall = max(_LEAST, 82 + _ROW * len(people), sum(96 + _ROW * len(found) for _, found in shown) + 18)
    canvas = Canvas("session", WIDTH, int(HEAD + tall + MARGIN), THEMES[look])
    minutes = max(1, round(recap.seconds / 60))
    counts = (counted(minutes, "minute"), counted(len(recap.songs), "song"))
    figures = [Figure(*count.split(" ", 1)) for count in counts]
    if recap.skipped:
        figures.append(Figure(number(recap.skipped), say("skipped")))
    header(canvas, recap.name, "", figures)
    line = Box(MARGIN, HEAD, WIDTH - 2 * MARGIN, tall)
    left, right = columns(line, (1.15, 1), 18) if shown and people else (line, line)
    if people:
        _people(canvas, canvas.card(left, say("How each of you liked it")), people)
    if shown:
        _liked(canvas, right, shown)
    alt = "; ".join(f"{person.name or say('somebody')}: {percent(person.share)}" for person in people)
    return canvas.drawing(f"{recap.name}: {', '.join(counts)}. {alt}")


def _people(canvas: Canvas, box: Box, people: Sequence[ServedMember]) -> None:
    theme, step = canvas.theme, min(84.0, box.height / len(people))
    y = box.y + (box.height - step * len(people)) / 2
    for n, person in enumerate(people):
        hue = theme.hues[n % len(theme.hues)]
        middle = y + step / 2
        name = person.name or say("somebody")
        canvas.circle(box.x + 20, middle, 20, hue, opacity=0.28)
        initial = next((c for c in name if c.isalnum()), name[:1])
        canvas.text(box.x + 20, middle + 7, initial.upper(), 19, fill=hue, weight=800, anchor="middle")
        told = f"👍 {number(person.liked)}   👎 {number(person.disliked)}"
        wide = canvas.text(box.right, middle - 4, told, 16, fill=theme.soft, anchor="end")
        canvas.text(box.x + 56, middle - 4, name, 20, weight=600, room=box.width - 56 - wide - 20)
        track = Box(box.x + 56, middle + 10, box.width - 56 - 66, 9)
        canvas.rect(track, theme.rest, radius=5)
        canvas.rect(track._replace(width=max(9, track.width * min(person.share, 1))), hue, radius=5)
        canvas.text(box.right, middle + 20, percent(person.share), 16, fill=theme.ink, anchor="end")
        y += step


def _liked(canvas: Canvas, box: Box, lists: Sequence[tuple[str, Sequence[Song]]]) -> None:
    """Draw lists of songs in panels one below the other."""
    rows = sum(96 + _ROW * len(songs) for _, songs in lists)
    room = (box.height - 18 * (len(lists) - 1)) / rows
    y = box.y
    for n, (title, songs) in enumerate(lists):
        tall = room * (96 + _ROW * len(songs))
        panel = Box(box.x, y, box.width, tall)
        inside = canvas.card(panel, title)
        hue = canvas.theme.hues[4 if n == 0 else 5]
        if n == 0:
            canvas.light(panel.right - 76, y + 76, 74, hue, 0.6)
        step = min(84.0, inside.height / len(songs))
        top = inside.y + (inside.height - step * len(songs)) / 2 + step / 2
        for k, song in enumerate(songs):
            middle = top + step * k
            canvas.rect(Box(inside.x, middle - 22, 5, 44), hue, radius=3)
            title_room = inside.width - 24
            canvas.text(inside.x + 22, middle - 2, song.title or song.artist, 23, weight=600, room=title_room)
            if song.title is not None:
                soft = canvas.theme.soft
                canvas.text(inside.x + 22, middle + 22, song.artist, 17, fill=soft, room=title_room)
        y += tall + 18
