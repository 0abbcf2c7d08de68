"""Which members the peers read: the six that the bench calls targets, by a pattern a level."""
import fnmatch
import os
import zlib

CHAINS = {
    "nested": ["dump/NODE_*.tgz", "node/ec/EC_ACT.tgz", "ec/ACT/cli/CLI_*_LAST.out"],
    "flat": ["flat/CLI_00[0-6]?.out"],
}
ARCHIVES = (".tgz", ".tar.gz")


def chain_of(path):
    """The patterns for one of the archives of this bench."""
    return CHAINS[os.path.basename(path).removesuffix(".tgz")]


def fits(name, pattern):
    return fnmatch.fnmatchcase(name, pattern)


class Sink:
    """Takes the targets' bytes and, like the reader they are compared with, their CRC."""

    def __init__(self):
        self.members, self.bytes, self.crc = 0, 0, 0

    def take(self, content):
        crc = 0
        while block := content.read(1 << 20):
            crc = zlib.crc32(block, crc)
            self.bytes += len(block)
        self.members += 1
        self.crc ^= crc

    def report(self):
        return {"targets": self.members, "target_bytes": self.bytes, "target_crc": self.crc}
