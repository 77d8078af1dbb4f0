"""Names, numbers, ages and times as people read them. Pure text in, pure text out: escaping is left to the page."""

from datetime import UTC, datetime

from json_parts import finite, is_number

LABELS = {
    "temperature": "Temperature",
    "humidity": "Humidity",
    "pressure": "Pressure",
    "gasResistance": "Gas resistance",
    "iaqScore": "Air quality",
    "iaqAccuracy": "Air quality trust",
    "cpuTemp": "CPU temperature",
    "cpuUsage": "CPU usage",
    "memoryUsedMb": "Memory used",
    "memoryTotalMb": "Memory total",
    "uptimeSeconds": "Uptime",
    "fanOn": "Fan",
}
ACCURACIES = ("burning in", "young baseline", "earlier baseline", "stable")
SECONDS_OF = (("d", 86_400), ("h", 3_600), ("min", 60))
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# From here on, and below, a number is shorter as a power of ten.
LARGEST_WRITTEN = 1e9
SMALLEST_WRITTEN = 1e-4
NARROW_SPACE = "\u202f"


def label_of(field):
    """`gasResistance` and `gas_resistance` become `Gas resistance`."""
    if field in LABELS:
        return LABELS[field]
    field = field[:200]
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in field).replace("_", " ").split()
    text = " ".join(words)
    return text[:1].upper() + text[1:] or field


def is_alarm_name(field):
    """`alarm`, `lowWaterAlarm`, `door_alarm`: by such a name a plugin says that something is wrong, with 0 for no."""
    return field.lower() == "alarm" or field.endswith("Alarm") or field.lower().endswith(("_alarm", "-alarm"))


def duration_of(seconds):
    """The two largest units: `3 d 4 h`, `2 min 5 s`; of whole minutes and hours the first alone."""
    rest = max(int(seconds), 0)
    parts = []
    for unit, size in SECONDS_OF:
        if rest >= size or parts:
            parts.append((rest // size, unit))
            rest %= size
    parts.append((rest, "s"))
    return " ".join(f"{count} {unit}" for at, (count, unit) in enumerate(parts[:2]) if count or at == 0)


def age_of(seconds):
    if seconds < 2:
        return "just now"
    return f"{duration_of(seconds)} ago"


def hours_of(hours):
    """`12 min`, `1.5 h`, `3 h`."""
    if hours < 1:
        return f"{max(1, round(hours * 60))}\u00a0min"
    return f"{round(hours, 1 if hours < 2 else None):g}\u00a0h"


def clock_of(ms):
    """`(ISO 8601, hours minutes seconds)` in UTC; None for a time that no calendar has."""
    if ms is None or not 0 <= ms < 4e12:
        return None
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ"), moment.strftime("%H:%M:%S")


def number_of(value, digits=None):
    """At most two digits after the point, fewer for large numbers; a real minus sign; powers of ten for the absurd."""
    size = abs(value)
    if size >= LARGEST_WRITTEN or 0 < size < SMALLEST_WRITTEN:
        return power_of_ten(value)
    text = f"{value:.{digits_of(size) if digits is None else digits}f}"
    if digits is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    if not text.strip("-0."):
        text = text.lstrip("-")
    if size >= 10_000:
        text = f"{round(value):,}".replace(",", NARROW_SPACE)
    return text.replace("-", "−")


def digits_of(size):
    if 0 < size < 0.1:
        return 4 if size < 0.01 else 3
    return 0 if size >= 1000 else 1 if size >= 10 else 2


def power_of_ten(value):
    mantissa, exponent = f"{value:.2e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".").replace("-", "−")
    return f"{mantissa} × 10{str(int(exponent)).translate(SUPERSCRIPTS)}"


def steady_digits(value, trend):
    """As many digits as its last values had, so that 21.0 between 20.9 and 21.1 does not jump; None where all are
    whole.
    """
    if trend is None or trend.whole:
        return None
    return min(digits_of(abs(value)), 2)


def value_of(field, value, unit, trend=None):
    """`(value, unit)` to be shown, as text."""
    unit = unit if isinstance(unit, str) else ""
    if value is None or (is_number(value) and finite(value) is None):
        return "–", unit
    if isinstance(value, bool):
        return ("yes" if value else "no"), unit
    if not is_number(value):
        return str(value), unit
    if value in (0, 1) and is_alarm_name(field):
        return ("raised" if value else "none"), ""
    if field == "uptimeSeconds":
        return duration_of(value), ""
    if field == "fanOn":
        return ("on" if value else "off"), ""
    if field == "iaqAccuracy" and value in range(len(ACCURACIES)):
        return ACCURACIES[int(value)], ""
    if field == "iaqScore":
        return number_of(value), "/ 100"
    return number_of(value, steady_digits(value, trend)), unit
