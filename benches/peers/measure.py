"""What the peers measure themselves by: processor time, the clock, peak memory of this process."""
import json
import sys
import time


class Meter:
    """Processor and clock time since it was made, or since the last `lap`. Imports before it do not count."""

    def __init__(self):
        self.cpu, self.wall = time.process_time(), time.perf_counter()
        self.first = (self.cpu, self.wall)

    def lap(self):
        """Seconds of processor time since the last lap."""
        before, self.cpu = self.cpu, time.process_time()
        return self.cpu - before

    def report(self, **more):
        """Prints one line of JSON: `cpu_s`, `wall_s`, `rss_mib`, and what else is given."""
        cpu, wall = time.process_time() - self.first[0], time.perf_counter() - self.first[1]
        json.dump({"cpu_s": cpu, "wall_s": wall, "rss_mib": peak_mib(), **more}, sys.stdout)
        print()


def peak_mib():
    """VmHWM: unlike `ru_maxrss` it does not count what the parent had before this program was loaded."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0
