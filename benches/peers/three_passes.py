#!/usr/bin/env python3
"""The naive peer: three passes over the archive, each for itself, as a first draft would do it.

1. hash     SHA-256 of the file
2. inspect  a list of the members of all levels, nested archives opened where they stand
3. read     the contents of the targets, descending only where one can be

Usage: three_passes.py ARCHIVE. Prints one line of JSON.
"""
import hashlib
import sys
import tarfile

from measure import Meter
from targets import ARCHIVES, Sink, chain_of, fits


def digest(path):
    sha256 = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            sha256.update(block)
    return sha256.hexdigest()


def inspect(file, found):
    with tarfile.open(fileobj=file, mode="r|gz") as tar:
        for member in tar:
            found.append((member.name, member.size))
            if member.isfile() and member.name.endswith(ARCHIVES):
                inspect(tar.extractfile(member), found)
    return found


def read(file, chain, sink):
    pattern, *below = chain
    with tarfile.open(fileobj=file, mode="r|gz") as tar:
        for member in tar:
            if fits(member.name, pattern):
                content = tar.extractfile(member)
                if below:
                    read(content, below, sink)
                else:
                    sink.take(content)


def main():
    path, meter, sink = sys.argv[1], Meter(), Sink()
    sha256 = digest(path)
    hash_cpu = meter.lap()
    with open(path, "rb") as file:
        members = inspect(file, [])
    inspect_cpu = meter.lap()
    with open(path, "rb") as file:
        read(file, chain_of(path), sink)
    meter.report(sha256=sha256, members=len(members), hash_cpu_s=hash_cpu, inspect_cpu_s=inspect_cpu,
                 read_cpu_s=meter.lap(), **sink.report())


if __name__ == "__main__":
    main()
