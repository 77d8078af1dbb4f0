"""The LED strip as it shines, with the colours in words and whose LED it is. A dot is drawn, as forced colours leave
drawings.
"""

from markup import escape, name, within

HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
OFF = "#000000"
# The host's strips have fewer; and so many bytes of the page are enough for who owns them.
LEDS_AT_MOST = 1_024
LEGEND_BUDGET = 60_000
DIM = 64
# Lower edge of each hue in degrees.
HUES = (
    (0, "red"),
    (18, "orange"),
    (40, "yellow"),
    (75, "green"),
    (160, "cyan"),
    (200, "blue"),
    (260, "violet"),
    (335, "red"),
)
# Below this share of its brightest part a colour has no hue that anybody would name.
GREY_SHARE = 0.2


def is_color(text):
    """Exactly `#rrggbb`: nothing else may enter a drawing."""
    return len(text) == 7 and text[0] == "#" and HEX_DIGITS.issuperset(text[1:])


def color_words(color):
    red, green, blue = bytes.fromhex(color[1:])
    brightest, darkest = max(red, green, blue), min(red, green, blue)
    if brightest == 0:
        return "off"
    spread = brightest - darkest
    word = "white"
    if spread > GREY_SHARE * brightest:
        if brightest == red:
            hue = 60 * (green - blue) / spread % 360
        elif brightest == green:
            hue = 60 * (blue - red) / spread + 120
        else:
            hue = 60 * (red - green) / spread + 240
        word = [word for edge, word in HUES if hue >= edge][-1]
    return f"dim {word}" if brightest <= DIM else word


def dot(index, color):
    lit = f' class="lit" fill="{color}"' if color != OFF else ""
    return (
        f'<li><svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9"{lit}/></svg>'
        f'{index}<span class="hidden">: {color_words(color)}</span></li>'
    )


def legend(colors, plugins):
    """Every LED that is somebody's, and every one that shines."""
    owners = {}
    for plugin in plugins:
        for led in plugin.leds:
            owners.setdefault(led, []).append(name(plugin.name))
    for index, color in enumerate(colors):
        if index in owners or color != OFF:
            whose = f" {', '.join(owners[index])}" if index in owners else ""
            yield f"<li><b>LED {index}</b>{whose} <span>{escape(color_words(color))}</span></li>"


def led_strip(leds, plugins):
    if not leds:
        return ""
    colors = [color if is_color(color) else OFF for color in leds[:LEDS_AT_MOST]]
    said = within(legend(colors, plugins), LEGEND_BUDGET)[0] or "<li>All LEDs are off.</li>"
    return (
        '<section id="leds" aria-labelledby="leds--title"><h2 id="leds--title">LED strip</h2><div class="card">'
        f'<ol class="strip">{"".join(dot(index, color) for index, color in enumerate(colors))}</ol>'
        f'<ul class="legend">{said}</ul></div></section>'
    )
