"""The host's error codes in words: what happened, and what to do. The host's own message says the particulars."""

# In the order of the host's list (src/errors/wasi-error.ts).
FAULTS = {
    "CONFIG_INVALID": ("host.toml has a fault", "Correct the line that the message names."),
    "PLUGIN_NOT_FOUND": (
        "There is no such plugin",
        "Put its .wasm file into the plugin folder, or take its table out of host.toml.",
    ),
    "PLUGIN_STORAGE": (
        "Its file or folder cannot be read",
        "The message says which and why; it is tried again by itself.",
    ),
    "PLUGIN_INVALID": ("Its file is no component that can run", "Build it again and put it into the plugin folder."),
    "CAPABILITY_DENIED": (
        "It asks for more than it was granted",
        "Grant it in host.toml if you trust it: the message has the lines.",
    ),
    "PLUGIN_LOAD_TIMEOUT": (
        "It took too long to start",
        "It is tried again. On a slow machine raise load_deadline_ms of its limits in host.toml.",
    ),
    "PLUGIN_DEADLINE": (
        "A call took too long and was ended",
        "A fresh instance is started. If it needs the time, raise deadline_ms of its limits in host.toml.",
    ),
    "PLUGIN_TRAPPED": ("It crashed", "A fresh instance is started. Its last words are in the log below."),
    "PLUGIN_MEMORY": (
        "It used up its memory",
        "A fresh instance is started. If it needs more, raise memory_mb of its limits in host.toml.",
    ),
    "PLUGIN_ERROR": ("It reported a fault", "Its message says what; its settings are in host.toml."),
    "PLUGIN_BACKOFF": ("It waits after several failures", "It is tried again by itself. The log says what failed."),
    "SYSTEM_SHORTAGE": (
        "This machine has no thread, process, open file or memory left for it",
        "It is tried again by itself. Stop what needs much here, or raise the limit that the message names.",
    ),
    "POLL_BUSY": ("It is polled faster than it answers", "Poll it less often."),
    "HARDWARE_MISSING": (
        "Its device is not there",
        "Check the wiring, and that the interface is switched on: the command edge-wasi doctor looks at both.",
    ),
    "HARDWARE_PERMISSION": (
        "Its device may not be opened",
        "Give Node-RED's user the group that the message names: the command edge-wasi doctor has the lines.",
    ),
    "HARDWARE_IO": ("Its device did not answer as it should", "Check wiring, supply and length of the cable."),
    "CLUSTER_UNAVAILABLE": ("The cluster does not answer", "Check the network, and etcd on the other nodes."),
    "MODBUS_FAILED": ("Modbus failed", "Check address and port, or the serial line."),
    "RUNTIME_CLOSED": ("The runtime was closed", "Deploy the flow again."),
}


def fault_of(code):
    """`(what happened, what to do)`; of an unknown code, the code itself."""
    return FAULTS.get(code) or (f"It failed ({code})" if code else "It failed", "The log says more.")
