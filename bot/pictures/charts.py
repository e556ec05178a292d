"""Charts: ring, bars, columns, radar and clock, each drawn into a box of a canvas."""

from collections.abc import Sequence
from math import cos, pi, sin

from bot.pictures.canvas import Box, Canvas
from bot.replies.i18n import say, share
from recommender.types import Share

_LEGEND = 27.0
_NARROW = 380.0
_LEAST = 0.004  # a slice thinner than this share would only be a line


def point(middle: tuple[float, float], radius: float, turn: float) -> tuple[float, float]:
    """Return the point at `turn` (0 to 1, clockwise from the top) of a circle."""
    return middle[0] + radius * sin(2 * pi * turn), middle[1] - radius * cos(2 * pi * turn)


def arc(middle: tuple[float, float], radius: float, start: float, end: float) -> str:
    """Return a path along a circle between two turns."""
    end = min(end, start + 0.9999)
    x0, y0 = point(middle, radius, start)
    x1, y1 = point(middle, radius, end)
    large = int(end - start > 0.5)
    return f"M{x0:.2f} {y0:.2f}A{radius:.2f} {radius:.2f} 0 {large} 1 {x1:.2f} {y1:.2f}"


def ring(canvas: Canvas, box: Box, shares: Sequence[Share]) -> None:
    """Draw shares of a whole as a ring with its legend; what is left is "others"."""
    theme = canvas.theme
    rest = 1 - sum(one.weight for one in shares)
    parts = [(one, theme.hues[n % len(theme.hues)]) for n, one in enumerate(shares)]
    if rest >= 0.01:
        parts.append((Share(say("others"), rest), theme.star))
    is_narrow = box.width < _NARROW  # the legend goes below the ring
    radius = min(box.height * 0.27, box.width / 2) if is_narrow else min(box.height / 2, box.width * 0.24)
    middle = (box.x + box.width / 2, box.y + radius) if is_narrow else (box.x + radius, box.middle[1])
    told = (
        Box(box.x, box.y + 2 * radius + 18, box.width, box.height - 2 * radius - 18)
        if is_narrow
        else Box(box.x + 2 * radius + 30, box.y, box.width - 2 * radius - 30, box.height)
    )
    thick = radius * 0.26
    gap = 0.006 if len(parts) > 1 else 0.0
    at = 0.0
    for one, hue in parts:
        end = at + one.weight
        if one.weight - gap > _LEAST:
            _slice(canvas, middle, radius, thick, (at + gap / 2, end - gap / 2), hue)
        at = end
    inner = radius - thick
    first = shares[0]
    canvas.text(middle[0], middle[1] + 4, share(first.weight), radius * 0.36, weight=800, anchor="middle")
    canvas.text(
        middle[0],
        middle[1] + radius * 0.27,
        first.name,
        15,
        fill=theme.soft,
        anchor="middle",
        room=1.55 * inner,
    )
    _legend(canvas, told, parts)


def _slice(
    canvas: Canvas,
    middle: tuple[float, float],
    radius: float,
    thick: float,
    turns: tuple[float, float],
    hue: str,
) -> None:
    """Draw a part of a ring with straight ends."""
    start, end = turns[0], min(turns[1], turns[0] + 0.9999)
    inner = radius - thick
    x, y = point(middle, inner, end)
    back_x, back_y = point(middle, inner, start)
    large = int(end - start > 0.5)
    canvas.path(
        f"{arc(middle, radius, start, end)}L{x:.2f} {y:.2f}"
        f"A{inner:.2f} {inner:.2f} 0 {large} 0 {back_x:.2f} {back_y:.2f}Z",
        hue,
    )


def _legend(canvas: Canvas, box: Box, parts: Sequence[tuple[Share, str]]) -> None:
    step = min(_LEGEND * 1.25, box.height / len(parts))
    y = box.y + (box.height - step * len(parts)) / 2 + step / 2
    for one, hue in parts:
        canvas.rect(Box(box.x, y - 6, 12, 12), hue, radius=4)
        figure = share(one.weight)
        canvas.text(box.right, y + 5, figure, 16, fill=canvas.theme.soft, anchor="end")
        canvas.text(box.x + 24, y + 5, one.name, 17, room=box.width - 24 - 62)
        y += step


def bars(canvas: Canvas, box: Box, shares: Sequence[Share], most: int = 7) -> None:
    """Draw the largest shares as bars under their names."""
    theme, shown = canvas.theme, shares[:most]
    if len(shown) == 1:
        _only(canvas, box, shown[0])
        return
    step = min(62.0, box.height / len(shown))
    y = box.y + (box.height - step * len(shown)) / 2
    longest = shown[0].weight or 1.0
    for n, one in enumerate(shown):
        hue = theme.hues[n % len(theme.hues)]
        base = y + step * 0.5
        canvas.text(box.x, base, one.name, 17, weight=600 if n == 0 else 400, room=box.width - 64)
        canvas.text(box.right, base, share(one.weight), 15, fill=theme.soft, anchor="end")
        track = Box(box.x, base + 8, box.width, 7)
        canvas.rect(track, theme.rest, radius=4)
        canvas.rect(track._replace(width=max(7, box.width * one.weight / longest)), hue, radius=4)
        y += step


def _only(canvas: Canvas, box: Box, one: Share) -> None:
    """Draw a single share: nothing is to be compared, so the name itself is the picture."""
    x, y = box.middle
    radius = min(box.height * 0.36, 84)
    canvas.light(x, y - 22, radius * 2, canvas.theme.hues[0], 0.5)
    canvas.path(arc((x, y - 22), radius, 0, 1), line=canvas.theme.hues[0], thick=8)
    canvas.text(x, y - 10, share(one.weight), radius * 0.5, weight=800, anchor="middle")
    base = min(box.bottom - 6, y + radius + 54)
    canvas.text(x, base, one.name, 34, weight=800, anchor="middle", room=box.width)


def decades(canvas: Canvas, box: Box, shares: Sequence[Share]) -> None:
    """Draw shares of decades ("1990s") as columns in time, those between without songs included."""
    theme, known = canvas.theme, {int(one.name[:4]): one.weight for one in shares}
    years = list(range(min(known), max(known) + 10, 10))
    years = sorted(known) if len(years) > 10 else years
    step = min(box.width / len(years), 74.0)
    x = box.x + (box.width - step * len(years)) / 2
    most, tall = max(known.values()), box.height - 52
    paint = canvas.shade(
        ((0, theme.hues[0], 1), (1, theme.hues[1], 1)), kind="linear", attrs='x1="0" y1="1" x2="0" y2="0"'
    )
    for year in years:
        weight = known.get(year, 0.0)
        height = max(6.0, tall * weight / most)
        wide = min(step * 0.62, 40)
        bar = Box(x + (step - wide) / 2, box.y + 26 + tall - height, wide, height)
        canvas.rect(bar, paint if weight else theme.rest, radius=8)
        middle = x + step / 2
        if weight and (weight == most or step > 46):
            canvas.text(middle, bar.y - 8, share(weight), 13, fill=theme.soft, anchor="middle")
        label = say("{}s", f"{year % 100:02}")
        canvas.text(middle, box.bottom, label, 15, fill=theme.soft, anchor="middle", room=step)
        x += step


def radar(canvas: Canvas, box: Box, shares: Sequence[Share]) -> None:
    """Draw percentiles (the average song has 0.5) as a polygon around a dashed average."""
    theme, n = canvas.theme, len(shares)
    radius = min(box.height / 2 - 26, box.width / 2 * 0.98)
    middle = (box.x + box.width / 2, box.y + box.height / 2 + 4)
    for ring_at in (1.0, 0.5):
        outline = _polygon(middle, [radius * ring_at] * n)
        canvas.path(
            outline, line=theme.soft if ring_at < 1 else theme.line, dash="3 5" if ring_at < 1 else ""
        )
    for k in range(n):
        x, y = point(middle, radius, k / n)
        canvas.path(f"M{middle[0]:.1f} {middle[1]:.1f}L{x:.1f} {y:.1f}", line=theme.line)
    # Means stay near the average: the scale is stretched around it.
    reach = [radius * min(1.0, max(0.08, 0.5 + 1.6 * (one.weight - 0.5))) for one in shares]
    canvas.path(_polygon(middle, reach), theme.hues[1], opacity=0.28)
    canvas.path(_polygon(middle, reach), line=theme.hues[1], thick=3)
    for k, one in enumerate(shares):
        x, y = point(middle, reach[k], k / n)
        canvas.circle(x, y, 4.5, theme.hues[1], line=theme.card)
        _corner(canvas, box, point(middle, radius, k / n), middle, say(one.name))


def _corner(
    canvas: Canvas, box: Box, at: tuple[float, float], middle: tuple[float, float], label: str
) -> None:
    """Write the name of a corner above or below it: beside it there is no room for long words."""
    x, y = at
    down = 20 if y > middle[1] + 1 else -9
    if abs(x - middle[0]) < 1:
        canvas.text(x, y + down, label, 15, fill=canvas.theme.soft, anchor="middle", room=box.width)
    elif x > middle[0]:
        canvas.text(box.right, y + down, label, 15, fill=canvas.theme.soft, anchor="end", room=box.width / 2)
    else:
        canvas.text(box.x, y + down, label, 15, fill=canvas.theme.soft, room=box.width / 2)


def _polygon(middle: tuple[float, float], reach: Sequence[float]) -> str:
    corners = (point(middle, radius, k / len(reach)) for k, radius in enumerate(reach))
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "Z"


def clock(canvas: Canvas, box: Box, hours: Sequence[int]) -> None:
    """Draw the plays of each hour of the day as rays of a clock with midnight at the top."""
    theme = canvas.theme
    radius = min(box.height, box.width) / 2
    middle = box.middle
    hollow = radius * 0.44
    most = max(*hours, 1)
    thick = max(4.0, 2 * pi * hollow / 24 * 0.72)
    for hour, count in enumerate(hours):
        long = (radius - hollow) * count / most
        start, end = point(middle, hollow, hour / 24), point(middle, hollow + max(long, 0.1), hour / 24)
        # Day is warm and night is cool.
        hue = theme.hues[4] if 9 <= hour < 17 else theme.hues[2] if 5 <= hour < 21 else theme.hues[0]
        full = point(middle, radius, hour / 24)
        canvas.path(
            f"M{start[0]:.1f} {start[1]:.1f}L{full[0]:.1f} {full[1]:.1f}", line=theme.rest, thick=thick
        )
        if count:
            canvas.path(f"M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}", line=hue, thick=thick)
    for hour in (0, 6, 12, 18):
        x, y = point(middle, hollow - 16, hour / 24)
        canvas.text(x, y + 5, f"{hour}", 14, fill=theme.soft, anchor="middle")
