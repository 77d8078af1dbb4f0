"""The whole document: readable without scripts, without any request to elsewhere, and by a screen reader.

What must be seen first comes first: what is wrong, then what the sensors read, then what serves to find out more.
"""

from alarm_list import alarm_list, state_line
from alarms import alarmed_plugins, find_alarms
from cluster_table import cluster_table
from led_strip import led_strip
from log_tail import log_tail
from markup import escape, name
from node_sections import node_sections
from plugin_table import plugin_table
from script import SCRIPT
from sensor_data import BrokenData, parse
from style import CSS
from wording import clock_of

TITLE = "Edge sensors"
NOTHING_YET = (
    "No readings yet",
    "Nothing has been polled since Node-RED started. Send a message to a plugin-poll node: its readings appear here.",
)
# Its controls need the script.
WITHOUT_SCRIPT = "<noscript><style>.tools { display: none; }</style></noscript>"


def document(title, header, body):
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{CSS}</style>{WITHOUT_SCRIPT}</head>"
        f'<body><div class="wrap"><header class="top">{header}</header>'
        f"<main>{body}</main></div><script>{SCRIPT}</script></body></html>\n"
    )


def note(title, *paragraphs):
    said = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return f'<section class="card note"><h2>{escape(title)}</h2>{said}</section>'


def top(data, alarms):
    host = data.host
    facts = [f"<span>{TITLE}</span>"] if host.node is not None else []
    if host.model is not None:
        facts.append(f"<span>{name(host.model)}</span>")
    if host.simulated:
        facts.append('<span class="simulated">simulated hardware</span>')
    clock = clock_of(data.now)
    if clock:
        facts.append(f'<span>as of <time datetime="{clock[0]}">{clock[1]}</time><span class="zone"> UTC</span></span>')
    heading = name(host.node) if host.node is not None else TITLE
    return f'<div><h1>{heading}</h1><p class="facts">{"".join(facts)}</p></div>{state_line(data, alarms)}'


def render_page(text):
    """The page for the host's JSON; data that cannot be read gives a page that says so, never an error."""
    try:
        data = parse(text)
    except BrokenData as broken:
        what = note(
            "The sensor data could not be read",
            f"The host sent data that this page does not understand: {broken}.",
            "Check that the dashboard plugin and the package are of the same version.",
        )
        return document(TITLE, f"<h1>{TITLE}</h1>", what)
    alarms = find_alarms(data)
    body = [
        alarm_list(alarms),
        node_sections(data, alarmed_plugins(data)) if data.readings else note(*NOTHING_YET),
        '<div class="behind">',
        plugin_table(data),
        f'<div class="side">{led_strip(data.leds, data.plugins)}{cluster_table(data.cluster, data.now)}</div>',
        log_tail(data.logs),
        "</div>",
    ]
    title = TITLE if data.host.node is None else f"{escape(data.host.node, 80)} · {TITLE}"
    return document(title, top(data, alarms), "".join(body))
