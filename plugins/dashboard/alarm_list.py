"""The alarms and warnings as a list, and the state of everything in one sentence, which a screen reader says when it
changes.
"""

from freshness import is_stale
from markup import counted, escape, plain, within

BUDGET = 100_000
SUBJECTS_AT_MOST = 3
# The plugin table and the log have the whole of a message.
DETAIL_LENGTH = 320
SUBJECT_LENGTH = 48


def subject_of(alarm):
    return alarm.subject if alarm.subject.strip() else "no name"


def alarm_item(alarm):
    kind = "Alarm" if alarm.severity == "bad" else "Warning"
    detail = f"<p><bdi>{escape(alarm.detail, DETAIL_LENGTH)}</bdi></p>" if alarm.detail else ""
    todo = f'<p class="todo">{escape(alarm.todo)}</p>' if alarm.todo else ""
    return (
        f'<li class="{alarm.severity}" id="{alarm.id}"><h3><span class="hidden">{kind}: </span>'
        f"<bdi>{escape(subject_of(alarm), 160)}</bdi></h3>"
        f'<p class="what">{escape(alarm.what, 160)}</p>{detail}{todo}</li>'
    )


def alarm_list(alarms):
    if not alarms:
        return ""
    items, left = within(map(alarm_item, alarms), BUDGET)
    more = f'<p class="soft">and {left} more</p>' if left else ""
    title = "Alarms" if alarms[0].severity == "bad" else "Warnings"
    return (
        '<section id="alarms" aria-labelledby="alarms--title">'
        f'<h2 id="alarms--title">{title}</h2><ul class="alarms">{items}</ul>{more}</section>'
    )


def state_of(data, alarms):
    """`(kind, words)`: `bad`, `warn`, `good`, or `idle` where there is nothing to judge. No ages, which change all the
    time.
    """
    bad = sum(1 for alarm in alarms if alarm.severity == "bad")
    warn = len(alarms) - bad
    if alarms:
        counts = [counted(bad, "alarm")] * (bad > 0) + [counted(warn, "warning")] * (warn > 0)
        subjects = list(dict.fromkeys(map(subject_of, alarms)))
        named = ", ".join(plain(subject, SUBJECT_LENGTH) for subject in subjects[:SUBJECTS_AT_MOST])
        more = f" and {len(subjects) - SUBJECTS_AT_MOST} more" if len(subjects) > SUBJECTS_AT_MOST else ""
        return ("bad" if bad else "warn"), f"{' and '.join(counts)}: {named}{more}"
    if not data.readings:
        return "idle", "No readings yet"
    stale = sum(1 for reading in data.readings if is_stale(reading))
    if stale:
        return "warn", f"{counted(stale, 'sensor')} stale"
    count = len(data.readings)
    return "good", "The sensor is fresh" if count == 1 else f"All {count} sensors fresh"


def state_line(data, alarms):
    kind, words = state_of(data, alarms)
    return f'<p id="state" class="overall {kind}" role="status"><bdi>{escape(words)}</bdi></p>'
