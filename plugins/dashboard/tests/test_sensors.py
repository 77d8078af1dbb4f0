"""What a card says of its sensor: values as people read them, how they went, and whether they still hold."""

import re

import pytest


def trend(points, low=None, high=None, hours=3):
    values = [value for _, value in points]
    return {
        "points": points,
        "min": min(values) if low is None else low,
        "max": max(values) if high is None else high,
        "hours": hours,
    }


def lines(page):
    return [value for name, value in page.attributes if name == "d"]


def test_values_are_worded_for_people(render, sensor):
    values = {
        "uptimeSeconds": 98_765,
        "fanOn": 1,
        "iaqAccuracy": 1,
        "iaqScore": 97,
        "gasResistance": 119.66,
        "pressure": 1013.25,
        "outsideTemp": -0.5,
        "memoryUsedMb": 412,
        "memoryTotalMb": 3791,
        "doorAlarm": 0,
        "note": "fine",
    }
    said = render(sensor(values, {"gasResistance": "kΩ", "pressure": "hPa", "memoryUsedMb": "MiB"})).said
    for part in (
        "Uptime 1 d 3 h",
        "Fan on",
        "Air quality trust young baseline",
        "Air quality 97 / 100",
        "Gas resistance 119.7 kΩ",
        "Pressure 1013 hPa",
        "Outside temp −0.5",
        "Memory used 412 of 3791 MiB",
        "Door alarm none",
        "Note fine",
    ):
        assert part in said
    assert "Memory total" not in said


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (-0.004, "−0.004"),
        (0.05, "0.05"),
        (3.14159, "3.14"),
        (21.53, "21.5"),
        (1013.25, "1013"),
        (12_407, "12\u202f407"),
        (1e300, "1 × 10³⁰⁰"),
        (-1.5e-7, "−1.5 × 10⁻⁷"),
        (5e-324, "4.94 × 10⁻³²⁴"),
    ],
)
def test_numbers_have_the_digits_that_matter(load, value, text):
    assert load("dashboard", "wording").number_of(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "just now"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (61, "1 min 1 s ago"),
        (3_600, "1 h ago"),
        (90_000, "1 d 1 h ago"),
    ],
)
def test_ages_have_the_two_units_that_matter(load, seconds, text):
    assert load("dashboard", "wording").age_of(seconds) == text


@pytest.mark.parametrize(("age", "stale"), [(60, False), (61, True), (None, True), ("3", True)])
def test_a_reading_older_than_a_minute_or_of_unknown_age_is_stale(render, sensor, age, stale):
    page = render(sensor({"temperature": 1}, age=age))
    assert ("stale," in page.said) is stale
    assert ("1 warning: dht22 on pi4" in page.said) is stale


@pytest.mark.parametrize(
    ("every", "age", "stale"),
    [
        (600, 1_800, False),
        (600, 1_801, True),
        (5, 61, True),
        (None, 61, True),
        (-1e9, 61, True),
        (1e300, 200_000, True),
    ],
)
def test_a_sensor_that_is_read_rarely_is_stale_after_three_of_its_intervals(render, sensor, every, age, stale):
    assert ("stale," in render(sensor({"temperature": 1}, age=age, every=every)).said) is stale


def test_a_number_is_drawn_with_its_range_in_words_and_a_name(render, sensor):
    went = trend([[600, 20.5], [300, 22], [0, 21]], 19, 24, 2.6)
    page = render(sensor({"temperature": 21}, {"temperature": "°C"}, trends={"temperature": went}))
    assert "19 to 24 in 3 h" in page.said
    assert "Temperature, last 10\u00a0min; 19 to 24 in 3\u00a0h, °C" in page.names
    assert lines(page) == ["M0 37h0l100-34l100 23"]


def test_a_line_is_broken_where_readings_are_missing_and_ends_where_they_ended(render, sensor):
    # The sixth hour before now, two without a reading, and the last one was half an hour ago.
    points = [[at * 60, 1 + at % 2] for at in [*range(360, 300, -1), *range(180, 30, -1)]]
    (line,) = lines(render(sensor({"level": 1}, trends={"level": trend(points[-120:])})))
    assert line.count("M") == 1
    (line,) = lines(render(sensor({"level": 1}, trends={"level": trend(points[0:60:2] + points[60::5])})))
    assert line.count("M") == 2
    width = sum(int(step) for step in re.findall(r"l(-?\d+)", line[line.rindex("M") :]))
    assert int(re.match(r"M(\d+)", line[line.rindex("M") :])[1]) + width < 200 - 10


@pytest.mark.parametrize("value", [5, 0, -1e300])
def test_a_number_that_never_changed_is_a_level_line(render, sensor, value):
    page = render(sensor({"level": value}, trends={"level": trend([[60, value], [30, value], [0, value]])}))
    assert "steady for 3 h" in page.said
    assert lines(page) == ["M0 20h0l100 0l100 0"]


@pytest.mark.parametrize(
    "points", [[[60, -1.7e308], [0, 1.7e308]], [[1e308, 0], [0, 5e-324]], [[0, 1], [0, 2]], [[5, 1], [900, 2]]]
)
def test_absurd_numbers_are_drawn_within_the_card(render, sensor, points):
    for line in lines(render(sensor({"level": 1}, trends={"level": trend(points)}))):
        assert all(abs(int(number)) <= 200 for number in re.findall(r"-?\d+", line))


def test_a_value_keeps_its_digits_while_it_is_between_others(render, sensor):
    went = trend([[60, 20.9], [0, 21.1]])
    assert "Temperature 21.0" in render(sensor({"temperature": 21}, trends={"temperature": went})).said
    assert "21.0" not in render(sensor({"temperature": 21})).said


@pytest.mark.parametrize(
    ("offsets", "text"),
    [
        ([{"sensor": "DHT22 at GPIO4", "temperature": -1.5, "humidity": 0}], "DHT22 at GPIO4: temperature −1.5 °C"),
        ([{"sensor": "DHT22", "temperature": 2, "humidity": -4.25}], "DHT22: temperature +2 °C, humidity −4.25 %"),
        (
            [{"sensor": "<b>", "temperature": 0, "humidity": 1}, {"sensor": "BME680", "temperature": 1}],
            "<b>: humidity +1 %; BME680: temperature +1 °C",
        ),
    ],
)
def test_a_value_that_host_toml_corrects_is_not_shown_as_measured(render, sensor, offsets, text):
    assert f"Corrected by the offsets of {text}" in render(sensor({"temperature": 21}, offsets=offsets)).said


@pytest.mark.parametrize(
    "offsets",
    [None, [], {}, "x", [3, None], [{"temperature": 1}], [{"sensor": "x", "temperature": "1"}], [{"sensor": "x"}]],
)
def test_a_value_without_offsets_is_shown_as_it_is(render, sensor, offsets):
    assert "Corrected" not in render(sensor({"temperature": 21}, offsets=offsets)).said


def test_the_own_node_comes_first(render, sensor):
    data = sensor({"temperature": 1}, node="a")
    data["nodes"]["pi4"] = data["nodes"]["a"]
    said = render(data).said
    assert said.index("pi4 this node") < said.index("hall") < said.index(" a hall")


def test_a_plugin_with_many_sensors_has_a_table(render, sensor):
    data = sensor({"level": 1})
    (one,) = data["nodes"]["pi4"]["dht22"].values()
    data["nodes"]["pi4"]["plc"] = {f"s{number}": one for number in range(100)}
    page = render(data)
    assert page.tags.count("article") == 1
    assert "Sensors of plc on pi4" in page.names
    assert "All 101 sensors fresh" in page.said
