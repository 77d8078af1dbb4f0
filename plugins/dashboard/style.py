"""The page's look: one style sheet of parts, each in a file of its own. No font, picture or motion; nothing is loaded."""

from style_base import BASE
from style_sensors import SENSORS
from style_tables import TABLES

CSS = " ".join(line.strip() for line in f"{BASE}{SENSORS}{TABLES}".splitlines())
