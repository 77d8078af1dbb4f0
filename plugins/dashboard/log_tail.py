"""The last lines of the log, newest first, so that the newest is in sight. The script filters them; without it all are
there.

A line keeps its id while it is shown: when it was written, and its number among those of the same millisecond.
"""

from markup import TEXT_LENGTH, escape, name, within
from wording import clock_of

# Number and word; a choice shows its own level and those before it.
LEVELS = {"error": 0, "warn": 1, "info": 2, "debug": 3, "trace": 4}
CHOICES = (("4", "All levels"), ("2", "Info and worse"), ("1", "Warnings and errors"), ("0", "Errors"))
BUDGET = 150_000

TOOLS = (
    '<div class="tools" role="search" aria-label="Log lines"><label for="log-filter">Filter</label>'
    '<input id="log-filter" type="search" autocomplete="off" placeholder="Text or plugin">'
    '<label for="log-level">Level</label><select id="log-level">'
    + "".join(f'<option value="{value}">{text}</option>' for value, text in CHOICES)
    + '</select><output id="log-count" for="log-filter log-level"></output></div>'
)


def line_item(line, number):
    clock = clock_of(line.at)
    time = f'<time datetime="{clock[0]}">{clock[1]}</time>' if clock else "<span>–</span>"
    plugin = f"<b>{name(line.plugin)}</b> " if line.plugin is not None else ""
    written = "x" if line.at is None else f"{line.at:.0f}"
    level = line.level if line.level in LEVELS else "info"
    return (
        f'<li id="log--{written}-{number}" class="{level}" data-level="{LEVELS[level]}">{time}'
        f" <span>{escape(line.level, 8)}</span> <p>{plugin}<bdi>{escape(line.text, TEXT_LENGTH)}</bdi></p></li>"
    )


def numbered(logs):
    seen = {}
    for line in logs:
        seen[line.at] = number = seen.get(line.at, -1) + 1
        yield line, number


def log_tail(logs):
    if not logs:
        return ""
    newest_first = reversed(list(numbered(logs)))
    lines, left = within((line_item(line, number) for line, number in newest_first), BUDGET)
    older = f'<p class="soft">{left} older lines find no room on this page.</p>' if left else ""
    return (
        '<section id="log" aria-labelledby="log--title"><h2 id="log--title">Log'
        '<small class="soft"> newest first<span class="zone">, times in UTC</span></small></h2>'
        f'<div class="card">{TOOLS}<div class="lines" role="group" aria-labelledby="log--title" tabindex="0">'
        f'<ol id="log-lines">{lines}</ol><p id="log-none" class="soft" hidden>No line fits the filter.</p></div>'
        f"{older}</div></section>"
    )
