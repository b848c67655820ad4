"""How much a package may hold. The largest of 96 public ones: 1,807 entries, 13 MB, 11 times its size unpacked."""

MEGABYTE = 1024 * 1024
PACKAGE_BYTES = 200 * MEGABYTE
ENTRIES = 10_000
DIRECTORY_BYTES = 2 * MEGABYTE  # the list of names at the end of the file
UNPACKED_BYTES = 500 * MEGABYTE
RATIO = 60  # unpacked to packed, of the whole
RATIO_FROM = 4 * MEGABYTE  # below that nobody is harmed, and a small text packs well
JSON_BYTES = 10 * MEGABYTE
JSON_DEPTH = 100
JSON_DIGITS = 18
NAME_BYTES = 400
PART_BYTES = 255
SHOWN = 8  # names given in one reason
CHUNK = 128 * 1024
NUMBER = 1_000_000  # the largest number of a version
