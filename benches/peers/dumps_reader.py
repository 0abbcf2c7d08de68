#!/usr/bin/env python3
"""The peer of the parsers: what an engineer writes first to get at the rows of these files.

Tables are cut at the columns of the dashed line, lines by a regular expression or at their semicolons; numbers and
times are converted, `-` is None, a key that was there before is passed over. No address, state or label is checked or
brought into one form, nothing that does not fit is told, and other layouts of the same plugin are not known: less than
the parsers do.

Usage: dumps_reader.py PLUGIN FILE. Prints one line of JSON.
"""
import re
import sys
from datetime import datetime

from measure import Meter

# The key, the numbers and the times of each table, by the names of the columns.
TABLES = {
    "node": (("Node Name",), (), ()),
    "dpr_db": (("Id",), ("Id", "Cost"), ()),
    "lsp": (("From", "To", "Label"), ("Tun Id",), ()),
    "nea_bucket_counts": (("Bucket",), ("Bucket", "Total", "Used", "Free", "Peak", "Fail"), ()),
    "ma_notif_bucket_counts": (("Bucket",), ("Received", "Sent", "Dropped", "Queued", "Max Queue"), ("Last",)),
    "alarm_state": (("AID", "Condition", "Raised"), ("Id",), ("Raised",)),
    "dpr_links": (("Source", "Src If", "Dest", "Dst If", "Type"), ("Cost",), ()),
    "dpr_router_map": (("Router Id",), (), ()),
    "dpr_3r": ((), ("Group", "Member"), ()),
}
TRACE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) \[(\w+)\] <(\w+)> \((\d+)\) (\w+): (.*)")
PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|(\S+))')


def rows_of(file, numbers, times):
    """The rows of a table as dicts."""
    columns, header = None, ""
    for line in file:
        line = line.rstrip("\n")
        if columns is None:
            if line.startswith("---"):
                spans = [match.span() for match in re.finditer("-+", line)]
                columns = [(header[start:end].strip(), start, end) for start, end in spans]
            header = line
            continue
        if not line:
            break
        row = {}
        for name, start, end in columns:
            value = line[start:end].strip()
            if value in ("", "-"):
                value = None
            elif name in numbers:
                value = int(value.replace(",", ""))
            elif name in times:
                value = datetime.fromisoformat(value)
            row[name] = value
        yield row


def table(file, plugin):
    key, numbers, times = TABLES[plugin]
    seen, records = set(), []
    for row in rows_of(file, numbers, times):
        place = tuple(row[name] for name in key)
        if place not in seen:
            seen.add(place)
            records.append(row)
    return records[:1] if plugin == "node" else records


def groups(file, plugin):
    _, numbers, times = TABLES[plugin]
    records = []
    for row in rows_of(file, numbers, times):
        if row["Group"] is not None:
            records.append({**row, "members": []})
        records[-1]["members"].append(row)
    return records


def trace(file, _plugin):
    records = []
    for line in file:
        if match := TRACE.match(line):
            at, module, severity, seq, event, message = match.groups()
            attrs = {name: quoted or bare for name, quoted, bare in PAIR.findall(message)}
            records.append({"ts": datetime.fromisoformat(at), "module": module, "severity": severity, "seq": int(seq),
                            "event": event, "message": message, "attrs": attrs})
    return records


def legacy(file, _plugin):
    seen, records = set(), []
    for line in file:
        cells = line.rstrip("\n").split(";", 6)
        if len(cells) < 6:
            continue
        severity, condition, aid, effect, day, time, text = cells
        raised = datetime.fromisoformat(f"{day} {time}")
        if (aid, condition, raised) not in seen:
            seen.add((aid, condition, raised))
            records.append({"severity": severity, "condition": condition, "aid": aid, "effect": effect == "SA",
                            "raised": raised, "text": text})
    return records


def main():
    plugin, path = sys.argv[1:3]
    reader = {"nea_trace": trace, "alarm_state_legacy": legacy, "dpr_3r": groups}.get(plugin, table)
    meter = Meter()
    with open(path, encoding="utf-8", errors="replace") as file:
        records = reader(file, plugin)
    meter.report(records=len(records))


if __name__ == "__main__":
    main()
