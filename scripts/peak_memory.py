#!/usr/bin/env python3
"""Runs a command and says how much memory it and the processes it starts took at most.

    scripts/peak_memory.py target/release/fairhearing inspect call.wav

The kernel keeps each process's own peak (`VmHWM`); it is read five times a second, so that a process
that lives shorter than that may be missed. The peaks are added up, although they need not have come
at the same time.
"""

import subprocess
import sys
import time
from pathlib import Path


def status(process):
    """The fields of a process that is still there."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def family(first):
    """`first` and all that came of it, each with its fields."""
    every = {int(entry.name): status(entry.name) for entry in Path("/proc").glob("[0-9]*")}
    found = {first}
    while True:
        more = {p for p, fields in every.items() if int(fields.get("PPid", 0)) in found} - found
        if not more:
            return {process: every.get(process, {}) for process in found}
        found |= more


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    running = subprocess.Popen(sys.argv[1:])
    peaks = {}
    while running.poll() is None:
        for process, fields in family(running.pid).items():
            if "VmHWM" in fields:
                arguments = Path(f"/proc/{process}/cmdline")
                try:
                    words = arguments.read_bytes().decode(errors="replace").split("\0")
                except (FileNotFoundError, ProcessLookupError):
                    continue
                name = " ".join(word for word in words[:2] if len(word) < 60)
                peaks[process] = (name, int(fields["VmHWM"].split()[0]))
        time.sleep(0.2)
    for name, kilobytes in peaks.values():
        print(f"{kilobytes / 1000:8.1f} MB  {name}", file=sys.stderr)
    total = sum(kilobytes for _, kilobytes in peaks.values())
    print(f"{total / 1000:8.1f} MB  together", file=sys.stderr)
    sys.exit(running.returncode)


main()
