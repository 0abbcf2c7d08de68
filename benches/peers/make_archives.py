#!/usr/bin/env python3
"""Makes the archives of `./dev bench archive`: synthetic, the same bytes for the same Python, zlib and scale.

nested.tgz  6 x NODE_n.tgz, in each 2 x EC_{ACT,STDBY}.tgz, in each small CLI files, large logs, one CLI file last
flat.tgz    one level: large logs with a small CLI file every dozen, one CLI file last

Full size is 454 and 414 MB. `--scale 0.1` makes the logs ten times smaller, not fewer.

Usage: make_archives.py FOLDER [--scale 1.0]. Prints one line of JSON.
"""
import argparse
import gzip
import io
import os
import random
import tarfile

from measure import Meter

KB, MB = 1 << 10, 1 << 20
PIECE = 64 * KB
LAST = 2 * MB
AREAS = [f"{area}.{part}" for area in ("sctp", "rrc", "oam", "fm", "pm", "cell", "ipsec", "ntp")
         for part in ("mgr", "ctl", "io", "fsm", "db")]


def filled(size, parts):
    """The first `size` bytes of what `parts` gives."""
    out, length = [], 0
    while length < size:
        out.append(next(parts))
        length += len(out[-1])
    return b"".join(out)[:size]


def log_lines(rng):
    """Log text from templates; deflate makes it 5 to 8 times smaller."""
    now = 1_700_000_000.0
    while True:
        now += rng.random() * 0.01
        yield (f"{now:.6f} [{rng.choice(('INFO', 'DEBUG', 'WARN', 'ERROR', 'TRACE')):5s}] "
               f"{rng.choice(AREAS)}:{rng.randrange(40, 900)} ue={rng.getrandbits(32):08x} "
               f"cell={rng.randrange(1, 256)} msg=\"state {rng.randrange(9)} -> {rng.randrange(9)} "
               f"cause={rng.choice(AREAS)} rsrp=-{rng.randrange(60, 130)} "
               f"bytes={rng.randrange(1 << 20)}\"\n").encode()


def packets(rng):
    """Captured packets, half random and half structure: 1.6 times smaller."""
    while True:
        yield rng.randbytes(700) + b"\x00\x45\x00\x05\xdc" * 60 + rng.randbytes(40) + bytes(200)


def counters(rng):
    """A dump of counters, the same again and again: 20 times smaller and more."""
    table = b"".join(b"pmCounter%05d = %d\n" % (number, rng.randrange(3)) for number in range(4000))
    while True:
        yield table


def cli_tables(rng):
    """Output of a command line, table after table."""
    slot = 0
    while True:
        rows = "".join(
            f"{rng.randrange(1 << 16):6d}  {rng.choice(AREAS):12s} "
            f"{'ENABLED' if rng.random() < 0.9 else 'DISABLED':9s} "
            f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(256)}\n" for _ in range(20))
        yield f"NODE> get . slot={slot % 24}\n{'=' * 78}\n{rows}Total: 20 MOs\n\n".encode()
        slot += 1


class Logs:
    """Large contents at the price of copying: random pieces of a pool of each kind. The pieces are longer than the
    window of deflate, so that no repetition shows within it."""

    def __init__(self, rng, scale):
        self.rng, self.scale = rng, scale
        self.pools = {"text": filled(24 * MB, log_lines(rng)), "bin": filled(24 * MB, packets(rng)),
                      "rep": filled(4 * MB, counters(rng))}

    def take(self, weights, least, most):
        """A kind, and a content of `least` to `most` MiB, times the scale."""
        kind = self.rng.choices(list(self.pools), weights)[0]
        size = int(self.rng.randrange(least * MB, most * MB) * self.scale)
        return kind, filled(size, self.pieces(self.pools[kind]))

    def pieces(self, pool):
        while True:
            start = self.rng.randrange(len(pool) - PIECE)
            yield pool[start:start + PIECE]


def write_tgz(out, members):
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=6, mtime=0, filename="") as packed, \
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.GNU_FORMAT) as tar:
        for name, content in members:
            header = tarfile.TarInfo(name)
            header.size, header.mtime, header.mode = len(content), 1_700_000_000, 0o644
            tar.addfile(header, io.BytesIO(content))


def tgz(members):
    out = io.BytesIO()
    write_tgz(out, members)
    return out.getvalue()


def ec(rng, logs, node, role, size):
    used = 0
    for number in range(8):
        content = filled(rng.randrange(40_000, 400_000), cli_tables(rng))
        used += len(content)
        yield f"ec/{role}/cli/CLI_N{node}_{role}_{number:02d}.out", content
    number = 0
    while used < size - 2 * LAST:
        kind, content = logs.take([5, 4, 1], 2, 16)
        used += len(content)
        yield f"ec/{role}/log/{kind}_{number:03d}.log", content
        number += 1
    yield f"ec/{role}/cli/CLI_N{node}_{role}_LAST.out", filled(LAST, cli_tables(rng))


def nested(rng, logs):
    yield "dump/manifest.txt", b"synthetic\n"
    # However small the logs, some are there.
    size = max(int(96 * MB * logs.scale), 8 * MB)
    for node in range(6):
        archives = [(f"node/ec/EC_{role}.tgz", tgz(ec(rng, logs, node, role, size))) for role in ("ACT", "STDBY")]
        yield f"dump/NODE_{node}.tgz", tgz([("node/README.txt", filled(20_000, cli_tables(rng))), *archives])


def flat(rng, logs):
    used, number = 0, 0
    while used < 1024 * MB * logs.scale:
        if number % 12 == 0:
            yield f"flat/CLI_{number:04d}.out", filled(300_000, cli_tables(rng))
        kind, content = logs.take([5, 3, 2], 4, 24)
        used += len(content)
        yield f"flat/{kind}_{number:04d}.log", content
        number += 1
    yield "flat/CLI_LAST.out", filled(LAST, cli_tables(rng))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--scale", type=float, default=1.0)
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    meter, made, rng = Meter(), {}, random.Random(20240601)
    logs = Logs(rng, arguments.scale)
    # In this order always: what the second is made of is drawn after what the first is.
    for members in (nested, flat):
        path = os.path.join(arguments.folder, f"{members.__name__}.tgz")
        with open(path + ".part", "wb") as out:
            write_tgz(out, members(rng, logs))
        os.rename(path + ".part", path)
        made[members.__name__] = os.path.getsize(path)
    meter.report(**made)


if __name__ == "__main__":
    main()
