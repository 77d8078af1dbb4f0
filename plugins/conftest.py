"""Runs a guest's own code under plain pytest: the modules that componentize-py generates are fakes, one set a test.

`load` imports a module of one plugin afresh, as a new instance of its component would, with the folders its guest.json
names; `host` is what the fakes answer and remember. Records and errors have the generated ones' names and fields.
"""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


class Err(Exception):
    """As componentize_py_types.Err: the failure case of a result."""

    def __init__(self, value):
        super().__init__(value)
        self.value = value


class Host:
    """A host in memory. `dht22` and `bme680` are what the sensor answers, or the text of its failure."""

    def __init__(self):
        self.settings = {}
        self.dht22 = (21.5, 40.0)
        self.bme680 = (23.0, 40.0, 1013.25, 120.0)
        self.now_ms = 1_700_000_000_000
        self.uptime_ms = 60_000
        self.cpu_temp = 48.0
        self.fan_on = False
        self.fan_switched = []
        self.leds = {}
        self.beeps = []
        self.stored = {}
        self.saves = []
        self.store_failure = None
        self.image = {}
        self.image_failures = {}
        self.inputs = set()
        self.written = []
        self.transfers = []
        self.i2c_failure = None

    def answer(self, outcome):
        if isinstance(outcome, str):
            raise Err(outcome)
        return outcome

    def set_fan(self, on):
        self.fan_on = on
        self.fan_switched.append(on)

    def store(self, key, value):
        self.saves.append(self.now_ms)
        if self.store_failure is not None:
            raise Err(self.store_failure)
        self.stored[key] = value

    def read_variable(self, name):
        if name in self.image_failures:
            raise Err(SimpleNamespace(value=self.image_failures[name]))
        return SimpleNamespace(value=self.image[name])

    def write_variable(self, name, value):
        if name in self.inputs:
            raise Err(SimpleNamespace(value=f"{name} is an input"))
        self.image[name] = value.value
        self.written.append((name, value.value))

    def transfer(self, *transfer):
        if self.i2c_failure is not None:
            raise Err(SimpleNamespace(value=self.i2c_failure))
        self.transfers.append(transfer)
        return b""

    def modules(self):
        """What `wit_world.imports` holds, as far as the plugins here import it."""
        return {
            "settings": {"get": self.settings.get},
            "gpio_provider": {
                "read_dht22": lambda pin: self.answer(self.dht22),
                "read_bme680": lambda address: self.answer(self.bme680),
                "get_timestamp_ms": lambda: self.now_ms,
                "get_cpu_temp": lambda: self.cpu_temp,
            },
            "led_controller": {"set_led": lambda index, r, g, b: self.leds.update({index: (r, g, b)})},
            "buzzer_controller": {"beep": lambda *pattern: self.beeps.append(pattern)},
            "fan_controller": {"set_fan": self.set_fan, "get_fan_state": lambda: self.fan_on},
            "system_info": {
                "get_memory_usage": lambda: (512, 3791),
                "get_cpu_usage": lambda: 12.5,
                "get_uptime": lambda: 98_765,
            },
            "i2c": {"transfer": self.transfer},
            "state_store": {"get": self.stored.get, "set": self.store},
            "process_image": {
                "read": self.read_variable,
                "write": self.write_variable,
                "Value_Bit": lambda value: SimpleNamespace(value=value),
            },
        }


def record(*fields):
    """A record as the generated dataclass: exactly these fields."""

    def make(**values):
        assert tuple(values) == fields
        return SimpleNamespace(**values)

    return make


RECORDS = {
    "dht22_logic": {"Dht22Reading": record("sensor_id", "temperature", "humidity", "timestamp_ms")},
    "bme680_logic": {
        "Bme680Reading": record(
            "sensor_id",
            "temperature",
            "humidity",
            "pressure",
            "gas_resistance",
            "iaq_score",
            "iaq_accuracy",
            "timestamp_ms",
        )
    },
    "pi_monitor_logic": {
        "PiStats": record(
            "cpu_temp", "cpu_usage", "memory_used_mb", "memory_total_mb", "uptime_seconds", "timestamp_ms", "fan_on"
        )
    },
    "sensor_logic": {
        "Metric": lambda name, value, unit: SimpleNamespace(name=name, value=value, unit=unit),
        "Reading": lambda sensor_id, metrics, timestamp_ms: SimpleNamespace(sensor_id=sensor_id, metrics=metrics),
    },
}
EXPORTS = ("Dht22Logic", "Bme680Logic", "PiMonitorLogic", "DashboardLogic", "SensorLogic", "DisplayLogic")


def module(name, **content):
    made = ModuleType(name)
    made.__dict__.update(content)
    return made


def generated_modules(host):
    interfaces = {name: module(f"wit_world.imports.{name}", **content) for name, content in host.modules().items()}
    records = {name: module(f"wit_world.exports.{name}", **content) for name, content in RECORDS.items()}
    imports = module("wit_world.imports", **interfaces)
    exports = module("wit_world.exports", **records, **{name: object for name in EXPORTS})
    world = module("wit_world", imports=imports, exports=exports)
    types = module("componentize_py_types", Err=Err)
    return {made.__name__: made for made in (world, imports, exports, types, *interfaces.values(), *records.values())}


@pytest.fixture
def host():
    return Host()


@pytest.fixture
def load(host, monkeypatch):
    """`load("dht22")` gives its app as a fresh instance, `load("dht22", "alarm")` another of its modules."""

    def load_module(plugin, name="app"):
        folder = REPOSITORY / "plugins" / plugin
        guest = json.loads((folder / "guest.json").read_text())
        folders = [folder, *(REPOSITORY / path for path in guest.get("modules", []))]
        for path in (file for one in folders for file in one.glob("*.py")):
            monkeypatch.delitem(sys.modules, path.stem, raising=False)
        for generated, content in generated_modules(host).items():
            monkeypatch.setitem(sys.modules, generated, content)
        monkeypatch.setattr(sys, "path", [*map(str, folders), *sys.path])
        return importlib.import_module(name)

    before = set(sys.modules)
    yield load_module
    for name in set(sys.modules) - before:
        origin = getattr(sys.modules[name], "__file__", None) or ""
        if origin.startswith(str(REPOSITORY / "plugins")):
            del sys.modules[name]
