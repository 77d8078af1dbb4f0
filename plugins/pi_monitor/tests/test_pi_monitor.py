"""What the monitor promises: the machine's figures, a colour by temperature, and a fan that does not flutter."""

import pytest

GREEN, AMBER, RED = (0, 255, 0), (255, 120, 0), (255, 0, 0)


@pytest.fixture
def settings(host):
    host.settings.update(led="0", cpu_alarm_c="75", cpu_warn_c="60", fan_on_c="60", fan_off_c="50")
    return host.settings


@pytest.fixture
def app(load, settings):
    return load("pi_monitor")


def poll_at(app, host, cpu_temp):
    host.cpu_temp = cpu_temp
    return app.PiMonitorLogic().poll()


def test_a_poll_yields_the_machines_figures(app, host):
    assert vars(poll_at(app, host, 48.5)) == {
        "cpu_temp": 48.5,
        "cpu_usage": 12.5,
        "memory_used_mb": 512,
        "memory_total_mb": 3791,
        "uptime_seconds": 98_765,
        "timestamp_ms": host.now_ms,
        "fan_on": False,
    }


@pytest.mark.parametrize(("cpu_temp", "color"), [(60, GREEN), (60.1, AMBER), (75, AMBER), (75.1, RED)])
def test_the_led_tells_fine_from_warm_from_hot(app, host, cpu_temp, color):
    poll_at(app, host, cpu_temp)
    assert host.leds == {0: color}


def test_the_fan_starts_when_hot_and_stops_only_when_cool_again(app, host):
    for cpu_temp, running in ((60, False), (61, True), (55, True), (50, True), (49.9, False), (55, False)):
        assert poll_at(app, host, cpu_temp).fan_on is running
    assert host.fan_switched == [True, False]


def test_a_new_instance_takes_over_a_fan_that_runs(app, host):
    host.fan_on = True
    assert poll_at(app, host, 55).fan_on is True
    assert host.fan_switched == []


def test_a_fan_that_somebody_switched_off_is_switched_on_again_while_hot(app, host):
    poll_at(app, host, 70)
    host.fan_on = False
    assert poll_at(app, host, 55).fan_on is True
    assert host.fan_on is True


def test_a_plugin_without_an_led_still_measures(load, host, settings):
    del settings["led"]
    assert poll_at(load("pi_monitor"), host, 80).cpu_temp == 80
    assert host.leds == {}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("fan_on_c", None, 'setting "fan_on_c" is missing; write fan_on_c = 60 under [plugins.pi_monitor.settings]'),
        ("fan_off_c", "61", 'setting "fan_off_c" must not be above fan_on_c'),
        ("cpu_warn_c", "76", 'setting "cpu_warn_c" must not be above cpu_alarm_c'),
        ("led", "first", 'must be a whole number from 0 to 255, not "first"; write led = 0 under [plugins.pi_monit'),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_with_its_line(load, settings, key, value, said):
    settings.pop(key) if value is None else settings.update({key: value})
    app = load("pi_monitor")
    with pytest.raises(Exception) as raised:
        app.PiMonitorLogic().poll()
    assert said in str(raised.value)
