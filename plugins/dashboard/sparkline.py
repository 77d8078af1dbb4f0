"""How a number went, as a line without axes: time runs to now at the right edge, so a line that ends before it is old.

Where readings were missing the line is broken. Coordinates are whole numbers relative to the point before, which makes
a line of sixty points some 350 characters. The words beside the line say what its height means.
"""

from markup import escape
from wording import hours_of, label_of, number_of, value_of

# Sixty points and fewer are told apart at either size.
LARGE = (200, 40)
SMALL = (60, 20)
# Room for half the width of the line at the upper and lower edge.
MARGIN = 3
# A pause of so many usual intervals is a gap: one poll that failed is none.
GAP_INTERVALS = 3.5
# What divides into more than a number can hold is no height.
SMALLEST_RISE = 1e-300
S_PER_HOUR = 3_600
# Counters and states, of which a line says nothing.
WITHOUT_LINE = frozenset(("uptimeSeconds", "memoryTotalMb", "iaqAccuracy"))


def path_of(trend, size):
    points = trend.points
    width, height = size
    values = [value for _, value in points]
    lowest = min(values)
    # Halved: the distance of two finite numbers may be none.
    rise = max(values) / 2 - lowest / 2
    by_x = width / max(points[0][0], 1)
    by_y = (height - 2 * MARGIN) / rise if rise > SMALLEST_RISE else 0
    flat = 0 if by_y else height // 2 - MARGIN
    gap_s = GAP_INTERVALS * trend.interval_s
    drawn, before_s, x, y = [], None, 0, 0
    for ago_s, value in points:
        to_x = width - round(by_x * ago_s)
        to_y = height - MARGIN - flat - round(by_y * (value / 2 - lowest / 2))
        if before_s is None or before_s - ago_s > gap_s:
            drawn.append(f"M{to_x} {to_y}h0")
        elif to_y < y:
            drawn.append(f"l{to_x - x}{to_y - y}")
        elif to_x != x or to_y != y:
            drawn.append(f"l{to_x - x} {to_y - y}")
        before_s, x, y = ago_s, to_x, to_y
    return "".join(drawn)


def range_words(trend):
    lowest, highest = number_of(trend.lowest), number_of(trend.highest)
    if lowest == highest:
        return f"steady for {hours_of(trend.hours)}"
    return f"{lowest} to {highest} in {hours_of(trend.hours)}"


def sparkline(field, trend, unit, size):
    """The line has a name: what it shows, since when, and between which values."""
    drawn_hours = max(trend.points[0][0], 1) / S_PER_HOUR
    unit = value_of(field, trend.highest, unit)[1]
    spoken = f"{label_of(field)}, last {hours_of(drawn_hours)}; {range_words(trend)}{f', {unit}' if unit else ''}"
    return (
        f'<svg class="trend" viewBox="0 0 {size[0]} {size[1]}" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(spoken, 200)}"><path d="{path_of(trend, size)}"/></svg>'
    )


def trend_of(reading, field):
    return None if field in WITHOUT_LINE else reading.trends.get(field)
