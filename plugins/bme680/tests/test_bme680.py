"""What the BME680 plugin promises as a whole: a score after burn-in, a baseline that outlives restarts."""

import pytest

BURN_IN_MS = 300_000
HOUR_MS = 3_600_000


@pytest.fixture
def settings(host):
    host.settings.update(i2c_address="0x77", led="2", burn_in_s="300", humidity_baseline="40", gas_weight="75")
    return host.settings


@pytest.fixture
def app(load, settings, host):
    return loaded(load, host)


def loaded(load, host):
    app = load("bme680")
    app.monotonic = lambda: host.uptime_ms / 1000
    return app


def poll_after(app, host, passed_ms, jump_ms=0):
    """`jump_ms`: by how much the clock of the machine is set meanwhile."""
    host.uptime_ms += passed_ms
    host.now_ms += passed_ms + jump_ms
    (reading,) = app.Bme680Logic().poll()
    return reading


def test_during_burn_in_there_is_a_climate_but_no_score(app, host):
    assert vars(poll_after(app, host, 0)) == {
        "sensor_id": "bme680",
        "temperature": 23.0,
        "humidity": 40.0,
        "pressure": 1013.25,
        "gas_resistance": 120.0,
        "iaq_score": 0,
        "iaq_accuracy": 0,
        "timestamp_ms": host.now_ms,
    }
    assert host.leds == {2: (0, 0, 40)}
    assert host.saves == []


def test_a_clock_that_jumps_from_1970_to_today_does_not_end_burn_in(app, host):
    host.now_ms = 60_000
    assert poll_after(app, host, 0).iaq_accuracy == 0
    assert poll_after(app, host, 5_000, jump_ms=1_764_000_000_000).iaq_accuracy == 0
    assert host.saves == []
    assert poll_after(app, host, BURN_IN_MS - 5_000).iaq_accuracy == 1
    # Back by a day, and its trust grows as if nothing had happened.
    assert poll_after(app, host, HOUR_MS, jump_ms=-86_400_000).iaq_accuracy == 3


def test_after_burn_in_the_score_follows_the_air(app, host):
    poll_after(app, host, 0)
    reading = poll_after(app, host, BURN_IN_MS)
    assert (reading.iaq_score, reading.iaq_accuracy) == (100, 1)
    assert host.leds == {2: (0, 255, 0)}
    host.bme680 = (23.0, 40.0, 1013.25, 12.0)
    assert poll_after(app, host, 5000).iaq_score == 32
    assert host.leds == {2: (255, 80, 0)}


def test_the_baseline_outlives_a_restart(app, host, load):
    poll_after(app, host, 0)
    poll_after(app, host, BURN_IN_MS)
    restarted = loaded(load, host)
    host.bme680 = (23.0, 40.0, 1013.25, 60.0)
    reading = poll_after(restarted, host, HOUR_MS)
    assert (reading.iaq_score, reading.iaq_accuracy) == (62, 2)


def test_the_baseline_is_saved_when_found_and_then_once_an_hour(app, host):
    poll_after(app, host, 0)
    poll_after(app, host, BURN_IN_MS)
    found_ms = host.now_ms
    for _ in range(4):
        poll_after(app, host, HOUR_MS // 2)
    assert host.saves == [found_ms, found_ms + HOUR_MS, found_ms + 2 * HOUR_MS]


def test_a_store_that_refuses_costs_a_line_not_the_reading(app, host, capsys):
    host.store_failure = "the disk is full"
    poll_after(app, host, 0)
    assert poll_after(app, host, BURN_IN_MS).iaq_score == 100
    poll_after(app, host, 5000)
    assert capsys.readouterr().err == "bme680: the gas baseline could not be saved: the disk is full\n"


def test_a_baseline_that_cannot_be_read_is_measured_anew(app, host, capsys):
    host.stored["gas_baseline"] = b"garbage"
    assert poll_after(app, host, 0).iaq_accuracy == 0
    assert "measuring a new one" in capsys.readouterr().err


def test_a_failed_read_yields_nothing_and_keeps_the_burn_in(app, host, capsys):
    poll_after(app, host, 0)
    host.bme680 = "no BME680 at 0x77"
    host.now_ms += BURN_IN_MS
    host.uptime_ms += BURN_IN_MS
    assert app.Bme680Logic().poll() == []
    assert host.leds == {2: (40, 20, 0)}
    assert capsys.readouterr().err == "bme680: read failed: no BME680 at 0x77\n"
    host.bme680 = (23.0, 40.0, 1013.25, 120.0)
    assert poll_after(app, host, 0).iaq_accuracy == 1


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (
            "i2c_address",
            None,
            'setting "i2c_address" is missing; write i2c_address = "0x77" under [sensors.bme680] in host.toml',
        ),
        ("i2c_address", "0x80", 'must be a whole number from 3 to 119, not "0x80"'),
        ("humidity_baseline", "100", "must lie between 0 and 100"),
        ("gas_weight", "101", "must be from 0 to 100"),
        ("burn_in_s", "5 min", 'must be a whole number from 0 to 86400, not "5 min"'),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_with_its_line(load, settings, key, value, said):
    settings.pop(key) if value is None else settings.update({key: value})
    app = load("bme680")
    with pytest.raises(Exception) as raised:
        app.Bme680Logic().poll()
    assert said in str(raised.value)
