"""What the page as a whole promises: it shows what the host knows, trusts no text in it, and needs nothing from
elsewhere.
"""

import pytest

HOSTILE = '"><script>alert(1)</script>'


def test_a_reading_is_shown_with_its_origin_unit_and_age(render, sensor):
    said = render(sensor({"temperature": 21.53, "humidity": 40}, {"temperature": "°C", "humidity": "%"})).said
    for part in ("pi4 this node", "hall 3 s ago dht22", "Temperature 21.5 °C", "Humidity 40 %", "The sensor is fresh"):
        assert part in said


def test_it_names_the_machine_and_says_when_it_is_none(render, sensor):
    page = render(sensor({"temperature": 1}, host={"node": "cellar", "simulated": True, "model": "Raspberry Pi 4"}))
    assert "cellar Edge sensors Raspberry Pi 4 simulated hardware as of 22:13:20 UTC" in page.said
    assert "<title>cellar · Edge sensors</title>" in page.html
    assert "simulated" not in render(sensor({"temperature": 1})).said


def test_data_of_an_older_host_is_shown_as_well(render):
    found = {"values": {"temperature": 21}, "units": {}, "timestamp": 1, "ageSeconds": 3}
    old = {"name": "dht22", "state": "ready", "lastError": {"code": "HARDWARE_IO", "message": "once"}}
    page = render({"nodes": {"pi4": {"dht22": {"hall": found}}}, "leds": ["#00ff00"], "plugins": [old]})
    for part in ("Temperature 21", "LED strip", "dht22 ready", "HARDWARE_IO once", "The sensor is fresh"):
        assert part in page.said
    assert "log" not in page.ids
    assert "cluster" not in page.ids


def test_no_text_of_a_plugin_becomes_markup(render, sensor):
    error = {"code": HOSTILE, "message": HOSTILE, "at": 1}
    trend = {"points": [[60, 1], [0, 2]], "min": 1, "max": 2, "hours": 1}
    data = sensor(
        {HOSTILE: 1, "note": HOSTILE, "alarm": HOSTILE},
        {HOSTILE: HOSTILE},
        age=400,
        node=HOSTILE,
        plugin=HOSTILE,
        sensor=HOSTILE,
        trends={HOSTILE: trend},
        leds=[HOSTILE, "#12345;", "red"],
        host={"node": HOSTILE, "model": HOSTILE},
        plugins=[{"name": HOSTILE, "state": HOSTILE, "origin": "missing", "leds": [0], "lastError": error}],
        logs=[{"at": 1, "level": "error", "plugin": HOSTILE, "text": HOSTILE}, {"at": 1, "level": HOSTILE, "text": ""}],
        cluster={
            "connected": False,
            "leader": HOSTILE,
            "members": [{"node": HOSTILE, "role": HOSTILE, "healthy": False}],
        },
    )
    page = render(data)
    assert page.tags.count("script") == 1
    assert page.html.count("alert(1)") > 10
    attacked = [name for name, value in page.attributes if "alert" in (value or "")]
    assert set(attacked) == {"aria-label"}


@pytest.mark.parametrize("text", ["\u202e", "\u2066", "\u200f", "\x00", "\x1b", "\x85", "\u2028", "\ud800", "\ufffe"])
def test_a_text_can_hold_nothing_that_is_not_seen(render, sensor, text):
    page = render(sensor({"note": text}, node=text, sensor=f"a{text}", logs=[{"at": 1, "level": "info", "text": text}]))
    assert text not in page.html
    assert page.html.encode().isascii() is False


def test_texts_are_cut_where_no_reader_would_go_on(render, sensor):
    long = "x" * 100_000
    page = render(sensor({long: 1, "note": long}, {long: long}, node=long, plugin=long, sensor=long))
    assert len(page.html) < 40_000
    assert "x…" in page.said


def test_the_page_stands_alone(render, sensor):
    page = render(sensor({"temperature": 1}, leds=["#ff0000"], logs=[{"at": 1, "level": "info", "text": "x"}]))
    assert not {"link", "img", "iframe", "form", "object"} & set(page.tags)
    assert not {"src", "href", "action", "style"} & {name for name, _ in page.attributes}
    for loads in ("url(", "@import", "fetch(", "XMLHttpRequest", "http:", "https:"):
        assert loads not in page.html


def test_the_page_follows_the_readers_preferences_and_names_its_language(render):
    page = render({})
    for media in ("screen and (prefers-color-scheme: dark)", "(forced-colors: active)", "@media print"):
        assert media in page.html
    for motion in ("animation", "transition", "scroll-behavior"):
        assert motion not in page.html
    assert ("lang", "en") in page.attributes
    assert {"main", "header", "h1", "title"} <= set(page.tags)


def test_every_part_is_found_again_when_the_page_is_morphed(render, sensor, plugin):
    logs = [{"at": 5, "level": "info", "text": text} for text in ("a", "b")]
    before = render(sensor({"temperature": 1}, logs=logs, plugins=[plugin("dht22")], leds=["#000000"]))
    logs.append({"at": 6, "level": "warn", "text": "c"})
    after = render(sensor({"temperature": 99}, age=80, logs=logs, plugins=[plugin("dht22", polls=9)], leds=["#ff0000"]))
    assert set(before.ids) <= set(after.ids)
    expected = {
        "sensor--pi4--dht22--hall",
        "node--pi4",
        "plugin--dht22",
        "log--5-0",
        "log--5-1",
        "log-filter",
        "log-level",
    }
    assert expected <= set(before.ids)
    script = before.html[before.html.index("<script>") :]
    assert script == after.html[after.html.index("<script>") :]


@pytest.mark.parametrize(
    "names", [("a--b", "c"), ("a", "b--c"), ("a b", "c"), ("a", "b c"), ("", "a--b--c"), ("ä", "c"), ("ö", "c")]
)
def test_ids_differ_where_names_do(load, names):
    ident = load("dashboard", "markup").ident
    others = [
        ("a", "b", "c"),
        ("a--b", "c"),
        ("a", "b--c"),
        ("a b", "c"),
        ("a", "b c"),
        ("", "a--b--c"),
        ("ä", "c"),
        ("ö", "c"),
    ]
    assert [other for other in others if ident("x", *other) == ident("x", *names)] == [names]


@pytest.mark.parametrize("data", ["", "{", "[]", "null", "3", "[" * 100_000])
def test_data_that_cannot_be_read_gives_a_page_that_says_so(render, data):
    assert "The sensor data could not be read" in render(data).said


def test_without_readings_the_page_says_what_to_do(render):
    said = render({"nodes": {}, "leds": [], "plugins": []}).said
    assert "No readings yet" in said
    assert "plugin-poll" in said


@pytest.mark.parametrize(
    "parts",
    [
        {"nodes": [], "leds": {}, "plugins": "x", "logs": {}, "cluster": [], "host": 3, "now": "x"},
        {"nodes": {"a": 1, "b": {"c": []}, "d": {"e": {"f": 2}}}, "leds": [1, None], "plugins": [None, {}, "x"]},
        {
            "now": 1e300,
            "host": {"node": 3, "model": []},
            "logs": [None, {}, {"text": "x"}, {"text": 1, "level": "info"}],
        },
        {"logs": [{"text": "x", "level": "info"}, {"text": "y", "level": "odd", "at": -1e300, "plugin": 3}]},
        {"cluster": {"members": [None, {}, {"node": "a", "lastSeen": 10**400}], "leader": 3}},
        {"plugins": [{"name": "a", "state": 3, "polls": -1, "leds": [-1, "x", 10**9], "latency": {"medianMs": 1}}]},
        {"plugins": [{"name": "a", "memoryBytes": 10**400, "lastError": {"at": float("nan")}}], "leds": ["#ff0000"]},
    ],
)
def test_odd_parts_are_left_out_or_shown_but_never_fatal(render, sensor, parts):
    assert "Edge sensors" in render(sensor({"a": 1}, **parts)).said


@pytest.mark.parametrize(
    "values",
    [
        {"a": None, "b": True, "c": [1], "d": {}},
        [],
        {"uptimeSeconds": float("inf"), "temperature": float("nan"), "fanOn": 10**400, "memoryUsedMb": 1e300},
        {"memoryUsedMb": 1, "memoryTotalMb": float("nan"), "alarm": float("nan"), "b_alarm": None},
        {"a": 1e300, "b": -0.0, "c": 5e-324, "d": -1e300, "e": 2**62},
    ],
)
def test_odd_values_are_shown_in_words_or_left_out(render, sensor, values):
    said = render(sensor(values, {"a": 3, "temperature": None}, age=10**400)).said
    assert "nan" not in said
    assert "inf" not in said


@pytest.mark.parametrize("points", [[[10, 1]], [[1, 2, 3], [1]], ["x", None], [[0, float("nan")], [1, 2]], {}])
def test_a_trend_of_less_than_two_points_is_none(render, sensor, points):
    trend = {"points": points, "min": 0, "max": 1, "hours": 1}
    assert "trend" not in [
        value for name, value in render(sensor({"a": 1}, trends={"a": trend})).attributes if name == "class"
    ]


def test_a_plant_too_large_for_a_page_is_counted_not_dropped_in_silence(render, sensor):
    found = {"values": {f"{'<' * 70}{n}": 1 for n in range(100)}, "units": {}, "timestamp": 1, "ageSeconds": 1}
    plugins = {f"p{n}": {f"s{m}": found for m in range(20)} for n in range(12)}
    page = render({"nodes": {"a": plugins, "b": plugins}})
    assert len(page.html.encode()) < 2 * 2**20
    assert "find no room on this page" in page.said
    assert "and 74 more values" in page.said


def test_the_page_fits_its_limit_whatever_it_is_given(render, sensor, plugin):
    wide = "&€" * 40
    found = {"values": {f"{wide}{n}": wide for n in range(30)}, "units": {}, "timestamp": 1, "ageSeconds": 500}
    error = {"code": wide, "message": wide * 50, "at": 1}
    page = render(
        {
            "now": 1_700_000_000_000,
            "nodes": {f"n{m}": {f"p{n}": {f"s{k}": found for k in range(9)} for n in range(9)} for m in range(9)},
            "plugins": [
                plugin(f"{wide}{n}", state="closed", leds=list(range(256)), lastError=error) for n in range(256)
            ],
            "leds": ["#ff0000"] * 256,
            "logs": [{"at": n, "level": "error", "plugin": wide, "text": wide * 50} for n in range(100)],
            "cluster": {"connected": True, "members": [{"node": f"{wide}{n}", "role": wide} for n in range(1_000)]},
        }
    )
    assert len(page.html.encode()) < 2 * 2**20
