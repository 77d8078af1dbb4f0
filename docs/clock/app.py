import time
from wit_world import exports
from wit_world.exports.sensor_logic import Metric, Reading
from wit_world.imports import settings

class SensorLogic(exports.SensorLogic):
    def poll(self):
        minute = time.time() / 60 % 60
        limit = float(settings.get("limit") or "30")
        return [Reading("clock", [Metric("minute", minute, "min"), Metric("late", minute > limit, "")], int(time.time() * 1000))]
