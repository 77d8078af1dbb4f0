"""A section a node, its own first: cards, and a table for a plugin with many sensors.

Everything is bounded, as a plugin may invent sensors: what finds no room is counted.
"""

from cards import card, is_raised
from markup import ident, name, within
from sensor_table import row, table

# More cards of one plugin than fit a screen are no overview.
CARDS_OF_A_PLUGIN = 24
# Bytes of all nodes together, and of one plugin: of 2 MiB that a page may have.
NODES_BUDGET = 1_000_000
PLUGIN_BUDGET = 150_000
# A node with more cards has the width of the page; others stand beside each other, in as many columns as they have
# cards.
NARROW_CARDS = 4


def node_sections(data, alarmed):
    """`alarmed`: names of the plugins whose LED is red; it is this node's strip."""
    nodes = {}
    for reading in data.readings:
        nodes.setdefault(reading.node, {}).setdefault(reading.plugin, []).append(reading)
    own = data.host.node
    left = NODES_BUDGET
    sections = []
    for node in sorted(nodes, key=lambda node: node != own):
        content, columns = node_content(node, nodes[node], node == own or own is None, alarmed, left)
        left -= len(content.encode())
        sections.append(section(node, content, columns, node == own))
    return f'<div class="nodes">{"".join(sections)}</div>'


def node_content(node, plugins, here, alarmed, left):
    cards, tables, count = [], [], 0
    for plugin, readings in plugins.items():
        many = len(readings) > CARDS_OF_A_PLUGIN
        make = row if many else card
        made = (make(reading, is_raised(reading, here, alarmed)) for reading in readings)
        content, missing = within(made, max(0, min(PLUGIN_BUDGET, left)))
        left -= len(content.encode())
        if many:
            content = table(node, plugin, content)
        if missing:
            content += f'<p class="soft">{missing} more sensors of {name(plugin)} find no room on this page.</p>'
        (tables if many else cards).append(content)
        count += 0 if many else len(readings)
    grid = f'<div class="grid">{"".join(cards)}</div>' if cards else ""
    return grid + "".join(tables), "" if tables or count > NARROW_CARDS else f" n{count}"


def section(node, content, columns, is_own):
    place = ident("node", node)
    own = ' <small class="soft">this node</small>' if is_own else ""
    return (
        f'<section class="node{columns}" id="{place}" aria-labelledby="{place}--title">'
        f'<h2 id="{place}--title">{name(node)}{own}</h2>{content}</section>'
    )
