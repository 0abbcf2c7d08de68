"""Reads and cleans change files: tickets_clean.py FILE.."""
import sys

import measure
import tickets_frame

meter = measure.Meter()
count = 0
for path in sys.argv[1:]:
    count += sum(1 for _ in tickets_frame.rows(path))
meter.report(rows=count)
