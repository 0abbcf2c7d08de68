#!/usr/bin/env python3
"""The honest peer: one pass of the same libraries. One read of the file feeds the hash and one walk of all levels,
which lists the members and reads the targets on the way.

Usage: one_pass.py ARCHIVE [BYTES]. So many bytes are read at once, tarfile's own 10 KiB if nothing is said. Prints one
line of JSON.
"""
import hashlib
import sys
import tarfile

from measure import Meter
from targets import ARCHIVES, Sink, chain_of, fits


class Hashed:
    """A file whose bytes go through SHA-256 as they are read."""

    def __init__(self, file):
        self.file, self.sha256 = file, hashlib.sha256()

    def read(self, size):
        block = self.file.read(size)
        self.sha256.update(block)
        return block


def walk(file, block, chain, found, sink):
    """`chain` holds the patterns from this level on; it is empty where no target can be."""
    with tarfile.open(fileobj=file, mode="r|gz", bufsize=block) as tar:
        for member in tar:
            found.append((member.name, member.size))
            on_the_way = bool(chain) and fits(member.name, chain[0])
            if member.isfile() and member.name.endswith(ARCHIVES):
                walk(tar.extractfile(member), block, chain[1:] if on_the_way else [], found, sink)
            elif on_the_way and len(chain) == 1:
                sink.take(tar.extractfile(member))


def main():
    path, block, meter, sink, members = sys.argv[1], tarfile.RECORDSIZE, Meter(), Sink(), []
    if len(sys.argv) > 2:
        block = int(sys.argv[2])
    with open(path, "rb") as file:
        hashed = Hashed(file)
        walk(hashed, block, chain_of(path), members, sink)
        while hashed.read(block):
            pass
    meter.report(sha256=hashed.sha256.hexdigest(), members=len(members), **sink.report())


if __name__ == "__main__":
    main()
