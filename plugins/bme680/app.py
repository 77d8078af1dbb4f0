"""The BME680: climate, gas resistance and an air-quality score, with an LED in the score's colour.

The gas baseline outlives restarts in the state store; a store that refuses costs a line on stderr, not the reading. A
sensor that does not answer costs no state either: the poll yields nothing, says why on stderr (once) and shows a dim
amber LED. Only settings that make no sense raise, since no later poll could do better.
"""

import sys
from time import monotonic

from air_quality import color_of, score
from componentize_py_types import Err
from gas_baseline import BURNING_IN, GasBaseline
from host_settings import HostSettings
from read_failure import ReadFailure
from wit_world import exports
from wit_world.exports.bme680_logic import Bme680Reading
from wit_world.imports import gpio_provider, led_controller, state_store

DIM_AMBER = (40, 20, 0)
BASELINE_KEY = "gas_baseline"

config = None
gas_baseline = None
read_failure = ReadFailure("bme680")


class Config:
    def __init__(self):
        settings = HostSettings("bme680")
        self.address = settings.whole("i2c_address", 0x03, 0x77, '"0x77"', "sensors.bme680")
        self.led = settings.led("2")
        self.burn_in_ms = settings.whole("burn_in_s", 0, 86_400, "300") * 1000
        self.humidity_baseline = settings.number("humidity_baseline", "40")
        self.gas_weight = settings.number("gas_weight", "75")
        if not 0 < self.humidity_baseline < 100:
            raise settings.refuse("humidity_baseline", "must lie between 0 and 100", "40")
        if not 0 <= self.gas_weight <= 100:
            raise settings.refuse("gas_weight", "must be from 0 to 100", "75")


def show(color):
    if config.led is not None:
        led_controller.set_led(config.led, *color)


def known_baseline(at_ms, now_ms):
    """The baseline of an earlier run if the store has a usable one, else one yet to be found."""
    baseline = GasBaseline(config.burn_in_ms)
    saved = state_store.get(BASELINE_KEY)
    if saved is not None and not baseline.restore(saved, at_ms, now_ms):
        print("bme680: the saved gas baseline is unusable or too old; measuring a new one", file=sys.stderr)
    return baseline


def save_baseline(at_ms, now_ms):
    try:
        state_store.set(BASELINE_KEY, gas_baseline.to_bytes(at_ms, now_ms))
    except Err as failure:
        print(f"bme680: the gas baseline could not be saved: {failure.value}", file=sys.stderr)


class Bme680Logic(exports.Bme680Logic):
    def poll(self):
        global config, gas_baseline
        if config is None:
            config = Config()
        try:
            temperature, humidity, pressure, gas = gpio_provider.read_bme680(config.address)
        except Err as failure:
            read_failure.say(failure.value)
            show(DIM_AMBER)
            return []
        read_failure.is_over()
        now_ms = gpio_provider.get_timestamp_ms()
        at_ms = round(monotonic() * 1000)
        if gas_baseline is None:
            gas_baseline = known_baseline(at_ms, now_ms)
        gas_baseline.observe(gas, at_ms)
        if gas_baseline.due_to_save(at_ms):
            save_baseline(at_ms, now_ms)
        accuracy = gas_baseline.accuracy(at_ms)
        iaq = None
        if accuracy != BURNING_IN:
            iaq = score(gas, humidity, gas_baseline.value, config.humidity_baseline, config.gas_weight)
        show(color_of(iaq))
        return [
            Bme680Reading(
                sensor_id="bme680",
                temperature=temperature,
                humidity=humidity,
                pressure=pressure,
                gas_resistance=gas,
                iaq_score=0 if iaq is None else iaq,
                iaq_accuracy=accuracy,
                timestamp_ms=now_ms,
            )
        ]
