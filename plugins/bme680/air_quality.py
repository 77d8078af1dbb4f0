"""The air-quality score: 0 (worst) to 100 (as clean as when the baseline was taken, at the best humidity).

Two parts, added. Gas counts for `gas_weight` (75) points: all of them at or above the baseline's resistance, in
proportion below it, since volatile organic compounds lower the resistance. Humidity counts for the rest (25): all at
`humidity_baseline` (40 %), none at 0 % and at 100 %, in proportion between. Bosch's own index (BSEC, 0 best to 500) is
closed; this is the open score widely used with the sensor, and the two do not compare.
"""

GREEN = (0, 255, 0)
YELLOW = (255, 200, 0)
ORANGE = (255, 80, 0)
RED = (255, 0, 0)
DIM_BLUE = (0, 0, 40)

# Lowest score of a colour, best first; below the last it is red.
COLORS = ((75, GREEN), (50, YELLOW), (25, ORANGE))


def score(gas, humidity, gas_baseline, humidity_baseline, gas_weight):
    """`gas` and `gas_baseline` in kΩ, humidity in %, `gas_weight` in points. A whole number, 0 to 100."""
    gas_share = min(max(gas / gas_baseline, 0.0), 1.0)
    if humidity > humidity_baseline:
        humidity_share = (100.0 - humidity) / (100.0 - humidity_baseline)
    else:
        humidity_share = humidity / humidity_baseline
    humidity_share = min(max(humidity_share, 0.0), 1.0)
    return round(gas_share * gas_weight + humidity_share * (100.0 - gas_weight))


def color_of(score_or_none):
    """Dim blue while there is no score yet."""
    if score_or_none is None:
        return DIM_BLUE
    for lowest, color in COLORS:
        if score_or_none >= lowest:
            return color
    return RED
