"""The sensors of one plugin that has many: a line a sensor, with its first value and how that went."""

from cards import age_badge, badge, with_unit
from fields import fields_of
from freshness import is_stale
from markup import escape, ident, name
from sparkline import SMALL, range_words, sparkline

HEAD = (
    '<thead><tr><th scope="col">Sensor</th><th scope="col">Value</th><th scope="col">Age</th>'
    '<th scope="col">Trend</th><th scope="col">Others</th></tr></thead>'
)


def row(reading, raised):
    leading, rest, _ = fields_of(reading)
    first = leading[0] if leading else None
    others = ", ".join(field.said() for field in [*leading[1:], *rest][:3])
    trend = first.trend if first else None
    line = (
        f"{sparkline(first.name, trend, first.raw_unit, SMALL)}<small>{escape(range_words(trend))}</small>"
        if trend
        else "–"
    )
    return (
        f'<tr class="sensor{" stale" if is_stale(reading) else ""}"'
        f' id="{ident("sensor", reading.node, reading.plugin, reading.sensor)}">'
        f'<th scope="row">{name(reading.sensor)}</th>'
        f"<td>{f'<small>{escape(first.label, 80)}</small> <b>{with_unit(first)}</b>' if first else '–'}</td>"
        f"<td>{badge('bad', 'alarm') if raised else ''} {age_badge(reading)}</td>"
        f'<td class="line">{line}</td><td class="soft">{escape(others, 200) or "–"}</td></tr>'
    )


def table(node, plugin, rows):
    """`rows`: HTML."""
    spoken = escape(f"Sensors of {plugin} on {node}", 200)
    return (
        f'<div class="card table" id="{ident("table", node, plugin)}" role="group" aria-label="{spoken}" tabindex="0">'
        f"<table><caption>{name(plugin)}</caption>{HEAD}<tbody>{rows}</tbody></table></div>"
    )
