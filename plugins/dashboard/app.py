"""The bundled dashboard: what every node of a plant reads, and what is wrong, as one HTML page. Reaches nothing of the
host.
"""

from page import render_page
from wit_world import exports


class DashboardLogic(exports.DashboardLogic):
    def render(self, sensor_data):
        return render_page(sensor_data)
