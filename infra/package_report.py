#!/usr/bin/env python3
"""Tells of each built function how large it is, and how long a cold start takes here.

A cold start is the time from the start of the process to its first request for an event, from a runtime API that this
script serves on loopback. It holds what the function does before its first event: reading its configuration, making its
clients, building its tables. It does not hold what AWS does before that, and the database is not asked: functions connect
when they need it.

Usage: package_report.py FOLDER [--json] [--no-start]. FOLDER is cargo-lambda's: NAME/bootstrap for each function.
"""
import argparse
import io
import json
import os
import platform
import statistics
import struct
import subprocess
import sys
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

RUNS = 5
WAIT_SECONDS = 30
MIB = 1 << 20
# e_machine of the ELF header.
MACHINES = {62: "x86_64", 183: "aarch64"}
# What every function reads. Nothing listens there, and nothing is asked for before the first event.
ENVIRONMENT = {
    "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
    "AWS_LAMBDA_FUNCTION_VERSION": "1",
    "AWS_LAMBDA_LOG_GROUP_NAME": "none",
    "AWS_LAMBDA_LOG_STREAM_NAME": "none",
}


class RuntimeApi(ThreadingHTTPServer):
    """The Lambda runtime API, as far as a start goes."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Requests)
        self.asked_at = None
        self.failure = None
        self.told = threading.Event()
        self.done = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def end(self):
        self.done.set()
        self.shutdown()
        self.server_close()


class Requests(BaseHTTPRequestHandler):
    """Requests of the function."""

    def do_GET(self):
        if self.path.endswith("/runtime/invocation/next"):
            self.server.asked_at = time.perf_counter()
            self.server.told.set()
            # There is no event; the function is ended while it waits.
            self.server.done.wait(WAIT_SECONDS)

    def do_POST(self):
        self.server.failure = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="replace")
        self.server.told.set()

    def log_message(self, *_):
        pass


def machine(bootstrap):
    with bootstrap.open("rb") as file:
        header = file.read(20)
    number = struct.unpack_from("<H", header, 18)[0] if header[:4] == b"\x7fELF" else None
    return MACHINES.get(number, "unknown")


def zipped(bootstrap):
    """Bytes of the package: the program alone, compressed as `sam deploy` does."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.write(bootstrap, "bootstrap")
    return out.getbuffer().nbytes


def cold_start(name, bootstrap):
    """Milliseconds of one start."""
    api = RuntimeApi()
    environment = {
        **ENVIRONMENT,
        "PATH": os.environ.get("PATH", ""),
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_address[1]}",
    }
    begun = time.perf_counter()
    process = subprocess.Popen([bootstrap], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        while not api.told.wait(0.2):
            if process.poll() is not None or time.perf_counter() - begun > WAIT_SECONDS:
                break
    finally:
        process.kill()
        errors = process.communicate()[1].decode(errors="replace").strip()
        api.end()
    if api.asked_at is None:
        sys.exit(f"{name} does not start: {api.failure or errors or 'it asked for no event'}")
    return (api.asked_at - begun) * 1000


def report(folder, starts_wanted):
    for function in sorted(path.parent for path in folder.glob("*/bootstrap")):
        bootstrap = function / "bootstrap"
        kind = machine(bootstrap)
        # A program for another processor does not run here.
        runs = RUNS if starts_wanted and kind == platform.machine() else 0
        starts = [cold_start(function.name, bootstrap) for _ in range(runs)]
        yield {
            "function": function.name,
            "architecture": kind,
            "program_bytes": bootstrap.stat().st_size,
            "zip_bytes": zipped(bootstrap),
            "cold_start_ms": round(statistics.median(starts), 1) if starts else None,
        }


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--json", action="store_true", help="one JSON object a function, a line each")
    arguments.add_argument("--no-start", dest="start", action="store_false", help="do not start them")
    arguments = arguments.parse_args()
    if not any(arguments.folder.glob("*/bootstrap")):
        sys.exit(f"there is no function in {arguments.folder}: build them first, with ./dev package")
    if not arguments.json:
        print(f"{'function':<22}{'architecture':<14}{'program MiB':>12}{'zip MiB':>9}{'cold start ms':>15}")
    for row in report(arguments.folder, arguments.start):
        if arguments.json:
            print(json.dumps(row))
            continue
        start = "-" if row["cold_start_ms"] is None else f"{row['cold_start_ms']:.1f}"
        print(
            f"{row['function']:<22}{row['architecture']:<14}{row['program_bytes'] / MIB:>12.1f}"
            f"{row['zip_bytes'] / MIB:>9.1f}{start:>15}"
        )


if __name__ == "__main__":
    main()
