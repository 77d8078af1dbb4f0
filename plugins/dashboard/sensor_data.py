"""The host's JSON, taken apart once. What does not have its shape is left out; the page shows what remains.

Only `nodes`, `leds` and `plugins` are certain: an older host sends nothing else. Names, units and texts come from other
plugins and other nodes: nothing here is safe to print unescaped. README.md describes the form.
"""

import json
from collections import namedtuple

from json_parts import finite, list_in, object_in, text_in, whole
from offsets import offsets_from
from trends import trends_from

# age_s, every_s (how often it is read), unknown_s (for how long its value has not been known): seconds or None; trends:
# Trend by field; offsets: list of Offsets.
Reading = namedtuple("Reading", "node plugin sensor values units age_s every_s unknown_s trends offsets")
# latency: (median ms, longest ms) or None; error: PluginError or None; failing_since: ms since 1970, or None.
Plugin = namedtuple("Plugin", "name state role origin polls failures refused leds latency memory_bytes error failing_since")
PluginError = namedtuple("PluginError", "code message at")
# at: ms since 1970.
LogLine = namedtuple("LogLine", "at level plugin text")
# node and model: text or None.
Host = namedtuple("Host", "node simulated model")
Cluster = namedtuple("Cluster", "connected leader members")
# last_seen: ms since 1970, or None; skew_s: how far its clock is ahead of the host's, or None.
Member = namedtuple("Member", "node role healthy last_seen skew_s")
# status: "low" or "failing"; free_bytes: or None.
Storage = namedtuple("Storage", "status free_bytes not_kept")
# plugin: or None; since: ms since 1970, or None.
NotKept = namedtuple("NotKept", "what plugin since message")
# now: ms since 1970, or None; cluster, storage: or None.
SensorData = namedtuple("SensorData", "now host readings leds plugins logs cluster storage")


class BrokenData(Exception):
    """Not JSON, or no object; the text says which."""


def parse(text):
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenData(f"it is not JSON ({error})") from error
    if not isinstance(data, dict):
        raise BrokenData("it is JSON, but not an object")
    host = object_in(data, "host")
    return SensorData(
        now=finite(data.get("now")),
        host=Host(text_in(host, "node"), host.get("simulated") is True, text_in(host, "model")),
        readings=list(readings_in(data)),
        leds=[led for led in list_in(data, "leds") if isinstance(led, str)],
        plugins=[plugin_from(entry) for entry in list_in(data, "plugins") if text_in(entry, "name") is not None],
        logs=[line for line in map(log_line_from, list_in(data, "logs")) if line is not None],
        cluster=cluster_from(data["cluster"]) if isinstance(data.get("cluster"), dict) else None,
        storage=storage_from(data["storage"]) if isinstance(data.get("storage"), dict) else None,
    )


def readings_in(data):
    """In the order of the JSON."""
    nodes = object_in(data, "nodes")
    for node in nodes:
        plugins = object_in(nodes, node)
        for plugin in plugins:
            sensors = object_in(plugins, plugin)
            for sensor in sensors:
                found = object_in(sensors, sensor)
                if found:
                    values, units = object_in(found, "values"), object_in(found, "units")
                    age = finite(found.get("ageSeconds"))
                    every, trends = finite(found.get("everySeconds")), trends_from(object_in(found, "trends"))
                    unknown = seconds_since(found.get("unknownSince"), data)
                    offsets = offsets_from(found)
                    yield Reading(node, plugin, sensor, values, units, age, every, unknown, trends, offsets)


def seconds_since(at, data):
    """`at`: ms since 1970 by the host's clock, which may have been set back since."""
    at, now = finite(at), finite(data.get("now"))
    return None if at is None or now is None else max(0.0, (now - at) / 1000)


def plugin_from(entry):
    latency = object_in(entry, "latency")
    median, longest = finite(latency.get("medianMs")), finite(latency.get("longestMs"))
    error = object_in(entry, "lastError")
    return Plugin(
        name=entry["name"],
        state=text_in(entry, "state") or "unknown",
        role=text_in(entry, "role"),
        origin=text_in(entry, "origin"),
        polls=whole(entry.get("polls")),
        failures=whole(entry.get("failures")),
        refused=whole(entry.get("refusedCalls")),
        leds=[led for led in list_in(entry, "leds") if whole(led) is not None],
        latency=None if median is None or longest is None else (median, longest),
        memory_bytes=whole(entry.get("memoryBytes")),
        error=(
            PluginError(text_in(error, "code") or "", text_in(error, "message") or "", finite(error.get("at")))
            if error
            else None
        ),
        failing_since=finite(object_in(entry, "failing").get("since")),
    )


def log_line_from(entry):
    text, level = text_in(entry, "text"), text_in(entry, "level")
    if text is None or level is None:
        return None
    return LogLine(finite(entry.get("at")), level, text_in(entry, "plugin"), text)


def member_from(entry):
    skew_ms = finite(entry.get("skewMs"))
    return Member(
        entry["node"],
        text_in(entry, "role") or "",
        entry.get("healthy") is True,
        finite(entry.get("lastSeen")),
        None if skew_ms is None else skew_ms / 1000,
    )


def cluster_from(cluster):
    members = [member_from(entry) for entry in list_in(cluster, "members") if text_in(entry, "node") is not None]
    return Cluster(cluster.get("connected") is True, text_in(cluster, "leader"), members)


def storage_from(storage):
    not_kept = [
        NotKept(
            text_in(entry, "what"), text_in(entry, "plugin"), finite(entry.get("since")), text_in(entry, "message") or ""
        )
        for entry in list_in(storage, "notKept")
        if text_in(entry, "what") is not None
    ]
    return Storage(text_in(storage, "status") or "", whole(storage.get("freeBytes")), not_kept)
