"""What the page says is wrong: each cause once, worst first, in words, with what to do; and nothing of it when all is
well.
"""

import pytest

NOW = 1_700_000_000_000


def failed(code, at=NOW - 1_000, message="what the host said"):
    return {"code": code, "message": message, "at": at}


def test_when_all_is_well_there_are_no_alarms(render, sensor, plugin):
    page = render(sensor({"alarm": 0}, plugins=[plugin("dht22", leds=[0])], leds=["#00ff00"]))
    assert "alarms" not in page.ids
    assert "The sensor is fresh" in page.said


def test_the_state_of_everything_is_said_to_who_cannot_see_it_when_it_changes(render, sensor):
    page = render(sensor({"alarm": 1}))
    assert ("role", "status") in page.attributes
    assert "1 alarm: hall on pi4" in page.said
    # The region is there before there is anything to say: a new one would stay unsaid.
    assert ("role", "status") in render(sensor({"alarm": 0})).attributes


@pytest.mark.parametrize(
    ("color", "alarm"),
    [("#ff0000", True), ("#c80a0a", True), ("#ff7800", False), ("#280000", False), ("#ff00ff", False)],
)
def test_a_red_led_is_an_alarm_of_its_plugin(render, sensor, plugin, color, alarm):
    page = render(sensor({"temperature": 31}, plugins=[plugin("dht22", leds=[1])], leds=["#ff0000", color]))
    assert ("dht22 LED 1 is red hall: Temperature 31" in page.said) is alarm
    assert ("hall alarm" in page.said) is alarm


def test_a_red_led_is_no_alarm_of_the_same_plugin_on_another_node(render, sensor, plugin):
    page = render(sensor({"temperature": 31}, node="pi5", plugins=[plugin("dht22", leds=[0])], leds=["#ff0000"]))
    assert "hall alarm" not in page.said
    assert "dht22 LED 0 is red" in page.said


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"alarm": 1}, "Alarm: raised"),
        ({"lowWaterAlarm": 2.5}, "Low water alarm: 2.5"),
        ({"door_alarm": "open"}, "Door alarm: open"),
        ({"doorAlarm": "none"}, None),
        ({"alarm": 0}, None),
        ({"alarmLevel": 5}, None),
    ],
)
def test_a_metric_that_is_named_alarm_is_one_when_it_is_not_zero(render, sensor, values, words):
    page = render(sensor(values))
    assert ("alarms" in page.ids) is (words is not None)
    assert words is None or words in page.said


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        ({"state": "backing-off", "lastError": failed("CAPABILITY_DENIED")}, "It asks for more than it was granted"),
        ({"state": "backing-off", "lastError": failed("PLUGIN_TRAPPED")}, "It crashed"),
        ({"state": "loading", "origin": "missing"}, "There is no such plugin"),
        ({"state": "closed"}, "It was closed"),
        ({"state": "backing-off", "lastError": failed("NEW_CODE")}, "It failed (NEW_CODE)"),
    ],
)
def test_a_plugin_that_cannot_work_is_an_alarm_with_what_to_do(render, sensor, plugin, summary, words):
    page = render(sensor({"temperature": 1}, plugins=[plugin("vendor", **summary)]))
    assert "1 alarm: vendor" in page.said
    assert words in page.said
    assert "alarm-plugin--vendor" in page.ids


def test_a_plugin_that_was_switched_off_is_none(render, sensor, plugin):
    page = render(sensor({"temperature": 1}, plugins=[plugin("vendor", state="disabled", origin="missing")]))
    assert "alarms" not in page.ids


def test_a_poll_that_failed_is_a_warning_until_one_succeeds(render, sensor, plugin):
    summary = plugin("dht22", lastError=failed("HARDWARE_MISSING", NOW - 10_000))
    page = render(sensor({"temperature": 1}, age=20, plugins=[summary]))
    for part in ("1 warning: dht22", "Its device is not there", "dht22 last poll failed"):
        assert part in page.said
    page = render(sensor({"temperature": 1}, age=5, plugins=[summary]))
    assert "alarms" not in page.ids
    assert "dht22 ready" in page.said


def test_a_plugin_whose_poll_failed_says_for_how_long_its_readings_and_alarms_are_unknown(render, sensor, plugin):
    failing = {"code": "HARDWARE_IO", "message": "dht22: wrong checksum", "since": NOW - 125_000}
    summary = plugin("dht22", leds=[0], lastError=failed("HARDWARE_IO", NOW - 1_000), failing=failing)
    data = sensor({"temperature": 31}, age=3, unknown_since=NOW - 125_000, leds=["#ff0000"], plugins=[summary])
    page = render(data)
    for part in (
        "1 warning: dht22",
        "Its device did not answer as it should; its readings and alarms are unknown for 2 min 5 s",
        "Check wiring, supply and length of the cable.",
        "dht22 last poll failed",
        "unknown, last read 3 s ago",
    ):
        assert part in page.said
    assert "is red" not in page.said, "nobody knows whether its LED is still right"


def test_a_poll_that_read_some_of_its_devices_is_a_warning_although_its_reading_is_new(render, sensor, plugin):
    failing = {"code": "HARDWARE_IO", "message": "dht22: no answer at GPIO 17", "since": NOW - 3_000}
    error = failed("HARDWARE_IO", NOW - 3_000)
    said = render(sensor({"temperature": 21}, age=3, plugins=[plugin("dht22", lastError=error, failing=failing)])).said
    assert "1 warning: dht22" in said
    assert "Its device did not answer as it should" in said
    over = render(sensor({"temperature": 21}, age=3, plugins=[plugin("dht22", lastError=error)])).said
    assert "1 warning" not in over


def test_an_alarm_that_a_reading_raised_is_unknown_once_the_reading_is(render, sensor):
    page = render(sensor({"leakAlarm": 1}, unknown_since=NOW - 60_000))
    assert "Was Leak alarm: raised; unknown for 1 min" in page.said
    assert "hall alarm" not in page.said


def test_every_code_of_the_host_has_words(load):
    errors = (load("dashboard", "page").__file__, "src/errors/wasi-error.ts")
    root = errors[0].split("/plugins/")[0]
    with open(f"{root}/{errors[1]}", encoding="utf-8") as source:
        text = source.read()
    listed = text[text.index("ERROR_CODES = [") : text.index("] as const")].split("'")[1::2]
    assert listed == list(load("dashboard", "fault_words").FAULTS)


def test_stale_sensors_are_one_warning_a_plugin_and_a_node_that_is_silent_one(render, sensor):
    def aged(age):
        return {"values": {"a": 1}, "units": {}, "timestamp": 1, "ageSeconds": age}

    data = sensor({"temperature": 1})
    data["nodes"]["pi5"] = {"plc": {f"s{n}": aged(90) for n in range(7)}, "dht22": {"hall": aged(5)}}
    data["nodes"]["pi6"] = {"dht22": {"hall": aged(300)}, "bme680": {"cellar": aged(310)}}
    page = render(data)
    assert "2 warnings: plc on pi5, Node pi6" in page.said
    assert (
        "7 sensors without a fresh reading s0, s1, s2, s3, s4 and 2 more; the newest reading came 1 min 30 s ago."
        in page.said
    )
    assert "2 sensors without a fresh reading hall, cellar; the newest reading came 5 min ago." in page.said


def test_stale_sensors_of_a_plugin_that_failed_are_not_named_again(render, sensor, plugin):
    summary = plugin("dht22", state="backing-off", lastError=failed("PLUGIN_DEADLINE"))
    assert "1 alarm: dht22" in render(sensor({"temperature": 1}, age=500, plugins=[summary])).said


@pytest.mark.parametrize(
    ("cluster", "words"),
    [
        ({"connected": False, "leader": None, "members": []}, "The cluster does not answer"),
        ({"connected": True, "leader": None, "members": []}, "It has no leader"),
        (
            {
                "connected": True,
                "leader": "pi4",
                "members": [{"node": "pi5", "role": "voter", "healthy": False, "lastSeen": NOW - 61_000}],
            },
            "Node pi5 It does not answer Last seen 1 min 1 s ago.",
        ),
    ],
)
def test_a_cluster_in_trouble_is_a_warning(render, sensor, cluster, words):
    page = render(sensor({"temperature": 1}, cluster=cluster))
    assert words in page.said
    assert "1 warning" in page.said


def test_alarms_come_before_warnings(render, sensor, plugin):
    down = plugin("vendor", state="backing-off", lastError=failed("PLUGIN_MEMORY"))
    page = render(sensor({"temperature": 1}, age=100, plugins=[down]))
    assert "1 alarm and 1 warning: vendor, dht22 on pi4" in page.said
    assert page.ids.index("alarm-plugin--vendor") < page.ids.index("alarm-stale--pi4--dht22")


def test_what_has_no_name_is_named_so(render, plugin):
    assert "1 alarm: no name" in render({"plugins": [plugin("", state="closed")]}).said
