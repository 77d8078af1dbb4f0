"""Shows the newest readings on a display with an SSD1306: a line a value, and "unknown" where a sensor has failed."""

import json

from componentize_py_types import Err
from panel import CHARACTERS, PAGES, picture_of, show
from text_lines import lines_of
from wit_world import exports
from wit_world.imports import i2c, settings

BUS = 1


def setting(key, default, lowest, highest):
    """A whole number, decimal or with 0x."""
    found = settings.get(key) or default
    try:
        value = int(found, 0)
    except ValueError:
        value = None
    if value is None or not lowest <= value <= highest:
        raise Err(
            f'setting "{key}" must be a whole number from {lowest} to {highest}, not "{found}"; '
            f'write {key} = "{default}" under [plugins.ssd1306.settings] in host.toml'
        )
    return value


def described(error):
    """What the host says of a device call that failed; a timeout has no text."""
    return getattr(error, "value", None) or "the display did not answer in time"


class DisplayLogic(exports.DisplayLogic):
    def update(self, sensor_data):
        address = setting("address", "0x3c", 0x03, 0x77)
        contrast = setting("contrast", "127", 0, 255)
        wanted = [key.strip() for key in (settings.get("show") or "").split(",") if key.strip()]
        lines = lines_of(json.loads(sensor_data), wanted, CHARACTERS, PAGES)
        try:
            show(lambda data: i2c.transfer(BUS, address, data, 0), picture_of(lines), contrast)
        except Err as failure:
            raise Err(described(failure.value)) from failure
