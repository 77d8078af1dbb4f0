"""What the tests of the page share: the page rendered and taken apart, and data with one sensor in it."""

import json
from html.parser import HTMLParser

import pytest

# Elements that have no end; those of drawings end themselves.
VOID = {"meta", "input"}
HIDDEN = {"style", "script", "noscript"}
NOW = 1_700_000_000_000


class Page(HTMLParser):
    """Collects tags, visible text and attributes, and insists that every element is closed in order and every id is
    unique.
    """

    def __init__(self, html):
        super().__init__()
        self.html = html
        self.open, self.tags, self.text, self.attributes, self.ids, self.names = [], [], [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))
        self.said = " ".join(" ".join(self.text).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id"]
        self.names += [value for name, value in attrs if name == "aria-label"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not HIDDEN.intersection(self.open):
            self.text.append(data)


@pytest.fixture
def render(load):
    app = load("dashboard")

    def render_checked(data):
        return Page(app.DashboardLogic().render(data if isinstance(data, str) else json.dumps(data)))

    return render_checked


@pytest.fixture
def sensor():
    """`sensor({"temperature": 21}, …)` is the JSON with one sensor in it, as a host of today sends it."""

    def with_sensor(
        values, units=None, age=3, node="pi4", plugin="dht22", sensor="hall", trends=None, every=None, unknown_since=None, offsets=None, **others
    ):
        found = {"values": values, "units": units or {}, "timestamp": NOW, "ageSeconds": age}
        found.update(everySeconds=every, trends=trends or {})
        if unknown_since is not None:
            found["unknownSince"] = unknown_since
        if offsets is not None:
            found["offsets"] = offsets
        host = {"node": "pi4", "simulated": False}
        parts = {
            "now": NOW,
            "host": host,
            "nodes": {node: {plugin: {sensor: found}}},
            "leds": [],
            "plugins": [],
            "logs": [],
        }
        return {**parts, **others}

    return with_sensor


@pytest.fixture
def plugin():
    """`plugin("dht22", state="backing-off")` is a plugin's summary."""

    def summary(name, **others):
        usual = {"state": "ready", "role": "sensor", "origin": "bundled", "polls": 7, "failures": 0, "refusedCalls": 0}
        return {"name": name, **usual, "leds": [], **others}

    return summary
