"""What is wrong, worst first: what a person should look at before anything else on the page.

An alarm is what a plugin itself raises (its LED shines red, or a metric named alarm is not 0) and a plugin that cannot
work, and what should be on the disk and is not; a warning is what may be on its way to that: readings that grow old, a poll that failed, a node that is not seen.
One cause is one entry: the stale sensors of a plugin are named in one, and those of a plugin that failed are not named
again.
"""

from collections import namedtuple

from fault_words import fault_of
from fields import leading_words
from freshness import is_stale, is_unknown
from json_parts import is_number
from markup import counted, ident
from storage_words import storage_alarms
from wording import age_of, duration_of, is_alarm_name, label_of, value_of

# severity: "bad" or "warn"; subject, what, detail, todo: plain texts, each may hold foreign words; detail and todo
# may be "".
Alarm = namedtuple("Alarm", "severity id subject what detail todo")

NAMED_AT_MOST = 5
NO_ALARM_TEXTS = frozenset(("", "0", "no", "none", "ok", "off", "false"))
BRIGHT = 160
MUCH_BRIGHTER = 3


def find_alarms(data):
    failing = [alarm for plugin in data.plugins if (alarm := failure_of(plugin, data)) is not None]
    excused = {(data.host.node, plugin.name) for plugin in data.plugins if is_down(plugin) or is_failing(plugin)}
    storage = [Alarm(*each) for each in storage_alarms(data.storage, data.now)]
    found = [
        *led_alarms(data),
        *metric_alarms(data),
        *failing,
        *storage,
        *cluster_alarms(data),
        *stale_alarms(data, excused),
    ]
    return sorted(found, key=lambda alarm: alarm.severity != "bad")


def is_red(color):
    """Clearly red: amber and orange, which plugins show for a warning, are not."""
    try:
        red, green, blue = bytes.fromhex(color[1:])
    except ValueError:
        return False
    return red >= BRIGHT and red >= MUCH_BRIGHTER * max(green, blue)


def red_leds(plugin, leds):
    return [led for led in plugin.leds if led < len(leds) and is_red(leds[led])]


def alarmed_plugins(data):
    return {plugin.name for plugin in data.plugins if red_leds(plugin, data.leds)}


def is_here(reading, data):
    return data.host.node is None or reading.node == data.host.node


def led_alarms(data):
    """A plugin whose poll failed does not know whether its LED is still right."""
    for plugin in data.plugins:
        red = red_leds(plugin, data.leds)
        if red and not is_failing(plugin):
            own = [reading for reading in data.readings if reading.plugin == plugin.name and is_here(reading, data)]
            said = "; ".join(f"{reading.sensor}: {leading_words(reading)}" for reading in own[:NAMED_AT_MOST])
            leds = f"LED {red[0]} is red" if len(red) == 1 else f"LEDs {', '.join(map(str, red))} are red"
            yield Alarm("bad", ident("alarm-led", plugin.name), plugin.name, leds, said, "")


def alarm_fields(reading):
    """Names of the fields that say that something is wrong."""
    return [field for field, value in reading.values.items() if is_alarm_name(field) and is_raised(value)]


def is_raised(value):
    if isinstance(value, str):
        return value.strip().lower() not in NO_ALARM_TEXTS
    return is_number(value) and value != 0


def metric_alarms(data):
    for reading in data.readings:
        raised = alarm_fields(reading)
        if raised:
            said = [f"{label_of(field)}: {value_of(field, reading.values[field], '')[0]}" for field in raised]
            what = ", ".join(said[:NAMED_AT_MOST])
            place = ident("alarm-metric", reading.node, reading.plugin, reading.sensor)
            subject, severity = f"{reading.sensor} on {reading.node}", "bad"
            if is_unknown(reading):
                severity, what = "warn", f"Was {what}; unknown for {duration_of(reading.unknown_s)}"
            yield Alarm(severity, place, subject, what, leading_words(reading), "")


def is_down(plugin):
    return plugin.state in ("backing-off", "closed") or (plugin.origin == "missing" and plugin.state != "disabled")


def is_failing(plugin):
    """Its newest poll failed, or did not read all of its devices."""
    return plugin.failing_since is not None and plugin.state != "disabled"


def unknown_words(plugin, data):
    """For how long nobody has known what its sensors read, and so whether they would raise an alarm."""
    if not is_failing(plugin) or data.now is None:
        return ""
    return f"; its readings and alarms are unknown for {duration_of((data.now - plugin.failing_since) / 1000)}"


def failure_of(plugin, data):
    """A plugin that cannot work, or whose newest poll failed although it can."""
    error = plugin.error
    if is_down(plugin):
        code = error.code if error else "PLUGIN_NOT_FOUND" if plugin.origin == "missing" else ""
        what, todo = fault_of(code)
        if error is None and plugin.state == "closed":
            what, todo = "It was closed", "Deploy the flow again."
        what += unknown_words(plugin, data)
        return Alarm("bad", ident("alarm-plugin", plugin.name), plugin.name, what, detail_of(error), todo)
    if plugin.state == "disabled" or error is None or not (is_failing(plugin) or is_newest(plugin, data)):
        return None
    what, todo = fault_of(error.code)
    what += unknown_words(plugin, data)
    return Alarm("warn", ident("alarm-plugin", plugin.name), plugin.name, what, detail_of(error), todo)


def detail_of(error):
    return " · ".join(text for text in (error.code, error.message) if text) if error else ""


def is_newest(plugin, data):
    """Nothing was read since the error. Without times nobody knows, and an old error is none to show."""
    if plugin.error.at is None or data.now is None:
        return False
    since_error = (data.now - plugin.error.at) / 1000
    ages = [reading.age_s for reading in data.readings if reading.plugin == plugin.name and is_here(reading, data)]
    return all(age is None or age > since_error for age in ages)


def cluster_alarms(data):
    cluster = data.cluster
    if cluster is None:
        return
    if not cluster.connected:
        what, todo = fault_of("CLUSTER_UNAVAILABLE")
        yield Alarm("warn", "alarm-cluster", "Cluster", what, "Readings of other nodes may be old.", todo)
    elif cluster.leader is None:
        yield Alarm(
            "warn", "alarm-cluster", "Cluster", "It has no leader", "", "More than half of its voters must run."
        )
    for member in cluster.members:
        if not member.healthy:
            seen = "" if None in (member.last_seen, data.now) else age_of((data.now - member.last_seen) / 1000)
            detail = f"Last seen {seen}." if seen else "It was never seen."
            todo = "Check its power and its network."
            yield Alarm(
                "warn", ident("alarm-node", member.node), f"Node {member.node}", "It does not answer", detail, todo
            )


def stale_alarms(data, excused):
    """One entry a plugin, or a node where all that it has is stale."""
    by_plugin, totals = {}, {}
    for reading in data.readings:
        totals[reading.node] = totals.get(reading.node, 0) + 1
        if is_stale(reading):
            by_plugin.setdefault((reading.node, reading.plugin), []).append(reading)
    nodes = {}
    for (node, plugin), stale in by_plugin.items():
        if (node, plugin) not in excused:
            nodes.setdefault(node, []).append((plugin, stale))
    for node, plugins in nodes.items():
        everything = [reading for _, stale in plugins for reading in stale]
        if len(plugins) > 1 and len(everything) == totals[node]:
            todo = "Check that the node runs, and that something polls its plugins."
            yield stale_alarm(ident("alarm-stale", node), f"Node {node}", everything, todo)
            continue
        for plugin, stale in plugins:
            todo = "Check that something polls the plugin, and that its device answers."
            yield stale_alarm(ident("alarm-stale", node, plugin), f"{plugin} on {node}", stale, todo)


def stale_alarm(place, subject, stale, todo):
    named = ", ".join(reading.sensor for reading in stale[:NAMED_AT_MOST])
    more = f" and {len(stale) - NAMED_AT_MOST} more" if len(stale) > NAMED_AT_MOST else ""
    ages = [reading.age_s for reading in stale if reading.age_s is not None]
    newest = f"; the newest reading came {age_of(min(ages))}" if ages else ""
    return Alarm(
        "warn",
        place,
        subject,
        f"{counted(len(stale), 'sensor')} without a fresh reading",
        f"{named}{more}{newest}.",
        todo,
    )
