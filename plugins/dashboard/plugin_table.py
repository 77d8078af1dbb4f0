"""Every plugin: whether it works, how often it was asked and failed, how long a call takes, what it needs, its last
error.

On a phone each row is a block of its own (style.py), which takes a table's meaning away in some browsers: so every part
has its role in words as well, and each cell the name of its column.
"""

from alarms import failure_of, is_down
from cards import badge
from markup import TEXT_LENGTH, escape, ident, name, within
from wording import age_of, number_of

STATES = {
    "ready": ("good", "ready"),
    # It is polled right now, and at the next render no more: one word for both keeps the page calm.
    "polling": ("good", "ready"),
    "loading": ("warn", "loading"),
    "reloading": ("warn", "reloading"),
    "backing-off": ("bad", "waiting to retry"),
    "closed": ("idle", "closed"),
    "disabled": ("idle", "disabled"),
}
BYTES_PER_MIB = 1_048_576
BUDGET = 200_000
COLUMNS = ("Plugin", "State", "Polls", "Failures", "Refused", "Median", "Longest", "Memory")


def state_badge(plugin, data):
    """A plugin that could work, but whose newest poll failed, is not shown as one that is well."""
    if not is_down(plugin) and failure_of(plugin, data) is not None:
        return badge("warn", "last poll failed")
    if plugin.origin == "missing" and plugin.state != "disabled":
        return badge("bad", "no file")
    return badge(*STATES.get(plugin.state, ("idle", plugin.state[:24])))


def cell(column, content, kind="number"):
    return f'<td role="cell" class="{kind}" data-label="{column}">{content}</td>'


def count(number):
    return "–" if number is None else number_of(number)


def milliseconds(ms):
    return f'{number_of(ms)} <span class="unit">ms</span>'


def memory(plugin):
    return (
        "–"
        if plugin.memory_bytes is None
        else f'{number_of(plugin.memory_bytes / BYTES_PER_MIB)} <span class="unit">MiB</span>'
    )


def row(plugin, data):
    median, longest = map(milliseconds, plugin.latency) if plugin.latency else ("–", "–")
    place = ident("plugin", plugin.name)
    numbers = (count(plugin.polls), count(plugin.failures), count(plugin.refused), median, longest, memory(plugin))
    cells = "".join(cell(column, number) for column, number in zip(COLUMNS[2:], numbers))
    return (
        f'<tr role="row" id="{place}"><th role="rowheader" scope="row">{name(plugin.name)}</th>'
        f"{cell('State', state_badge(plugin, data), 'state')}{cells}</tr>{error_row(plugin, place, data.now)}"
    )


def error_row(plugin, place, now):
    error = plugin.error
    if error is None:
        return ""
    code = f"<b>{escape(error.code, 60)}</b> " if error.code else ""
    known = error.at is not None and now is not None
    age = f' <span class="soft">{age_of((now - error.at) / 1000)}</span>' if known else ""
    return (
        f'<tr role="row" class="why" id="{place}--error"><td role="cell" colspan="{len(COLUMNS)}">'
        f'<span class="soft">Last error:</span> {code}<bdi>{escape(error.message, TEXT_LENGTH)}</bdi>{age}</td></tr>'
    )


def plugin_table(data):
    if not data.plugins:
        return ""
    head = "".join(f'<th role="columnheader" scope="col">{column}</th>' for column in COLUMNS)
    rows, left = within((row(plugin, data) for plugin in data.plugins), BUDGET)
    more = f'<p class="soft">and {left} more plugins</p>' if left else ""
    return (
        '<section id="plugins" aria-labelledby="plugins--title"><h2 id="plugins--title">Plugins</h2>'
        '<div class="card table" role="group" aria-labelledby="plugins--title" tabindex="0">'
        '<table role="table" class="blocks" aria-labelledby="plugins--title">'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{rows}</tbody></table>{more}</div>'
        "</section>"
    )
