"""The parts of the page. Each takes typed data and gives HTML in which every foreign text is escaped."""

import html

from wording import age_of, is_number, label_of, value_of

# Several polls at any usual interval have failed by then.
STALE_AFTER_S = 60

# Shown large; the rest of a sensor's values follow as a list.
LEADING = ("temperature", "humidity", "cpuTemp", "iaqScore")
LEADING_AT_MOST = 2

STATES = {
    "ready": ("good", "ready"),
    "polling": ("good", "polling"),
    "loading": ("warn", "loading"),
    "reloading": ("warn", "reloading"),
    "backing-off": ("bad", "waiting after a failure"),
    "closed": ("idle", "closed"),
    "disabled": ("idle", "disabled"),
}
HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


def escape(text):
    return html.escape(str(text), quote=True)


def badge(kind, text):
    return f'<span class="badge {kind}">{escape(text)}</span>'


def is_stale(reading):
    return reading.age_s is None or reading.age_s > STALE_AFTER_S


def fields_of(reading):
    """`(leading, rest)` fields; a sensor without a well-known one leads with its first two numbers."""
    names = list(reading.values)
    numbers = [name for name in names if is_number(reading.values[name])]
    leading = ([name for name in LEADING if name in numbers] or numbers)[:LEADING_AT_MOST]
    return leading, [name for name in names if name not in leading]


def entries(reading, names):
    rows = []
    for name in names:
        value, unit = value_of(name, reading.values[name], reading.units.get(name, ""))
        unit_html = f" <span>{escape(unit)}</span>" if unit else ""
        rows.append(f"<div><dt>{escape(label_of(name))}</dt><dd>{escape(value)}{unit_html}</dd></div>")
    return "".join(rows)


def age_badge(reading):
    if reading.age_s is None:
        return badge("warn", "stale · age unknown")
    if is_stale(reading):
        return badge("warn", f"stale · {age_of(reading.age_s)}")
    return badge("good", age_of(reading.age_s))


def reading_card(reading):
    leading, rest = fields_of(reading)
    parts = [
        f'<article class="card{" stale" if is_stale(reading) else ""}">',
        f'<div class="head"><h3>{escape(reading.sensor)}</h3>{age_badge(reading)}</div>',
        f'<p class="from">{escape(reading.plugin)} on {escape(reading.node)}</p>',
        f'<dl class="lead">{entries(reading, leading)}</dl>' if leading else "",
        f'<dl class="rest">{entries(reading, rest)}</dl>' if rest else "",
        "" if reading.values else '<p class="soft">No values</p>',
        "</article>",
    ]
    return "".join(parts)


def node_sections(readings):
    """A section a node, in the order the nodes first appear."""
    by_node = {}
    for reading in readings:
        by_node.setdefault(reading.node, []).append(reading)
    return "".join(
        f'<section><h2>{escape(node)}</h2><div class="grid">{"".join(map(reading_card, found))}</div></section>'
        for node, found in by_node.items()
    )


def is_color(text):
    """Exactly `#rrggbb`: nothing else may enter a style attribute."""
    return len(text) == 7 and text[0] == "#" and HEX_DIGITS.issuperset(text[1:])


def led_strip(leds):
    if not leds:
        return ""
    items = []
    for index, color in enumerate(leds):
        lit = is_color(color) and color != "#000000"
        spoken = f"LED {index}: {color if lit else 'off'}"
        items.append(
            f'<li title="{escape(spoken)}"><span class="led" style="--lit: {color if lit else "#2c3644"}"></span>'
            f'<span aria-hidden="true">{index}</span><span class="hidden">{escape(spoken)}</span></li>'
        )
    return f'<section><h2>LED strip</h2><ul class="strip">{"".join(items)}</ul></section>'


def plugin_list(plugins):
    if not plugins:
        return ""
    items = []
    for plugin in plugins:
        kind, text = STATES.get(plugin.state, ("idle", plugin.state))
        why = f'<span class="why">{escape(plugin.error)}</span>' if plugin.error else ""
        items.append(f"<li><strong>{escape(plugin.name)}</strong>{badge(kind, text)}{why}</li>")
    return f'<section><h2>Plugins</h2><ul class="card plugins">{"".join(items)}</ul></section>'


def note(title, *paragraphs):
    said = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return f'<section class="card note"><h3>{escape(title)}</h3>{said}</section>'
