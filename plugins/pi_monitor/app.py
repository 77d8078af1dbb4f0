"""The machine itself: temperature and load of the processor, memory, uptime; and its fan.

The fan follows the temperature with hysteresis. What the relay really shows is asked at every poll and put right where
it differs, so that a fan switched off by a restart elsewhere does not leave a hot machine uncooled.
"""

from host_settings import HostSettings
from thresholds import color_of, next_fan
from wit_world import exports
from wit_world.exports.pi_monitor_logic import PiStats
from wit_world.imports import fan_controller, gpio_provider, led_controller, system_info

config = None
# Unknown before the first poll, which starts from what the relay shows.
fan_running = None


class Config:
    def __init__(self):
        settings = HostSettings("pi_monitor")
        self.led = settings.led("0")
        self.cpu_alarm_c = settings.number("cpu_alarm_c", "75")
        self.cpu_warn_c = settings.number("cpu_warn_c", "60")
        self.fan_on_c = settings.number("fan_on_c", "60")
        self.fan_off_c = settings.number("fan_off_c", "50")
        if self.cpu_warn_c > self.cpu_alarm_c:
            raise settings.refuse("cpu_warn_c", "must not be above cpu_alarm_c", "60")
        if self.fan_off_c > self.fan_on_c:
            raise settings.refuse("fan_off_c", "must not be above fan_on_c", "50")


def drive_fan(cpu_temp):
    global fan_running
    shown = fan_controller.get_fan_state()
    if fan_running is None:
        fan_running = shown
    fan_running = next_fan(fan_running, cpu_temp, config.fan_on_c, config.fan_off_c)
    if fan_running != shown:
        fan_controller.set_fan(fan_running)


class PiMonitorLogic(exports.PiMonitorLogic):
    def poll(self):
        global config
        if config is None:
            config = Config()
        cpu_temp = gpio_provider.get_cpu_temp()
        memory_used_mb, memory_total_mb = system_info.get_memory_usage()
        drive_fan(cpu_temp)
        if config.led is not None:
            led_controller.set_led(config.led, *color_of(cpu_temp, config.cpu_warn_c, config.cpu_alarm_c))
        return PiStats(
            cpu_temp=cpu_temp,
            cpu_usage=system_info.get_cpu_usage(),
            memory_used_mb=memory_used_mb,
            memory_total_mb=memory_total_mb,
            uptime_seconds=system_info.get_uptime(),
            timestamp_ms=gpio_provider.get_timestamp_ms(),
            fan_on=fan_running,
        )
