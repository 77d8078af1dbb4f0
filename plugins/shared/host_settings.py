"""Settings of host.toml, read and checked for one plugin.

`settings.get` yields text or None; here it becomes a number in its range, or a SettingsError that names the key, what
was found and the line of host.toml that puts it right. The host fills in the defaults of the bundled plugins, so
nothing is guessed here. Settings stay the same while an instance lives: read them once, at the first poll, never at
the top level of a module, which runs when the component is built.
"""

from wit_world.imports import settings


class SettingsError(Exception):
    """A setting is missing or makes no sense; the text says which line of host.toml to write."""


class HostSettings:
    def __init__(self, plugin):
        self._plugin = plugin

    def text(self, key, example, table=None):
        """The text of `key`. `table` is where host.toml has it, if not in [plugins.<name>.settings]."""
        found = settings.get(key)
        if found is None:
            raise self._error(key, "is missing", example, table)
        return found

    def number(self, key, example, table=None):
        """A finite number."""
        found = self.text(key, example, table)
        try:
            value = float(found)
        except ValueError:
            value = None
        if value is None or value - value != 0:  # NaN and infinity are no thresholds
            raise self._error(key, f'must be a number, not "{found}"', example, table)
        return value

    def whole(self, key, lowest, highest, example, table=None):
        """A whole number, decimal or with 0x, from `lowest` to `highest`."""
        found = self.text(key, example, table)
        try:
            value = int(found, 0)
        except ValueError:
            value = None
        if value is None or not lowest <= value <= highest:
            reason = f'must be a whole number from {lowest} to {highest}, not "{found}"'
            raise self._error(key, reason, example, table)
        return value

    def led(self, example):
        """The LED this plugin may light, or None where host.toml gives it none."""
        if settings.get("led") is None:
            return None
        return self.whole("led", 0, 255, example, f"plugins.{self._plugin}")

    def refuse(self, key, reason, example):
        """The error for a value that is wrong beside another one."""
        return self._error(key, reason, example, None)

    def _error(self, key, reason, example, table):
        where = table or f"plugins.{self._plugin}.settings"
        return SettingsError(
            f'{self._plugin}: setting "{key}" {reason}; write {key} = {example} under [{where}] in host.toml'
        )
