"""When a room is too hot: an alarm with a dead band, so that it does not flutter at its threshold."""


def next_alarm(active, temperature, alarm_above, dead_band):
    """Raised above `alarm_above`, cleared below `alarm_above - dead_band`, unchanged between. All in °C."""
    if active:
        return temperature >= alarm_above - dead_band
    return temperature > alarm_above
