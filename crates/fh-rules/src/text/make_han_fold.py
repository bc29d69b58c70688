#!/usr/bin/env python3
"""Makes `han_fold.txt`, the table that folds traditional and variant Han characters.

    pip download --no-deps opencc-python-reimplemented==0.1.7
    unzip opencc_python_reimplemented-*.whl -d opencc
    python3 make_han_fold.py opencc/opencc/dictionary > han_fold.txt

A converter has to choose between the readings of a character (乾 is 乾 or 干) and needs the context
for it. A fold need not choose: all characters that OpenCC connects, by whichever reading, become
one. Rules and transcripts go through the same fold, so both spellings of a word meet.
"""

import collections
import pathlib
import sys

# Traditional to simplified, then the spellings of Taiwan and Hong Kong to OpenCC's own.
FILES = ["TSCharacters.txt", "TWVariantsRev.txt", "HKVariantsRev.txt"]

# What OpenCC leaves to people: Taiwan's own pronouns.
OURS = ["你妳", "它牠"]

parent = {}


def root(character):
    parent.setdefault(character, character)
    while parent[character] != character:
        character = parent[character]
    return character


traditional = set()
chosen_first = collections.Counter()
for name in FILES:
    for line in (pathlib.Path(sys.argv[1]) / name).read_text(encoding="utf-8").splitlines():
        key, values = line.split("\t")
        values = values.split(" ")
        if name == "TSCharacters.txt":
            traditional.add(key)
            chosen_first[values[0]] += 1
        for value in values:
            parent[root(key)] = root(value)

for first, second in OURS:
    parent[root(second)] = root(first)
    chosen_first[first] += 1

classes = collections.defaultdict(list)
for character in sorted(parent):
    classes[root(character)].append(character)

rows = []
for members in classes.values():
    if len(members) < 2:
        continue
    # The face of a class: simplified, the most common target, in the basic plane.
    face = min(members, key=lambda c: (c in traditional, ord(c) > 0xFFFF, -chosen_first[c], c))
    rows.append(face + "".join(member for member in members if member != face))

print("# Han characters that fold to the first character of their line.")
print("# Made by make_han_fold.py from OpenCC's TSCharacters.txt, TWVariantsRev.txt and")
print("# HKVariantsRev.txt, as packaged in opencc-python-reimplemented 0.1.7 (PyPI).")
print("# OpenCC: copyright BYVoid and contributors, Apache License 2.0,")
print("# https://github.com/BYVoid/OpenCC. See THIRD_PARTY.md beside this file.")
print("\n".join(sorted(rows)))
