"""When a reading is stale: a minute without a new one, in which several polls at any usual interval have failed.

A sensor that is polled more rarely than that would be stale most of the time: three of its own intervals must have
passed then.
"""

from wording import age_of

STALE_AFTER_S = 60
STALE_INTERVALS = 3
UNKNOWN = "unknown"
LAST_READ = "last read "
# Longer than any usual pause.
STALE_AT_LAST_S = 172_800


def stale_after(reading):
    """Seconds."""
    return int(min(max(STALE_AFTER_S, STALE_INTERVALS * (reading.every_s or 0)), STALE_AT_LAST_S))


def is_stale(reading):
    return is_unknown(reading) or reading.age_s is None or reading.age_s > stale_after(reading)


def is_unknown(reading):
    """A poll of it failed since: what was read last need not hold any more, however young it is."""
    return reading.unknown_s is not None


def age_words(reading):
    if is_unknown(reading):
        return f"{UNKNOWN}, {LAST_READ}{age_of(reading.age_s)}" if reading.age_s is not None else UNKNOWN
    if reading.age_s is None:
        return "stale, age unknown"
    return f"stale, {age_of(reading.age_s)}" if is_stale(reading) else age_of(reading.age_s)
