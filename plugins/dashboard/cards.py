"""A card a sensor: its leading values large, each with how it went, the rest as a list, and how old all of it is."""

from alarms import alarm_fields
from fields import fields_of
from freshness import LAST_READ, UNKNOWN, age_words, is_stale, is_unknown, stale_after
from markup import escape, ident, name
from offsets import offsets_note
from sparkline import LARGE, SMALL, range_words, sparkline

# A value of more characters is set smaller, so that two stand beside each other.
LONG_VALUE = 7


def badge(kind, text):
    """Its mark (a tick, an exclamation mark, …) is put before it by the style sheet: colour alone tells nothing."""
    return f'<span class="badge {kind}">{escape(text)}</span>'


def age_badge(reading):
    """The script counts on from `data-age`, after the words of `data-before`, and turns the badge when the reading is
    older than `data-stale`.
    """
    kind = "warn" if is_stale(reading) else "good"
    if reading.age_s is None:
        return badge(kind, age_words(reading))
    counting = f'data-age="{int(reading.age_s)}" data-stale="{stale_after(reading)}"'
    if is_unknown(reading):
        counting += f' data-before="{UNKNOWN}, {LAST_READ}"'
    return f'<span class="badge {kind}" {counting}>{escape(age_words(reading))}</span>'


def is_raised(reading, here, alarmed):
    return not is_unknown(reading) and (bool(alarm_fields(reading)) or (here and reading.plugin in alarmed))


def with_unit(field):
    unit = f'&nbsp;<span class="unit">{escape(field.unit, 24)}</span>' if field.unit else ""
    return f"{escape(field.value, 200)}{unit}"


def leading_entry(field):
    long = " long" if len(field.value) > LONG_VALUE else ""
    entry = f'<dt>{escape(field.label, 80)}</dt><dd class="large{long}">{with_unit(field)}</dd>'
    if field.trend is not None:
        line = sparkline(field.name, field.trend, field.raw_unit, LARGE)
        entry += f'<dd class="line">{line}<small>{escape(range_words(field.trend))}</small></dd>'
    return f"<div>{entry}</div>"


def rest_entry(field):
    if field.trend is None:
        return f"<div><dt>{escape(field.label, 80)}</dt><dd>{with_unit(field)}</dd></div>"
    line = sparkline(field.name, field.trend, field.raw_unit, SMALL)
    return (
        f"<div><dt>{escape(field.label, 80)}</dt><dd>{with_unit(field)}</dd>"
        f'<dd class="line"><small>{escape(range_words(field.trend))}</small>{line}</dd></div>'
    )


def card(reading, raised):
    leading, rest, left = fields_of(reading)
    kinds = f"{' raised' if raised else ''}{' stale' if is_stale(reading) else ''}{'' if rest else ' only'}"
    parts = [
        f'<article class="card sensor{kinds}" id="{ident("sensor", reading.node, reading.plugin, reading.sensor)}">',
        f"<header><h3>{name(reading.sensor)}</h3>{badge('bad', 'alarm') if raised else ''}{age_badge(reading)}",
        f'<p class="from">{name(reading.plugin)}</p></header>',
        f'<dl class="lead">{"".join(map(leading_entry, leading))}</dl>' if leading else "",
        f'<dl class="rest">{"".join(map(rest_entry, rest))}</dl>' if rest else "",
        f'<p class="soft">and {left} more values</p>' if left > 0 else "",
        "" if leading or rest else '<p class="soft">No values</p>',
        offsets_note(reading),
        "</article>",
    ]
    return "".join(parts)
