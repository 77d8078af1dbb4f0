"""The DHT22 room sensor: one reading a poll, an LED, and a buzzer that sounds once when the room gets too hot.

A sensor that does not answer costs no state: the poll yields nothing, says why on stderr (once) and shows a dim amber
LED; an alarm stays as it was. Only settings that make no sense raise, since no later poll could do better.
"""

from alarm import next_alarm
from componentize_py_types import Err
from host_settings import HostSettings
from read_failure import ReadFailure
from wit_world import exports
from wit_world.exports.dht22_logic import Dht22Reading
from wit_world.imports import buzzer_controller, gpio_provider, led_controller

GREEN = (0, 255, 0)
RED = (255, 0, 0)
DIM_AMBER = (40, 20, 0)

config = None
high_alarm_active = False
read_failure = ReadFailure("dht22")


class Config:
    def __init__(self):
        settings = HostSettings("dht22")
        self.pin = settings.whole("gpio_pin", 0, 255, "4", "sensors.dht22")
        self.led = settings.led("1")
        self.alarm_above_c = settings.number("alarm_above_c", "30")
        self.alarm_dead_band_c = settings.number("alarm_dead_band_c", "2")
        self.beep_count = settings.whole("beep_count", 0, 255, "3")
        self.beep_ms = settings.whole("beep_ms", 0, 60_000, "100")
        self.beep_interval_ms = settings.whole("beep_interval_ms", 0, 60_000, "100")
        if self.alarm_dead_band_c < 0:
            raise settings.refuse("alarm_dead_band_c", "must not be below 0", "2")


def show(color):
    if config.led is not None:
        led_controller.set_led(config.led, *color)


def watch(temperature):
    """Moves the alarm; the buzzer sounds when it is raised, not at every poll while it lasts."""
    global high_alarm_active
    was_active = high_alarm_active
    high_alarm_active = next_alarm(was_active, temperature, config.alarm_above_c, config.alarm_dead_band_c)
    if high_alarm_active and not was_active and config.beep_count > 0:
        buzzer_controller.beep(config.beep_count, config.beep_ms, config.beep_interval_ms)
    show(RED if high_alarm_active else GREEN)


class Dht22Logic(exports.Dht22Logic):
    def poll(self):
        global config
        if config is None:
            config = Config()
        try:
            temperature, humidity = gpio_provider.read_dht22(config.pin)
        except Err as failure:
            read_failure.say(failure.value)
            show(DIM_AMBER)
            return []
        read_failure.is_over()
        watch(temperature)
        return [
            Dht22Reading(
                sensor_id="dht22",
                temperature=temperature,
                humidity=humidity,
                timestamp_ms=gpio_provider.get_timestamp_ms(),
            )
        ]
