"""What the example promises: a value in its unit, an output with hysteresis, LEDs, and rest where nothing is known."""

import pytest

GREEN, YELLOW, RED, BLUE, OFF = (0, 255, 0), (255, 255, 0), (255, 0, 0), (0, 0, 255), (0, 0, 0)


@pytest.fixture
def settings(host):
    host.settings.update(
        input="Tank_Level",
        output="Pump",
        metric="level",
        unit="%",
        raw_min="4000",
        raw_max="20000",
        raw_slack="200",
        value_min="0",
        value_max="100",
        on_at="80",
        off_at="60",
        leds="0,1,2,3,4",
    )
    host.image.update(Tank_Level=4000, Pump=False)
    return host.settings


@pytest.fixture
def poll(load, host, settings):
    app = load("revpi_io")

    def poll_at(raw):
        host.image["Tank_Level"] = raw
        (reading,) = app.SensorLogic().poll()
        return {metric.name: (metric.value, metric.unit) for metric in reading.metrics}

    return poll_at


@pytest.mark.parametrize(("raw", "level"), [(4000, 0), (12000, 50), (20000, 100), (3900, -0.625)])
def test_the_input_is_scaled_to_its_unit(poll, raw, level):
    assert poll(raw)["level"] == (level, "%")


def test_the_output_is_switched_with_hysteresis_and_written_only_when_it_changes(poll, host):
    for raw, on in ((16000, 0), (16800, 1), (14000, 1), (13600, 0), (16000, 0), (20000, 1)):
        assert poll(raw)["output"] == (on, ""), raw
    assert host.written == [("Pump", True), ("Pump", False), ("Pump", True)]


def test_an_output_may_be_on_below_and_off_above(poll, host, settings):
    settings.update(on_at="20", off_at="40")
    assert [poll(raw)["output"][0] for raw in (10000, 7200, 9000, 10400, 9000)] == [0, 1, 1, 0, 0]


def test_an_output_that_somebody_else_switched_is_put_right(poll, host):
    poll(20000)
    host.image["Pump"] = False
    assert poll(18000)["output"] == (1, "")
    assert host.image["Pump"] is True


def test_an_input_out_of_range_is_no_value_and_puts_the_output_to_rest(poll, host):
    poll(20000)
    assert poll(0) == {"raw": (0, ""), "output": (0, ""), "fault": (1, "")}
    assert host.image["Pump"] is False
    assert host.leds == {0: RED, 1: OFF, 2: OFF, 3: OFF, 4: OFF}
    assert poll(12000)["fault"] == (0, "")


@pytest.mark.parametrize(
    ("raw", "state", "lit"), [(4000, GREEN, 0), (6100, GREEN, 1), (12000, GREEN, 2), (16800, YELLOW, 3), (20000, YELLOW, 4)]
)
def test_the_leds_tell_the_state_and_the_level(poll, host, raw, state, lit):
    poll(raw)
    assert host.leds == {0: state} | {led: BLUE if led <= lit else OFF for led in range(1, 5)}


def test_without_leds_it_measures_all_the_same(poll, host, settings):
    del settings["leds"]
    assert poll(12000)["level"] == (50, "%")
    assert host.leds == {}


def test_a_variable_that_cannot_be_read_or_written_fails_the_poll_by_its_name(poll, host):
    host.image_failures["Tank_Level"] = "RevPi AIO (position 32) is offline"
    with pytest.raises(Exception) as raised:
        poll(12000)
    assert raised.value.value == "Tank_Level: RevPi AIO (position 32) is offline"
    assert host.written == []
    host.image_failures.clear()
    host.inputs.add("Pump")
    with pytest.raises(Exception) as raised:
        poll(20000)
    assert raised.value.value == "Pump: Pump is an input"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("input", None, 'setting "input" is missing; write input = "InputValue_1" under [plugins.revpi_io.settings]'),
        ("on_at", "high", 'setting "on_at" must be a number, not "high"'),
        ("raw_max", "4000", 'setting "raw_max" must not be raw_min'),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_with_its_line(load, settings, key, value, said):
    settings.pop(key) if value is None else settings.update({key: value})
    with pytest.raises(Exception) as raised:
        load("revpi_io").SensorLogic().poll()
    assert said in str(raised.value)
