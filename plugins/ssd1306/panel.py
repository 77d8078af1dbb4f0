"""A display of 128 x 64 pixels with an SSD1306, by its commands (Solomon Systech SSD1306, Rev 1.1, section 9).

It is set up again with every picture: a display that had no power meanwhile, or was plugged in later, shows the next one.
"""

from font import glyph

WIDTH = 128
PAGES = 8
# Control bytes: what follows are commands, or bytes of the picture.
COMMANDS = b"\x00"
PICTURE = b"\x40"
SETUP = bytes(
    (
        *(0x20, 0x00),  # columns first, then pages
        *(0x21, 0, WIDTH - 1),
        *(0x22, 0, PAGES - 1),
        *(0xA8, 0x3F),  # 64 lines
        *(0xD3, 0x00, 0x40),  # from the first line on
        *(0xA1, 0xC8),  # upright
        *(0xDA, 0x12, 0xD5, 0x80, 0xD9, 0xF1, 0xDB, 0x40),  # wiring and timing of modules with 64 lines
        *(0x2E, 0xA4, 0xA6),  # still, from the memory, not inverted
        *(0x8D, 0x14),  # charge pump on
    )
)
CONTRAST = 0x81
ON = 0xAF
COLUMNS_PER_CHARACTER = 6
CHARACTERS = WIDTH // COLUMNS_PER_CHARACTER


def picture_of(lines):
    """Up to eight lines of text, each on a page of its own."""
    pages = [b"".join(glyph(character) + b"\x00" for character in line[:CHARACTERS]) for line in lines[:PAGES]]
    return b"".join(page.ljust(WIDTH, b"\x00") for page in (*pages, *[b""] * (PAGES - len(pages))))


def show(write, picture, contrast):
    """`write` writes bytes to the display. It is switched on last, or what its memory held before would be seen."""
    write(COMMANDS + SETUP + bytes((CONTRAST, contrast)))
    for start in range(0, len(picture), WIDTH):
        write(PICTURE + picture[start : start + WIDTH])
    write(COMMANDS + bytes((ON,)))
