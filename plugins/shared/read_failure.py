"""Why a sensor yields nothing, on stderr: once until the reason changes or a read succeeds.

A sensor that stays away would else fill the log with one line a poll.
"""

import sys


class ReadFailure:
    def __init__(self, plugin):
        self._plugin = plugin
        self._said = None

    def say(self, reason):
        if reason != self._said:
            print(f"{self._plugin}: read failed: {reason}", file=sys.stderr)
        self._said = reason

    def is_over(self):
        self._said = None
