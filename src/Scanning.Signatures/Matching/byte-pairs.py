"""Makes byte-pairs.bin anew: how rare each pair of bytes is in programs and texts of the machine that it runs on.

    python3 byte-pairs.py byte-pairs.bin

For each pair, the first byte in the higher bits, eight times -log2 of its share, in one byte. ByteFrequencies reads it.
"""
import math
import os
import random
import sys

ENDINGS = {
    "windows": ((".exe", ".dll"), 60, 400_000),
    "linux": ((".so",), 40, 400_000),
    "text": ((".html", ".txt", ".xml", ".js", ".css", ".py", ".h", ".pl"), 300, 60_000),
}
FOLDERS = ("/usr/bin", "/usr/lib", "/usr/share")


def files():
    for folder in FOLDERS:
        for root, _, names in os.walk(folder):
            for name in sorted(names):
                path = os.path.join(root, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    yield path


def main():
    random.seed(7)
    paths = list(files())
    counts = [0] * 65536
    total = 0
    for endings, number, limit in ENDINGS.values():
        chosen = [path for path in paths if path.endswith(endings)]
        for path in random.sample(chosen, min(number, len(chosen))):
            with open(path, "rb") as file:
                data = file.read(limit)
            for first, second in zip(data, data[1:]):
                counts[first << 8 | second] += 1
            total += max(len(data) - 1, 0)
    # A pair that was never seen is rarer than one that was seen once, and not impossible.
    table = bytes(
        min(255, round(-8 * math.log2((count + 0.3) / (total + 0.3 * 65536)))) for count in counts
    )
    with open(sys.argv[1], "wb") as file:
        file.write(table)


main()
