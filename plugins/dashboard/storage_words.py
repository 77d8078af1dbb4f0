"""What of this node's work is not on its disk, since when, and what to do, in words."""

from markup import ident
from wording import duration_of

MIB = 2**20
# In the order of the host's list (src/runtime-api/storage-api.ts): what is not kept, and what is lost thereby.
WHAT = {
    "disk": ("Nothing can be written", "What comes from now on is lost when Node-RED ends."),
    "history": ("The history is not kept", "It goes on in memory and is lost when Node-RED ends."),
    "registers": ("Places of new Modbus registers are not kept", "New values are not served until they are."),
    "outbox": ("Readings for the cluster are not kept", "What it does not have yet is lost when Node-RED ends."),
    "prepared": ("A prepared plugin is not kept", "It is prepared again at each start."),
    "host-toml": ("host.toml could not be written", "The last change in the editor does not hold."),
}
LOST_STATE = "It goes on in memory and is lost when the power fails."


def storage_alarms(storage, now):
    """`(severity, id, subject, what, detail, todo)`, worst first."""
    if storage is None:
        return
    for entry in storage.not_kept:
        if entry.what == "state":
            what, lost = f"What {entry.plugin} wants kept is not kept", LOST_STATE
        else:
            what, lost = WHAT.get(entry.what, (f"Not kept: {entry.what}", ""))
        if None not in (entry.since, now):
            what += f" for {duration_of((now - entry.since) / 1000)}"
        place = ident("alarm-storage", entry.what, entry.plugin or "")
        why, todo = divided(entry.message)
        yield "bad", place, "Storage", what, f"{lost} {why}".strip(), todo
    if storage.status == "low":
        left = "" if storage.free_bytes is None else f"{storage.free_bytes // MIB} MiB are left."
        yield "warn", "alarm-storage", "Storage", "The disk is nearly full", left, "Make room before it is full."


def divided(message):
    """`(why, what to do)`: that is the last sentence of the host's message, which has no full stop at its end."""
    why, stop, todo = sentence(message).rpartition(". ")
    return (f"{why}.", f"{todo}.") if stop else (sentence(message), "")


def sentence(text):
    """With a capital letter, unless it begins with the name of a file."""
    first = text.split(" ", 1)[0]
    return text if "." in first else text[:1].upper() + text[1:]
