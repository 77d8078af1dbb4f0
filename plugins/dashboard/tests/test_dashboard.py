"""What the page promises: it shows what the host knows, trusts no text in it, and needs nothing from elsewhere."""

import json
from html.parser import HTMLParser

import pytest

HOSTILE = '"><script>alert(1)</script>'
VOID = {"meta"}


class Checker(HTMLParser):
    """Collects tags and visible text and insists that every element is closed in order."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.text, self.styles, self.attributes = [], [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        (self.styles if self.open[-1:] == ["style"] else self.text).append(data)


@pytest.fixture
def render(load):
    app = load("dashboard")

    def render_checked(data):
        page = app.DashboardLogic().render(data if isinstance(data, str) else json.dumps(data))
        checked = Checker(page)
        checked.said = " ".join(" ".join(checked.text).split())
        checked.page = page
        return checked

    return render_checked


def with_sensor(values, units=None, age=3, node="pi4", plugin="dht22", sensor="hall", **others):
    found = {"values": values, "units": units or {}, "timestamp": 1_700_000_000_000, "ageSeconds": age}
    return {"nodes": {node: {plugin: {sensor: found}}}, "leds": [], "plugins": [], **others}


def test_a_reading_is_shown_with_its_origin_unit_and_age(render):
    said = render(with_sensor({"temperature": 21.53, "humidity": 40}, {"temperature": "°C", "humidity": "%"})).said
    for part in ("hall", "dht22 on pi4", "3 s ago", "Temperature 21.5 °C", "Humidity 40 %", "1 sensor on 1 node"):
        assert part in said


@pytest.mark.parametrize(("age", "stale"), [(60, False), (61, True), (None, True), ("3", True)])
def test_a_reading_older_than_a_minute_or_of_unknown_age_is_marked_stale(render, age, stale):
    assert ("stale ·" in render(with_sensor({"temperature": 1}, age=age)).said) is stale


def test_values_are_worded_for_people(render):
    values = {
        "uptimeSeconds": 98_765,
        "fanOn": 1,
        "iaqAccuracy": 1,
        "iaqScore": 97,
        "gasResistance": 119.66,
        "pressure": 1013.25,
        "outsideTemp": -0.5,
        "note": "fine",
    }
    said = render(with_sensor(values, {"gasResistance": "kΩ", "pressure": "hPa"})).said
    for part in (
        "Uptime 1 d 3 h",
        "Fan on",
        "Air quality trust young baseline",
        "Air quality 97 / 100",
        "Gas resistance 119.7 kΩ",
        "Pressure 1013 hPa",
        "Outside temp −0.5",
        "Note fine",
    ):
        assert part in said


def test_the_led_strip_is_shown_in_colour_and_in_words(render):
    page = render({"leds": ["#00ff00", "#000000"]})
    assert "LED 0: #00ff00" in page.said
    assert "LED 1: off" in page.said
    assert ("style", "--lit: #00ff00") in page.attributes


def test_plugins_are_listed_with_state_and_last_error(render):
    failed = {"name": "bme680", "state": "backing-off", "lastError": {"code": "HARDWARE_IO", "message": "no answer"}}
    said = render({"plugins": [{"name": "dht22", "state": "ready"}, failed]}).said
    assert "dht22 ready" in said
    assert "bme680 waiting after a failure HARDWARE_IO: no answer" in said


def test_no_text_of_a_plugin_becomes_markup(render):
    data = with_sensor(
        {HOSTILE: 1, "note": HOSTILE},
        {HOSTILE: HOSTILE},
        node=HOSTILE,
        plugin=HOSTILE,
        sensor=HOSTILE,
        leds=[HOSTILE, "#12345;", "red"],
        plugins=[{"name": HOSTILE, "state": HOSTILE, "lastError": {"code": HOSTILE, "message": HOSTILE}}],
    )
    page = render(data)
    assert "script" not in page.tags
    assert "<script" not in page.page
    assert all("alert" not in (value or "") for _, value in page.attributes)


def test_the_page_stands_alone(render):
    page = render(with_sensor({"temperature": 1}, leds=["#ff0000"]))
    assert not {"script", "link", "img", "iframe", "form", "object"} & set(page.tags)
    assert not {"src", "href", "action"} & {name for name, _ in page.attributes}
    assert "url(" not in page.page
    assert "@import" not in page.page


def test_the_page_follows_the_readers_light_or_dark_preference_and_names_its_language(render):
    page = render({})
    assert "prefers-color-scheme: dark" in "".join(page.styles)
    assert ("lang", "en") in page.attributes
    assert {"main", "header", "h1", "title"} <= set(page.tags)


@pytest.mark.parametrize("data", ["", "{", "[]", "null", "3"])
def test_data_that_cannot_be_read_gives_a_page_that_says_so(render, data):
    assert "The sensor data could not be read" in render(data).said


def test_without_readings_the_page_says_what_to_do(render):
    said = render({"nodes": {}, "leds": [], "plugins": []}).said
    assert "No readings yet" in said
    assert "plugin-poll" in said


@pytest.mark.parametrize(
    "data",
    [
        {"nodes": [], "leds": {}, "plugins": "x"},
        {"nodes": {"a": 1, "b": {"c": []}, "d": {"e": {"f": 2}}}, "leds": [1, None], "plugins": [None, {}, "x"]},
        with_sensor({"a": None, "b": True, "c": [1], "d": {}}, {"a": 3}),
        with_sensor([], age=True),
        with_sensor({"uptimeSeconds": float("inf"), "temperature": float("nan"), "fanOn": 10**400}, age=10**400),
    ],
)
def test_odd_parts_are_left_out_or_shown_but_never_fatal(render, data):
    assert "Edge sensors" in render(data).said
