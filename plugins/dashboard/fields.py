"""Which of a sensor's values are shown large, which as a list, and which are one."""

from json_parts import is_number
from sparkline import trend_of
from wording import label_of, number_of, value_of

# Shown large; the rest of a sensor's values follow as a list.
LEADING = ("temperature", "humidity", "cpuTemp", "cpuUsage", "iaqScore")
LEADING_AT_MOST = 2
# More are counted, not shown: a plugin may yield thousands.
FIELDS_AT_MOST = 24
# Worded "used of total"; the second has no line of its own then.
PART_AND_WHOLE = ("memoryUsedMb", "memoryTotalMb")


class Field:
    """A value as it is shown: `label`, `value` and `unit` are texts, `trend` may be None."""

    def __init__(self, reading, name):
        self.name = name
        self.label = label_of(name)
        self.trend = trend_of(reading, name)
        unit = reading.units.get(name, "")
        self.value, self.unit = value_of(name, reading.values[name], unit, self.trend)
        self.raw_unit = unit if isinstance(unit, str) else ""

    def said(self):
        return f"{self.label} {self.value}{f' {self.unit}' if self.unit else ''}"


def fields_of(reading):
    """`(leading, rest, left)`; a sensor without a well-known field leads with its first two numbers."""
    names = [name for name in reading.values if not is_whole_of_part(reading, name)]
    numbers = [name for name in names if is_number(reading.values[name])]
    leading = ([name for name in LEADING if name in numbers] or numbers)[:LEADING_AT_MOST]
    rest = [name for name in names if name not in leading]
    shown = [field_of(reading, name) for name in rest[:FIELDS_AT_MOST]]
    return [field_of(reading, name) for name in leading], shown, len(rest) - len(shown)


def is_whole_of_part(reading, name):
    return name == PART_AND_WHOLE[1] and PART_AND_WHOLE[0] in reading.values


def field_of(reading, name):
    field = Field(reading, name)
    total = reading.values.get(PART_AND_WHOLE[1]) if name == PART_AND_WHOLE[0] else None
    if is_number(total) and total - total == 0:
        field.value = f"{field.value} of {number_of(total)}"
    return field


def leading_words(reading):
    """`Temperature 31.2 °C, Humidity 40 %`, of the fields that are shown large."""
    return ", ".join(field.said() for field in fields_of(reading)[0])
