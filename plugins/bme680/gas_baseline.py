"""The gas resistance of clean air, found during burn-in and kept over restarts.

A heater that was off drifts for minutes: for `burn_in_ms` no score is given, and the baseline is the mean of the last
50 readings of that time. A baseline of an earlier run is used at once, with less trust until burn-in has passed again;
one not seen for a week is dropped, as the sensor ages and may have moved.

Durations within a run are differences of `at_ms`, a clock that is never set: a Raspberry Pi without a real-time clock
starts in 1970 and jumps by decades once it has network. Only how long the machine was off comes from `wall_ms`, ms since
1970.
"""

import json

MEAN_OF_READINGS = 50
# One hour: the heater plate's slow drift has passed.
YOUNG_FOR_MS = 3_600_000
# A save an hour wears no SD card.
SAVE_EVERY_MS = 3_600_000
# A week without power: measure again rather than trust it.
FORGOTTEN_AFTER_MS = 7 * 24 * 3_600_000

BURNING_IN = 0
YOUNG = 1
RESTORED = 2
STABLE = 3


class GasBaseline:
    def __init__(self, burn_in_ms):
        self.value = None
        self._burn_in_ms = burn_in_ms
        self._started_ms = None
        # How old the value was at `_known_ms`: more than 0 for one of an earlier run.
        self._known_age_ms = 0
        self._known_ms = None
        self._saved_ms = None
        self._recent = []

    def observe(self, gas, at_ms):
        """Takes one reading in kΩ."""
        if self._started_ms is None:
            self._started_ms = at_ms
        if self.value is not None or gas <= 0:
            return
        self._recent.append(gas)
        del self._recent[:-MEAN_OF_READINGS]
        if self._burnt_in(at_ms):
            self.value = sum(self._recent) / len(self._recent)
            self._known_ms = at_ms
            self._recent.clear()

    def accuracy(self, at_ms):
        if self.value is None:
            return BURNING_IN
        if not self._burnt_in(at_ms):
            return RESTORED
        return STABLE if self._age(at_ms) >= YOUNG_FOR_MS else YOUNG

    def due_to_save(self, at_ms):
        if self.value is None:
            return False
        return self._saved_ms is None or at_ms - self._saved_ms >= SAVE_EVERY_MS

    def to_bytes(self, at_ms, wall_ms):
        """What `restore` takes; counts as saved, as a store that refuses is not to be asked at every poll."""
        self._saved_ms = at_ms
        found_ms = wall_ms - self._age(at_ms)
        return json.dumps({"version": 1, "kohm": self.value, "found_ms": found_ms, "seen_ms": wall_ms}).encode()

    def restore(self, data, at_ms, wall_ms):
        """Whether `data` held a baseline that still counts."""
        try:
            saved = json.loads(data)
            version, kohm = saved["version"], float(saved["kohm"])
            found_ms, seen_ms = int(saved["found_ms"]), int(saved["seen_ms"])
        except (ValueError, KeyError, TypeError, OverflowError):
            return False
        if version != 1 or not 0 < kohm < float("inf") or wall_ms - seen_ms > FORGOTTEN_AFTER_MS:
            return False
        self.value, self._known_ms, self._saved_ms = kohm, at_ms, at_ms
        self._known_age_ms = max(0, seen_ms - found_ms)
        return True

    def _age(self, at_ms):
        return self._known_age_ms + at_ms - self._known_ms

    def _burnt_in(self, at_ms):
        return self._started_ms is not None and at_ms - self._started_ms >= self._burn_in_ms
