"""The score's scale: 0 is worst, 100 is as clean as the baseline at the best humidity; gas 75 points, humidity 25."""

import pytest


@pytest.fixture
def air_quality(load):
    return load("bme680", "air_quality")


@pytest.mark.parametrize(
    ("gas", "humidity", "expected"),
    [
        (100, 40, 100),
        (200, 40, 100),  # cleaner than the baseline earns no more
        (50, 40, 62),  # 37.5 + 25, rounded to even
        (0, 40, 25),
        (100, 100, 75),
        (100, 0, 75),
        (100, 70, 88),  # halfway to wet: 75 + 12.5
        (100, 20, 88),  # halfway to dry
        (0, 100, 0),
        (100, 105, 75),  # a sensor may say more than 100 %
    ],
)
def test_gas_and_humidity_add_up_to_a_score(air_quality, gas, humidity, expected):
    assert air_quality.score(gas, humidity, 100, 40, 75) == expected


def test_the_weight_of_gas_can_be_changed(air_quality):
    assert air_quality.score(50, 100, 100, 40, 100) == 50
    assert air_quality.score(0, 40, 100, 40, 0) == 100


def test_the_colour_follows_the_score(air_quality):
    colors = [air_quality.color_of(score) for score in (100, 75, 74, 50, 49, 25, 24, 0)]
    assert colors == [
        air_quality.GREEN,
        air_quality.GREEN,
        air_quality.YELLOW,
        air_quality.YELLOW,
        air_quality.ORANGE,
        air_quality.ORANGE,
        air_quality.RED,
        air_quality.RED,
    ]
    assert air_quality.color_of(None) == air_quality.DIM_BLUE
