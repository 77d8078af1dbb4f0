"""What a processor's temperature asks for: a colour, and a fan that does not switch to and fro. All in °C."""

GREEN = (0, 255, 0)
AMBER = (255, 120, 0)
RED = (255, 0, 0)


def color_of(temperature, warn_above, alarm_above):
    if temperature > alarm_above:
        return RED
    if temperature > warn_above:
        return AMBER
    return GREEN


def next_fan(running, temperature, on_above, off_below):
    """Starts above `on_above`, stops below `off_below`, unchanged between."""
    if running:
        return temperature >= off_below
    return temperature > on_above
