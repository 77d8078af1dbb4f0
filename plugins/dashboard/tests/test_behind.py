"""What serves to find out more: the LED strip, the plugins, the cluster and the log."""

import pytest

NOW = 1_700_000_000_000


def test_the_led_strip_is_shown_in_colour_and_in_words_with_whose_led_it_is(render, plugin):
    page = render({"leds": ["#00ff00", "#000000", "#280000"], "plugins": [plugin("dht22", leds=[0, 1])]})
    for part in ("0 : green", "1 : off", "LED 0 dht22 green", "LED 1 dht22 off", "LED 2 dim red"):
        assert part in page.said
    assert ("fill", "#00ff00") in page.attributes
    assert "All LEDs are off." in render({"leds": ["#000000"]}).said


@pytest.mark.parametrize(
    ("color", "words"),
    [
        ("#ff0000", "red"),
        ("#ff5000", "orange"),
        ("#ff7800", "orange"),
        ("#ffc800", "yellow"),
        ("#00ff00", "green"),
        ("#00ffff", "cyan"),
        ("#0000ff", "blue"),
        ("#ff00ff", "violet"),
        ("#ff0010", "red"),
        ("#ffffff", "white"),
        ("#281400", "dim orange"),
        ("#000000", "off"),
    ],
)
def test_colours_have_the_names_people_give_them(load, color, words):
    assert load("dashboard", "led_strip").color_words(color) == words


def test_plugins_are_listed_with_what_they_did_took_and_failed_of(render, plugin):
    failed = plugin(
        "bme680",
        state="backing-off",
        polls=12_407,
        failures=3,
        refusedCalls=2,
        latency={"lastMs": 1, "medianMs": 2.25, "longestMs": 310},
        memoryBytes=19_922_944,
        lastError={"code": "HARDWARE_IO", "message": "no answer", "at": NOW - 61_000},
    )
    said = render({"now": NOW, "plugins": [plugin("dht22", state="polling"), failed]}).said
    assert "dht22 ready 7 0 0 – – –" in said
    assert "bme680 waiting to retry 12 407 3 2 2.25 ms 310 ms 19 MiB" in said
    assert "Last error: HARDWARE_IO no answer 1 min 1 s ago" in said


def test_a_cluster_is_shown_where_there_is_one(render):
    members = [
        {"node": "pi4", "role": "voter", "healthy": True, "lastSeen": NOW - 5_000},
        {"node": "pi5", "role": "learner", "healthy": False, "lastSeen": None},
    ]
    said = render(
        {"now": NOW, "cluster": {"connected": True, "isLeader": True, "leader": "pi4", "members": members}}
    ).said
    for part in ("connected led by pi4", "pi4 leader healthy voter 5 s ago", "pi5 no answer learner never"):
        assert part in said


@pytest.mark.parametrize(
    ("skew", "words"),
    [
        (3_400, "pi5 healthy learner just now clock 3 s ahead"),
        (-125_000, "pi5 healthy learner just now clock 2 min 5 s behind"),
    ],
)
def test_a_node_whose_clock_is_wrong_is_told_from_the_others(render, skew, words):
    member = {"node": "pi5", "role": "learner", "healthy": True, "lastSeen": NOW, "skewMs": skew}
    cluster = {"connected": True, "isLeader": True, "leader": "pi4", "members": [member]}
    assert words in render({"now": NOW, "cluster": cluster}).said


@pytest.mark.parametrize("skew", [0, 999, -999, None, "3000", 10**400])
def test_a_clock_that_is_right_or_unknown_is_not_spoken_of(render, skew):
    member = {"node": "pi5", "role": "learner", "healthy": True, "lastSeen": NOW, "skewMs": skew}
    cluster = {"connected": True, "isLeader": True, "leader": "pi4", "members": [member]}
    said = render({"now": NOW, "cluster": cluster}).said
    assert "pi5 healthy learner" in said
    assert "clock" not in said


def test_the_log_has_its_newest_line_first_and_every_level_in_words(render):
    logs = [
        {"at": NOW - 1_000, "level": "debug", "text": "first"},
        {"at": NOW, "level": "error", "plugin": "dht22", "text": "second"},
    ]
    page = render({"logs": logs})
    assert "22:13:20 error dht22 second 22:13:19 debug first" in page.said
    assert ("data-level", "0") in page.attributes
    assert ("data-level", "3") in page.attributes


def test_lines_of_the_same_moment_are_told_apart(render):
    logs = [{"at": NOW, "level": "info", "text": "twice"}] * 2
    assert {f"log--{NOW}-0", f"log--{NOW}-1"} <= set(render({"logs": logs}).ids)


def test_what_needs_the_script_is_not_there_without_it(render):
    page = render({"logs": [{"at": NOW, "level": "info", "text": "x"}]})
    assert "<noscript><style>.tools { display: none; }</style></noscript>" in page.html


def test_a_log_that_is_all_quotes_is_bounded(render):
    logs = [{"at": at, "level": "info", "text": '"' * 1_000} for at in range(100)]
    page = render({"logs": logs})
    assert len(page.html) < 200_000
    assert "older lines find no room" in page.said
