"""An analog input of a RevPi in its engineering unit, an output that follows it with hysteresis, and the LEDs A1 to A5.

What the output shows is read at every poll and put right where it differs, so nothing is lost by a restart or by another
program. An input outside its range is no value: the output is switched off, the first LED is red, and the reading says
`fault` 1. A module that is offline, a wrong name or a missing grant fail the poll; the output is then not touched, since
nothing is known of it: let PiCtory's default value or the module's own watchdog put it to rest.
"""

import time

from componentize_py_types import Err
from host_settings import HostSettings
from scaling import Scale, bar, next_output
from wit_world import exports
from wit_world.exports.sensor_logic import Metric, Reading
from wit_world.imports import led_controller, process_image, settings
from wit_world.imports.process_image import Value_Bit

OFF = (0, 0, 0)
RED = (255, 0, 0)
GREEN = (0, 255, 0)
YELLOW = (255, 255, 0)
BLUE = (0, 0, 255)

config = None


class Config:
    def __init__(self):
        found = HostSettings("revpi_io")
        self.input = found.text("input", '"InputValue_1"')
        self.output = found.text("output", '"O_1"')
        self.metric = settings.get("metric") or "value"
        self.unit = settings.get("unit") or ""
        self.on_at = found.number("on_at", "80")
        self.off_at = found.number("off_at", "60")
        raw_min, raw_max = found.number("raw_min", "4000"), found.number("raw_max", "20000")
        if raw_min == raw_max:
            raise found.refuse("raw_max", "must not be raw_min", "20000")
        self.raw_slack = found.number("raw_slack", "200")
        self.scale = Scale(raw_min, raw_max, found.number("value_min", "0"), found.number("value_max", "100"))
        self.leds = [int(led) for led in (settings.get("leds") or "").split(",") if led]


def read(name):
    """The variable's number or truth value."""
    try:
        return process_image.read(name).value
    except Err as failure:
        raise Err(f"{name}: {described(failure.value)}") from failure


def switch(name, on):
    try:
        process_image.write(name, Value_Bit(on))
    except Err as failure:
        raise Err(f"{name}: {described(failure.value)}") from failure


def described(error):
    return getattr(error, "value", None) or type(error).__name__.removeprefix("DeviceError_").lower()


def show(state, share):
    """The first LED tells the state, the others are a bar of the input's range."""
    first, *others = config.leds or [None]
    if first is not None:
        led_controller.set_led(first, *state)
    for led, lit in zip(others, bar(share, len(others)), strict=True):
        led_controller.set_led(led, *(BLUE if lit else OFF))


def follow(value):
    """Switches the output where it is not as the value asks; `None` asks for off. Returns what it now is."""
    shown = read(config.output)
    wanted = value is not None and next_output(shown, value, config.on_at, config.off_at)
    if wanted != shown:
        switch(config.output, wanted)
    return wanted


class SensorLogic(exports.SensorLogic):
    def poll(self):
        global config
        if config is None:
            config = Config()
        raw = read(config.input)
        plausible = config.scale.is_plausible(raw, config.raw_slack)
        value = config.scale.value(raw) if plausible else None
        on = follow(value)
        metrics = [] if value is None else [Metric(config.metric, value, config.unit)]
        for name, number in (("raw", raw), ("output", on), ("fault", not plausible)):
            metrics.append(Metric(name, float(number), ""))
        show(RED if not plausible else YELLOW if on else GREEN, config.scale.share(raw) if plausible else 0)
        return [Reading(config.input, metrics, int(time.time() * 1000))]
