"""Parts of JSON of unknown shape, each of the kind that is asked for or empty. A number is one that can be drawn."""


def object_in(data, key):
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def list_in(data, key):
    found = data.get(key)
    return found if isinstance(found, list) else []


def text_in(data, key):
    """None also where `data` is no object."""
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, str) else None


def is_number(value):
    """A number as JSON has it; a whole one beyond any float is text to us."""
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < 2**63
    return isinstance(value, float)


def finite(value):
    """The number, or None for what is none, NaN and infinity."""
    return value if is_number(value) and value - value == 0 else None


def whole(value):
    """A count: a whole number that is not negative, or None."""
    return value if isinstance(value, int) and is_number(value) and value >= 0 else None
