"""Foreign text as HTML: escaped, of bounded length, and isolated, so that it stays a text in its own place.

Ids are the same at every render, as the host morphs the old page into the new one by them: an id is made of names
alone.
"""

import html
from binascii import crc32

NAME_LENGTH = 80
TEXT_LENGTH = 600

# Control characters, and marks that would turn the direction of text after them; each would be invisible.
UNSAFE = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, 0x2028, 0x2029, *range(0x202A, 0x202F)]
    + [*range(0x2066, 0x206A), 0xFEFF, 0xFFFE, 0xFFFF],
    " ",
)
ID_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
ID_LENGTH = 40


def plain(text, limit=NAME_LENGTH):
    """Text without what cannot be seen, cut to a length; half characters, which no component can return, become `?`."""
    text = text[: limit + 1]
    if not (text.isascii() and text.isprintable()):
        text = text.encode("utf-8", "replace").decode("utf-8").translate(UNSAFE)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def escape(text, limit=TEXT_LENGTH):
    return html.escape(plain(text, limit), quote=True)


def name(text):
    """Somebody's name for something, on its own in the direction of its script; one that is empty is said to be."""
    return f"<bdi>{escape(text, NAME_LENGTH)}</bdi>" if text.strip() else '<i class="soft">no name</i>'


def ident(kind, *names):
    """An id that differs where the names do: readable where they are, else with a checksum of all of them."""
    readable = "--".join(text for text in names)
    parts = [
        text for text in names if text and not text.startswith("-") and not text.endswith("-") and "--" not in text
    ]
    if len(parts) == len(names) and len(readable) <= ID_LENGTH and all(map(ID_LETTERS.issuperset, names)):
        return f"{kind}--{readable}"
    checksum = crc32("\0".join(names).encode("utf-8", "replace"))
    return f"{kind}--{len(readable)}--x{checksum:08x}"


def counted(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def within(parts, budget):
    """`(html, left)`: the parts that fit into so many bytes, and how many do not. The host takes 2 MiB at most."""
    taken, size = [], 0
    parts = list(parts)
    for part in parts:
        size += len(part.encode())
        if size > budget:
            break
        taken.append(part)
    return "".join(taken), len(parts) - len(taken)
