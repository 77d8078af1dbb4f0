"""What host.toml adds to what a sensor measures, as the page says it: a value that was corrected is not shown as if it had been
measured.
"""

from collections import namedtuple

from json_parts import finite, list_in, text_in
from markup import escape
from wording import number_of

# sensor: text; temperature (°C) and humidity (%): numbers, 0 for none.
Offsets = namedtuple("Offsets", "sensor temperature humidity")
# More sensors than one plugin has.
SENSORS_AT_MOST = 8


def offsets_from(found):
    entries = [entry for entry in list_in(found, "offsets") if text_in(entry, "sensor") is not None]
    return [
        Offsets(entry["sensor"], finite(entry.get("temperature")) or 0, finite(entry.get("humidity")) or 0)
        for entry in entries[:SENSORS_AT_MOST]
    ]


def signed(value):
    return f"+{number_of(value)}" if value > 0 else number_of(value)


def words_of(offsets):
    """`DHT22 at GPIO4: temperature −1.5 °C, humidity +2 %`"""
    parts = [f"temperature {signed(offsets.temperature)}\u00a0°C"] if offsets.temperature else []
    if offsets.humidity:
        parts.append(f"humidity {signed(offsets.humidity)}\u00a0%")
    return f"{offsets.sensor}: {', '.join(parts)}" if parts else ""


def offsets_note(reading):
    said = "; ".join(words for words in map(words_of, reading.offsets) if words)
    return f'<p class="soft"><small>Corrected by the offsets of {escape(said)}</small></p>' if said else ""
