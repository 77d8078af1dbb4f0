"""The whole document: readable without scripts, without any request to elsewhere, and by a screen reader."""

from cards import is_stale, led_strip, node_sections, note, plugin_list
from sensor_data import BrokenData, parse
from style import CSS

NOTHING_YET = (
    "No readings yet",
    "Nothing has been polled since Node-RED started. Send a message to a plugin-poll node: its readings appear here.",
)


def document(summary, body):
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Edge sensors</title><style>{CSS}</style></head>"
        f'<body><div class="wrap"><header><h1>Edge sensors</h1><p class="soft">{summary}</p></header>'
        f"<main>{body}</main></div></body></html>\n"
    )


def counted(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def summary_of(readings):
    nodes = len({reading.node for reading in readings})
    stale = sum(1 for reading in readings if is_stale(reading))
    summary = f"{counted(len(readings), 'sensor')} on {counted(nodes, 'node')}"
    return f"{summary}, {stale} stale" if stale else summary


def render_page(text):
    """The page for the host's JSON; data that cannot be read gives a page that says so, never an error."""
    try:
        data = parse(text)
    except BrokenData as broken:
        return document(
            "",
            note(
                "The sensor data could not be read",
                f"The host sent data that this page does not understand: {broken}.",
                "Check that the dashboard plugin and the package are of the same version.",
            ),
        )
    readings = data.readings
    body = node_sections(readings) if readings else note(*NOTHING_YET)
    body += led_strip(data.leds) + plugin_list(data.plugins)
    return document(summary_of(readings) if readings else "", body)
