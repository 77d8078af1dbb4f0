"""How the baseline is found, trusted and remembered."""

import pytest

BURN_IN_MS = 300_000
HOUR_MS = 3_600_000
# Of a clock that is never set, and of one that is.
START_MS = 100_000
WALL_MS = 1_700_000_000_000


@pytest.fixture
def gas_baseline(load):
    return load("bme680", "gas_baseline")


@pytest.fixture
def baseline(gas_baseline):
    return gas_baseline.GasBaseline(BURN_IN_MS)


def test_there_is_no_baseline_before_burn_in_is_over(baseline):
    baseline.observe(100, START_MS)
    baseline.observe(100, START_MS + BURN_IN_MS - 1)
    assert baseline.value is None
    assert baseline.accuracy(START_MS + BURN_IN_MS - 1) == 0


def test_the_baseline_is_the_mean_of_the_last_50_readings(baseline):
    for index in range(100):
        baseline.observe(10 if index < 50 else 100 + index % 2, START_MS + index * 1000)
    baseline.observe(101, START_MS + BURN_IN_MS)
    assert baseline.value == pytest.approx(100.52)


def test_a_found_baseline_stays_as_the_air_changes(baseline):
    baseline.observe(100, START_MS)
    baseline.observe(100, START_MS + BURN_IN_MS)
    baseline.observe(5, START_MS + 2 * BURN_IN_MS)
    assert baseline.value == 100


def test_trust_grows_from_young_to_stable_in_an_hour(baseline):
    baseline.observe(100, START_MS)
    found_ms = START_MS + BURN_IN_MS
    baseline.observe(100, found_ms)
    assert [baseline.accuracy(found_ms + age) for age in (0, HOUR_MS - 1, HOUR_MS)] == [1, 1, 3]


def test_a_reading_without_resistance_is_no_baseline(baseline):
    baseline.observe(0, START_MS)
    baseline.observe(80, START_MS + BURN_IN_MS)
    assert baseline.value == 80


def test_a_baseline_of_an_earlier_run_counts_at_once_with_less_trust(gas_baseline, baseline):
    baseline.observe(100, START_MS)
    baseline.observe(100, START_MS + BURN_IN_MS)
    saved = baseline.to_bytes(START_MS + BURN_IN_MS, WALL_MS)
    restarted_ms = 5_000
    later = gas_baseline.GasBaseline(BURN_IN_MS)
    assert later.restore(saved, restarted_ms, WALL_MS + 2 * HOUR_MS)
    later.observe(60, restarted_ms)
    assert (later.value, later.accuracy(restarted_ms)) == (100, 2)
    assert later.accuracy(restarted_ms + BURN_IN_MS) == 1
    assert later.accuracy(restarted_ms + HOUR_MS) == 3


def test_the_age_of_a_baseline_goes_on_over_a_restart_and_over_a_clock_that_jumps(gas_baseline, baseline):
    baseline.observe(100, START_MS)
    found_ms = START_MS + BURN_IN_MS
    baseline.observe(100, found_ms)
    # Found in 1970, saved after the clock was set.
    saved = baseline.to_bytes(found_ms + HOUR_MS // 2, WALL_MS)
    later = gas_baseline.GasBaseline(BURN_IN_MS)
    assert later.restore(saved, 0, WALL_MS)
    later.observe(60, 0)
    assert [later.accuracy(at_ms) for at_ms in (HOUR_MS // 2 - 1, HOUR_MS // 2)] == [1, 3]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"version": 2, "kohm": 1, "found_ms": 1700000000000, "seen_ms": 1700000000000}',
        b'{"version": 1, "kohm": 0, "found_ms": 1700000000000, "seen_ms": 1700000000000}',
        b'{"version": 1, "kohm": NaN, "found_ms": 1700000000000, "seen_ms": 1700000000000}',
        b'{"version": 1, "kohm": 1, "found_ms": Infinity, "seen_ms": 1700000000000}',
    ],
)
def test_saved_bytes_that_make_no_sense_are_not_used(baseline, data):
    assert not baseline.restore(data, START_MS, WALL_MS)
    assert baseline.value is None


def test_a_baseline_not_seen_for_a_week_is_measured_anew(gas_baseline, baseline):
    baseline.observe(100, START_MS)
    baseline.observe(100, START_MS + BURN_IN_MS)
    saved = baseline.to_bytes(START_MS + BURN_IN_MS, WALL_MS)
    week_ms = 7 * 24 * HOUR_MS
    assert gas_baseline.GasBaseline(BURN_IN_MS).restore(saved, 0, WALL_MS + week_ms)
    assert not gas_baseline.GasBaseline(BURN_IN_MS).restore(saved, 0, WALL_MS + week_ms + 1)
