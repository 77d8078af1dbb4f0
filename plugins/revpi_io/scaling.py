"""What an input's number means, and what it asks of an output and of a row of LEDs."""


class Scale:
    """A straight line through two points: `raw_min` is `value_min`, `raw_max` is `value_max`."""

    def __init__(self, raw_min, raw_max, value_min, value_max):
        self.raw_min = raw_min
        self.raw_max = raw_max
        self._value_min = value_min
        self._per_raw = (value_max - value_min) / (raw_max - raw_min)

    def value(self, raw):
        return self._value_min + (raw - self.raw_min) * self._per_raw

    def share(self, raw):
        """0 to 1: how far along its range the input is."""
        return min(max((raw - self.raw_min) / (self.raw_max - self.raw_min), 0), 1)

    def is_plausible(self, raw, slack):
        """A current loop that is cut reads 0 instead of 4 mA. `slack` in raw steps, beyond either end."""
        low, high = sorted((self.raw_min, self.raw_max))
        return low - slack <= raw <= high + slack


def next_output(on, value, on_at, off_at):
    """With hysteresis: on from `on_at`, off from `off_at`, unchanged between. `on_at` may lie above (to drain a tank) or
    below (to fill it)."""
    if on_at > off_at:
        return value > off_at if on else value >= on_at
    return value < off_at if on else value <= on_at


def bar(share, count):
    """Which of `count` LEDs are lit: none at 0, all at 1."""
    return [share * count > index + 0.5 or share == 1 for index in range(count)]
