"""What the DHT22 plugin promises: readings, an alarm with a dead band that sounds once, and no state lost to a fault."""

import pytest

GREEN, RED, DIM_AMBER = (0, 255, 0), (255, 0, 0), (40, 20, 0)


@pytest.fixture
def settings(host):
    host.settings.update(
        gpio_pin="4",
        led="1",
        alarm_above_c="30",
        alarm_dead_band_c="2",
        beep_count="3",
        beep_ms="100",
        beep_interval_ms="150",
    )
    return host.settings


@pytest.fixture
def app(load, settings):
    return load("dht22")


def poll_at(app, host, temperature):
    host.dht22 = (temperature, 40.0)
    return app.Dht22Logic().poll()


def test_a_poll_yields_what_the_sensor_measured(app, host):
    (reading,) = poll_at(app, host, 21.5)
    assert vars(reading) == {
        "sensor_id": "dht22",
        "temperature": 21.5,
        "humidity": 40.0,
        "timestamp_ms": host.now_ms,
    }
    assert host.leds == {1: GREEN}


def test_the_alarm_is_raised_only_above_its_threshold(app, host):
    poll_at(app, host, 30.0)
    assert not app.high_alarm_active
    poll_at(app, host, 30.1)
    assert app.high_alarm_active
    assert host.leds == {1: RED}


def test_the_buzzer_sounds_once_an_alarm_not_once_a_poll(app, host):
    for temperature in (31, 32, 29, 28.5):
        poll_at(app, host, temperature)
    assert host.beeps == [(3, 100, 150)]


def test_the_alarm_lasts_until_the_room_is_below_the_dead_band(app, host):
    for temperature, active in ((31, True), (28, True), (27.9, False), (29, False), (31, True)):
        poll_at(app, host, temperature)
        assert app.high_alarm_active is active
    assert len(host.beeps) == 2


def test_a_failed_read_yields_nothing_and_says_why(app, host, capsys):
    host.dht22 = "wrong checksum"
    assert app.Dht22Logic().poll() == []
    assert host.leds == {1: DIM_AMBER}
    assert capsys.readouterr().err == "dht22: read failed: wrong checksum\n"


def test_a_read_that_keeps_failing_is_said_once_until_it_changes_or_works(app, host, capsys):
    for host.dht22 in ("no answer", "no answer", "wrong checksum", (20.0, 40.0), "wrong checksum"):
        app.Dht22Logic().poll()
    assert capsys.readouterr().err.splitlines() == [
        "dht22: read failed: no answer",
        "dht22: read failed: wrong checksum",
        "dht22: read failed: wrong checksum",
    ]


def test_a_failed_read_leaves_an_alarm_as_it_was(app, host):
    poll_at(app, host, 31)
    host.dht22 = "no answer"
    app.Dht22Logic().poll()
    poll_at(app, host, 29)
    assert host.leds == {1: RED}
    assert len(host.beeps) == 1


def test_a_plugin_without_an_led_still_measures(load, host, settings):
    del settings["led"]
    assert len(load("dht22").Dht22Logic().poll()) == 1
    assert host.leds == {}


def test_no_beeps_can_be_wished_for(load, host, settings):
    settings["beep_count"] = "0"
    poll_at(load("dht22"), host, 31)
    assert host.beeps == []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("gpio_pin", None, 'setting "gpio_pin" is missing; write gpio_pin = 4 under [sensors.dht22] in host.toml'),
        ("alarm_above_c", "hot", 'must be a number, not "hot"; write alarm_above_c = 30 under [plugins.dht22.set'),
        ("alarm_above_c", "nan", 'must be a number, not "nan"'),
        ("beep_count", "300", 'must be a whole number from 0 to 255, not "300"'),
        ("alarm_dead_band_c", "-1", 'setting "alarm_dead_band_c" must not be below 0'),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_with_its_line(load, settings, key, value, said):
    settings.pop(key) if value is None else settings.update({key: value})
    app = load("dht22")
    with pytest.raises(Exception) as raised:
        app.Dht22Logic().poll()
    assert str(raised.value).startswith("dht22: ")
    assert said in str(raised.value)
