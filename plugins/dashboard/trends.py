"""How numbers went: each trend of the JSON checked once, as a page has thousands of points and is rendered twice a
second.
"""

from collections import namedtuple

from json_parts import finite, list_in, object_in

# points: (seconds before now, value), oldest first, at least two; lowest, highest: of the last `hours`; interval_s:
# usual time
# from one point to the next; whole: whether all values are whole numbers.
Trend = namedtuple("Trend", "points lowest highest hours interval_s whole")

# A line needs no more points than it has pixels.
MOST_POINTS = 120
NUMBERS = (int, float)
# Beyond it, a whole number of JSON is none that can be reckoned with. NaN is in no range.
LARGEST = 1.7e308


def trends_from(trends):
    """By field; what is no trend is left out."""
    found = {}
    for field in trends:
        trend = object_in(trends, field)
        points = points_in(list_in(trend, "points")[-MOST_POINTS:])
        lowest, highest, hours = (finite(trend.get(key)) for key in ("min", "max", "hours"))
        if len(points) > 1 and None not in (lowest, highest, hours) and hours > 0:
            whole = all(type(value) is int for _, value in points)
            found[field] = Trend(points, lowest, highest, hours, usual_interval(points), whole)
    return found


def points_in(found):
    points = []
    for point in found:
        if type(point) is list and len(point) == 2:
            ago_s, value = point
            if (
                type(ago_s) in NUMBERS
                and type(value) in NUMBERS
                and 0 <= ago_s <= LARGEST
                and -LARGEST <= value <= LARGEST
            ):
                points.append((ago_s, value))
    # In order already, unless a clock was set.
    points.sort(key=lambda point: -point[0])
    return points


def usual_interval(points):
    """Seconds: the median."""
    intervals = sorted(before[0] - after[0] for before, after in zip(points, points[1:]))
    return max(intervals[len(intervals) // 2], 1)
