"""The newest readings as lines of text. A value that need not hold any more is not shown: a word stands in its place."""

# When a reading is stale: as on the page of the plugin dashboard.
STALE_AFTER_S = 60
STALE_INTERVALS = 3
UNKNOWN = "unknown"
STALE = "old"
NOTHING = "no readings yet"
# From there on decimals say nothing.
WHOLE_FROM = 1000


def lines_of(data, wanted, width, count):
    """`wanted`: `plugin/sensor/field` of each value to show, in this order; none of them: every value."""
    values = list(values_of(data))
    if wanted:
        found = {key: line for key, *line in reversed(values)}
        chosen = [found.get(key, (key, UNKNOWN)) for key in wanted]
    else:
        chosen = [line for _, *line in values]
    if not chosen:
        return [NOTHING]
    lines = [line_of(label, value, width) for label, value in chosen]
    return lines if len(lines) <= count else [*lines[: count - 1], f"+ {len(lines) - count + 1} more"]


def values_of(data):
    """`(key, label, value)` of every value, those of this node first."""
    own = data.get("host", {}).get("node")
    for node in sorted(data["nodes"], key=lambda name: (name != own, name)):
        for plugin, sensors in data["nodes"][node].items():
            for sensor, reading in sensors.items():
                for field, value in reading["values"].items():
                    label = field if node == own else f"{node} {field}"
                    yield f"{plugin}/{sensor}/{field}", label, value_text(reading, field, value)


def value_text(reading, field, value):
    if "unknownSince" in reading:
        return UNKNOWN
    if reading["ageSeconds"] > max(STALE_AFTER_S, STALE_INTERVALS * reading.get("everySeconds", 0)):
        return STALE
    if isinstance(value, str):
        return value
    decimals = 0 if abs(value) >= WHOLE_FROM or value == int(value) else 1
    return f"{value:.{decimals}f} {reading['units'].get(field, '')}".rstrip()


def line_of(label, value, width):
    """The value at the right and whole, where it fits; the label gives way."""
    value = value[:width]
    room = width - len(value) - 1
    return f"{label[: max(room, 0)]:<{max(room, 0)}} {value}"[-width:]
