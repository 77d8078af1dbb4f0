"""When a reading is stale: a minute without a new one, in which several polls at any usual interval have failed.

A sensor that is polled more rarely than that would be stale most of the time. Its trend tells: three of its own
intervals must have passed then. A trend that is full says nothing of the interval, as its points are means over
minutes.
"""

from wording import age_of

STALE_AFTER_S = 60
STALE_INTERVALS = 3
# Beyond the minute over which a host takes means.
RARE_INTERVAL_S = 90
FULL_TREND_POINTS = 50
# Longer than any usual pause.
STALE_AT_LAST_S = 86_400


def stale_after(reading):
    """Seconds."""
    longest = STALE_AFTER_S
    for trend in reading.trends.values():
        if len(trend.points) < FULL_TREND_POINTS and trend.interval_s > RARE_INTERVAL_S:
            longest = max(longest, STALE_INTERVALS * trend.interval_s)
    return int(min(longest, STALE_AT_LAST_S))


def is_stale(reading):
    return reading.age_s is None or reading.age_s > stale_after(reading)


def age_words(reading):
    if reading.age_s is None:
        return "stale, age unknown"
    return f"stale, {age_of(reading.age_s)}" if is_stale(reading) else age_of(reading.age_s)
