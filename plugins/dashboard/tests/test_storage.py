"""What is not kept on the disk is an alarm with since when and what to do; little room is a warning."""

import pytest

NOW = 1_700_000_000_000
FULL = "the history is not being kept (ENOSPC): the disk is full, or has no room for further files. Make room on it"


def not_kept(what, **others):
    return {"what": what, "since": NOW - 125_000, "reason": "ENOSPC", "message": FULL, **others}


def failing(*entries):
    return {"status": "failing", "freeBytes": 0, "notKept": list(entries)}


def test_a_disk_that_takes_everything_is_not_mentioned(render, sensor):
    assert "Storage" not in render(sensor({"temperature": 21})).said


def test_what_is_not_kept_is_an_alarm_with_since_when_why_and_what_to_do(render, sensor):
    page = render(sensor({"temperature": 21}, storage=failing(not_kept("history"))))
    assert "Alarm: Storage The history is not kept for 2 min 5 s" in page.said
    assert "ends. The history is not being kept (ENOSPC): the disk is full" in page.said
    assert "Make room on it." in page.said
    assert "1 alarm: Storage" in page.said


def test_the_name_of_a_file_keeps_its_letters(render, sensor):
    message = "host.toml could not be written (EROFS): its disk is mounted read-only. Mount it for writing"
    page = render(sensor({"temperature": 21}, storage=failing(not_kept("host-toml", message=message))))
    assert "does not hold. host.toml could not be written (EROFS)" in page.said


@pytest.mark.parametrize("what", ["disk", "history", "registers", "outbox", "prepared", "host-toml", "something new"])
def test_each_thing_is_an_entry_of_its_own(render, sensor, what):
    page = render(sensor({"temperature": 21}, storage=failing(not_kept(what), not_kept("state", plugin="a<b"))))
    assert "What a<b wants kept is not kept" in page.said
    assert "2 alarms: Storage" in page.said


def test_little_room_is_a_warning(render, sensor):
    page = render(sensor({"temperature": 21}, storage={"status": "low", "freeBytes": 31 * 2**20, "notKept": []}))
    assert "Warning: Storage The disk is nearly full 31 MiB are left. Make room before it is full." in page.said


@pytest.mark.parametrize("storage", [7, {}, {"status": 1, "notKept": [1, {}, {"what": 2}]}, {"freeBytes": -1}])
def test_what_has_another_shape_is_left_out(render, sensor, storage):
    assert "Storage" not in render(sensor({"temperature": 21}, storage=storage)).said
