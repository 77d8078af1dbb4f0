"""The host's JSON, taken apart once. What does not have its shape is left out; the page shows what remains.

Names, units and texts in it come from other plugins and other nodes: nothing here is safe to print unescaped.
"""

import json


class BrokenData(Exception):
    """Not JSON, or no object; the text says which."""


class Reading:
    def __init__(self, node, plugin, sensor, values, units, age_s):
        self.node = node
        self.plugin = plugin
        self.sensor = sensor
        self.values = values
        self.units = units
        self.age_s = age_s


class Plugin:
    def __init__(self, name, state, error):
        self.name = name
        self.state = state
        self.error = error


class SensorData:
    def __init__(self, readings, leds, plugins):
        self.readings = readings
        self.leds = leds
        self.plugins = plugins


def parse(text):
    try:
        data = json.loads(text)
    except ValueError as error:
        raise BrokenData(f"it is not JSON ({error})") from error
    if not isinstance(data, dict):
        raise BrokenData("it is JSON, but not an object")
    leds = [led for led in list_in(data, "leds") if isinstance(led, str)]
    plugins = [plugin_from(entry) for entry in list_in(data, "plugins")]
    return SensorData(list(readings_in(data)), leds, [plugin for plugin in plugins if plugin is not None])


def object_in(data, key):
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def list_in(data, key):
    found = data.get(key)
    return found if isinstance(found, list) else []


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
                    age = found.get("ageSeconds")
                    known = isinstance(age, (int, float)) and not isinstance(age, bool) and age - age == 0
                    values, units = object_in(found, "values"), object_in(found, "units")
                    yield Reading(node, plugin, sensor, values, units, age if known else None)


def plugin_from(entry):
    """A plugin's summary: its name and state, and the last error's code and message if there is one."""
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        return None
    state = entry.get("state")
    last_error = object_in(entry, "lastError")
    said = [text for text in (last_error.get("code"), last_error.get("message")) if isinstance(text, str)]
    return Plugin(entry["name"], state if isinstance(state, str) else "unknown", ": ".join(said))
