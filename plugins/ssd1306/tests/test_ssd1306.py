"""What the display shows: every value on a line, and never one that need not hold any more."""

import json
import re
from pathlib import Path

import pytest

WIDTH, LINES = 21, 8


@pytest.fixture
def lines_of(load):
    module = load("ssd1306", "text_lines")
    return lambda data, wanted=(): module.lines_of(data, wanted, WIDTH, LINES)


def reading(values, age=2, **more):
    return {"values": values, "units": {"temperature": "°C", "humidity": "%"}, "ageSeconds": age, **more}


def data(**plugins):
    return {"host": {"node": "pi4"}, "nodes": {"pi4": plugins}}


ROOM = {"temperature": 21.53, "humidity": 40}


def test_a_line_is_a_label_and_a_value(lines_of):
    assert lines_of(data(dht22={"hall": reading(ROOM)})) == ["temperature   21.5 °C", "humidity         40 %"]


def test_there_is_a_line_before_anything_was_read(lines_of):
    assert lines_of({"host": {"node": "pi4"}, "nodes": {}}) == ["no readings yet"]


def test_a_value_that_need_not_hold_is_not_shown(lines_of):
    failed = reading({"temperature": 21.5}, unknownSince=1_795_615_380_000)
    assert lines_of(data(dht22={"hall": failed})) == ["temperature   unknown"]
    assert lines_of(data(dht22={"hall": reading({"temperature": 21.5}, age=61)})) == ["temperature       old"]
    slow = reading({"temperature": 21.5}, age=61, everySeconds=30)
    assert lines_of(data(dht22={"hall": slow})) == ["temperature   21.5 °C"]


def test_the_lines_that_are_wanted_in_their_order(lines_of):
    wanted = ["dht22/hall/humidity", "dht22/hall/temperature", "bme680/air/pressure"]
    lines = lines_of(data(dht22={"hall": reading(ROOM)}), wanted)
    assert lines == ["humidity         40 %", "temperature   21.5 °C", "bme680/air/pr unknown"]


def test_this_node_comes_first_and_wins_and_others_are_named(lines_of):
    both = {"host": {"node": "pi4"}, "nodes": {"pi3": {"dht22": {"hall": reading({"humidity": 9})}}}}
    both["nodes"]["pi4"] = {"dht22": {"hall": reading({"humidity": 40})}}
    assert lines_of(both) == ["humidity         40 %", "pi3 humidity      9 %"]
    assert lines_of(both, ["dht22/hall/humidity"]) == ["humidity         40 %"]


def test_what_finds_no_room_is_counted(lines_of):
    many = {f"n{index}": index for index in range(10)}
    lines = lines_of(data(many={"one": reading(many)}))
    assert [len(lines), lines[-1]] == [8, "+ 3 more"]
    assert lines_of(data(many={"one": reading({"a" * 30: 123456.7})})) == ["aaaaaaaaaaaaaa 123457"]
    assert lines_of(data(many={"one": reading({"text": "x" * 30})})) == ["x" * WIDTH]


@pytest.fixture
def app(load):
    return load("ssd1306")


def test_every_page_is_written_and_the_display_is_switched_on_last(app, host):
    app.DisplayLogic().update(json.dumps(data(dht22={"hall": reading({"humidity": 40})})))
    assert {(bus, address, read) for bus, address, _, read in host.transfers} == {(1, 0x3C, 0)}
    setup, *pages, last = [written for _, _, written, _ in host.transfers]
    assert setup[0] == 0x00
    assert setup[-2:] == b"\x81\x7f"
    assert last == b"\x00\xaf"
    assert [(page[0], len(page)) for page in pages] == [(0x40, 129)] * 8
    # An h of five columns: a stem, an arch and a leg, then a gap.
    assert pages[0][1:7] == bytes((0x7F, 0x08, 0x04, 0x04, 0x78, 0x00))
    assert not any(pages[1][1:])


def test_a_character_that_the_font_does_not_have_is_a_frame(load):
    assert load("ssd1306", "font").glyph("你") == bytes((0x7F, 0x41, 0x41, 0x41, 0x7F))


def test_a_display_that_does_not_answer_fails_the_update(app, host):
    host.i2c_failure = "no device at 0x3c"
    with pytest.raises(Exception, match="no device at 0x3c"):
        app.DisplayLogic().update(json.dumps(data()))


def test_a_setting_that_makes_no_sense_says_what_to_write(app, host):
    host.settings["contrast"] = "bright"
    with pytest.raises(Exception, match=r'from 0 to 255, not "bright"; write contrast = "127" under \[plugins\.ssd1306'):
        app.DisplayLogic().update(json.dumps(data()))


@pytest.fixture
def of_your_own(app, load):
    """The code of README.md. `load` has put the generated modules where it finds them."""
    readme = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
    names = {}
    exec(re.search(r"```python\n(.*?)```", readme, re.DOTALL).group(1), names)
    return names["DisplayLogic"]().update


def test_the_display_of_the_document_shows_a_temperature_or_dashes(of_your_own, host):
    known, failed = reading({"temperature": 21.53}), reading({"temperature": 21.53}, unknownSince=1)
    for sensors in ({"dht22": {"dht22": known}}, {"dht22": {"dht22": failed}}, {}):
        of_your_own(json.dumps(data(**sensors)))
    of_your_own(json.dumps({"nodes": {}}))
    assert [written for _, _, written, _ in host.transfers] == [b"21.5", b"--.-", b"--.-", b"--.-"]
    host.i2c_failure = "no device at 0x27"
    with pytest.raises(Exception, match="^no device at 0x27$"):
        of_your_own(json.dumps(data()))
