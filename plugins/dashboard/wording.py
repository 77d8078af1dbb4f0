"""Names, numbers and ages as people read them. Pure text in, pure text out: escaping is left to the page."""

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


def label_of(field):
    """`gasResistance` and `gas_resistance` become `Gas resistance`."""
    if field in LABELS:
        return LABELS[field]
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in field).replace("_", " ").split()
    return " ".join(words).capitalize() or field


def duration_of(seconds):
    """The two largest units: `3 d 4 h`, `2 min 5 s`."""
    rest = max(int(seconds), 0)
    parts = []
    for unit, size in SECONDS_OF:
        if rest >= size or parts:
            parts.append(f"{rest // size} {unit}")
            rest %= size
    parts.append(f"{rest} s")
    return " ".join(parts[:2])


def age_of(seconds):
    if seconds < 2:
        return "just now"
    if seconds < 60:
        return f"{int(seconds)} s ago"
    return f"{duration_of(seconds)} ago"


def is_number(value):
    """A number as JSON has it; a whole one beyond any float is text to us."""
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < 2**63
    return isinstance(value, float)


def number_of(value):
    """At most two digits after the point, fewer for large numbers, none that say nothing; a real minus sign."""
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def value_of(field, value, unit):
    """`(value, unit)` to be shown, as text."""
    if value is None or (is_number(value) and value - value != 0):
        return "–", unit
    if not is_number(value):
        return str(value), unit
    if field == "uptimeSeconds":
        return duration_of(value), ""
    if field == "fanOn":
        return ("on" if value else "off"), ""
    if field == "iaqAccuracy" and value in range(len(ACCURACIES)):
        return ACCURACIES[int(value)], ""
    if field == "iaqScore":
        return number_of(value), "/ 100"
    return number_of(value), unit
