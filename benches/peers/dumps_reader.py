#!/usr/bin/env python3
"""The peer of the parsers: what an engineer writes first to get at the rows of these files.

It finds the same records with the same values: tables are cut at the columns of the dashed line, lines by a regular
expression or at their semicolons; `-` is None, numbers, times and words are read, names and identifiers written in
upper case, access identifiers taken apart, and a key that was there before is passed over. It believes what it reads:
no address, state or label is checked, nothing that does not fit is told, and other layouts of the same plugin are not
known. That is less than the parsers do.

Usage: dumps_reader.py PLUGIN FILE [--records]. Prints one line of JSON about the run; with --records the records
instead, a line each.
"""
import io
import json
import re
import sys
from datetime import datetime, timezone

from measure import Meter

AID = re.compile(r"(?:([A-Za-z0-9]+)-)?(\d{1,3})-(\d{1,2})(?:-([A-Za-z0-9]+))?")
TRACE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) \[(\w+)\] <(\w+)> \((\d+)\) (\w+): (.*)")
PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|(\S+))')
SIZES = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
STATES = {"up": "UP", "is": "UP", "down": "DOWN", "oos": "DOWN"}
ROLES = {"ingress": "ORIGIN", "egress": "TERM", "transit": "TRANSIT"}


def number(text):
    return int(text.replace(",", ""))


def numbers(text):
    return [int(part) for part in text.split(",")]


def sequence(text):
    return int(text, 0)


def seconds(text):
    hours, minutes, rest = text.split(":")
    return 3600 * int(hours) + 60 * int(minutes) + int(rest)


def size(text):
    return int(text[:-1]) * SIZES[text[-1]]


def point(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def affecting(text):
    return text == "SA"


def both_ways(text):
    return text == "<->"


def state(text):
    return STATES[text.lower()]


def role(text):
    return ROLES[text]


def version(text):
    return text.removeprefix("R")


def place(aid):
    """Card, shelf, slot and port of an access identifier."""
    match = AID.fullmatch(aid)
    if match is None:
        return {}
    card, shelf, slot, port = match.groups()
    return {"card": card, "shelf": int(shelf), "slot": int(slot), "port": port}


# The fields of each table by its columns, and how they are read; text stays as it is.
TABLES = {
    "node": {
        "Node Name": ("ne_name", str.upper), "Router ID": ("router_id", None), "Mgmt IP": ("mgmt_ip", None),
        "Version": ("version_raw", None), "Adm": ("admin_state", str.upper), "Opr": ("oper_state", state),
    },
    "dpr_db": {
        "Id": ("dpr_id", number), "Type": ("dpr_type", str.upper), "Local Router": ("local_router_id", None),
        "Remote Router": ("remote_router_id", None), "Local If": ("local_if", str.upper),
        "Remote If": ("remote_if", str.upper), "Cost": ("cost", number), "SRLG": ("srlg", numbers),
        "State": ("oper_state", state), "Seq": ("seq", sequence), "Age": ("age_s", seconds),
    },
    "lsp": {
        "LSP Name": ("lsp_name", None), "From": ("from_node", None), "To": ("to_node", None), "Label": ("label", None),
        "Tun Id": ("tunnel_id", number), "Signal": ("signal_type", str.upper), "Role": ("role", role),
        "State": ("state", str.upper), "Prot": ("protection", str.upper),
    },
    "nea_bucket_counts": {
        "Bucket": ("bucket_id", number), "Name": ("bucket_name", str.upper), "Size": ("size_bytes", size),
        "Total": ("capacity", number), "Used": ("used", number), "Free": ("free", number), "Peak": ("peak", number),
        "Fail": ("failures", number),
    },
    "ma_notif_bucket_counts": {
        "Bucket": ("bucket", str.upper), "Received": ("received", number), "Sent": ("sent", number),
        "Dropped": ("dropped", number), "Queued": ("queued", number), "Max Queue": ("max_queued", number),
        "Last": ("last_at", point),
    },
    "alarm_state": {
        "Id": ("alarm_id", number), "Sev": ("severity", str.upper), "Condition": ("condition", str.upper),
        "AID": ("aid", str.upper), "SA": ("service_affecting", affecting), "Raised": ("raised_at", point),
        "Description": ("description", None),
    },
    "dpr_3r": {
        "Group": ("group_id", number), "Group Name": ("group_name", None), "Rate": ("line_rate", str.upper),
        "Red": ("redundancy", None), "State": ("oper_state", state), "Member": ("member_id", number),
        "AID": ("aid", str.upper), "Role": ("role", str.upper), "Mbr State": ("state", state), "Label": ("label", None),
    },
    "dpr_links": {
        "Source": ("src_node", None), "Src If": ("src_if", str.upper), "Dest": ("dst_node", None),
        "Dst If": ("dst_if", str.upper), "Type": ("link_type", str.upper), "Dir": ("bidirectional", both_ways),
        "Cost": ("cost", number), "State": ("state", state),
    },
    "dpr_router_map": {
        "Router Id": ("router_id", None), "NE Name": ("ne_name", str.upper), "Mgmt IP": ("mgmt_ip", None),
    },
}
MEMBER = ("member_id", "aid", "role", "state", "label")


def rows_of(file, columns):
    """The rows of a table as dicts."""
    spans, header = None, ""
    for line in file:
        line = line.rstrip("\n")
        if spans is None:
            if line.startswith("---"):
                found = [match.span() for match in re.finditer("-+", line)]
                named = [(header[start:end].strip(), start, end) for start, end in found]
                spans = [(start, end, *columns[name]) for name, start, end in named if name in columns]
            header = line
            continue
        if not line:
            break
        row = {}
        for start, end, field, read in spans:
            value = line[start:end].strip()
            if value in ("", "-"):
                row[field] = None
            else:
                row[field] = read(value) if read else value
        yield row


def unique(rows, key):
    """The first record of each key."""
    seen, records = set(), []
    for row in rows:
        at = tuple(row[name] for name in key)
        if at not in seen:
            seen.add(at)
            records.append(row)
    return records


def node(file, columns):
    first = unique(rows_of(file, columns), ("ne_name",))[0]
    more = {"ne_key": f"name:{first['ne_name']}", "mgmt_ip_source": "reported",
            "version": version(first["version_raw"])}
    return [{**first, **more}]


def dpr_db(file, columns):
    return unique(rows_of(file, columns), ("dpr_id",))


def lsp(file, columns):
    records = unique(rows_of(file, columns), ("from_node", "to_node", "label"))
    for record in records:
        record["label_raw"] = record["label"]
    return records


def buckets(file, columns):
    records = unique(rows_of(file, columns), ("bucket_id",))
    for record in records:
        record["utilization_pct"] = round(100 * record["used"] / record["capacity"], 2)
    return records


def notifications(file, columns):
    return unique(rows_of(file, columns), ("bucket",))


def alarms(file, columns):
    records = unique(rows_of(file, columns), ("aid", "condition", "raised_at"))
    for record in records:
        record["source"] = "alarm_state"
        record.update(place(record["aid"]))
    return records


def groups(file, columns):
    records = []
    for row in rows_of(file, columns):
        member = {name: row.pop(name) for name in MEMBER}
        member["label"] = member["label"] or ""
        if row["group_id"] is not None:
            records.append({**row, "members": []})
        records[-1]["members"].append(member)
    return records


def links(file, columns):
    return unique(rows_of(file, columns), ("src_node", "src_if", "dst_node", "dst_if", "link_type"))


def routers(file, columns):
    records = unique(rows_of(file, columns), ("router_id",))
    for record in records:
        record["is_local"] = False
    return records


def trace(file, _columns):
    records = []
    for ordinal, line in enumerate(file, 1):
        if match := TRACE.match(line):
            at, module, severity, seq, event, message = match.groups()
            attrs = {name.lower(): quoted or bare for name, quoted, bare in PAIR.findall(message)}
            records.append({"ordinal": ordinal, "ts": point(at), "module": module.upper(), "severity": severity.upper(),
                            "seq": int(seq), "event": event.upper(), "message": message, "attrs": attrs})
    return records


def legacy(file, _columns):
    seen, records = set(), []
    for line in file:
        cells = line.rstrip("\n").split(";", 6)
        if len(cells) < 7:
            continue
        severity, condition, aid, effect, day, time, text = cells
        raised = point(f"{day} {time}")
        if (aid, condition, raised) not in seen:
            seen.add((aid, condition, raised))
            records.append({"source": "alarm_state_legacy", "severity": severity.upper(),
                            "condition": condition.upper(), "aid": aid.upper(), **place(aid),
                            "service_affecting": affecting(effect), "raised_at": raised, "description": text})
    return records


READERS = {
    "node": node, "dpr_db": dpr_db, "lsp": lsp, "nea_trace": trace, "nea_bucket_counts": buckets,
    "ma_notif_bucket_counts": notifications, "alarm_state": alarms, "dpr_3r": groups, "dpr_links": links,
    "dpr_router_map": routers, "alarm_state_legacy": legacy,
}


def told(value):
    """A time as the parsers write it."""
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def main():
    plugin, path, *flags = sys.argv[1:]
    with open(path, "rb") as file:
        data = file.read()
    # The bytes are in memory before the time begins, as they are for the parsers.
    meter = Meter()
    with io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors="replace") as file:
        records = READERS[plugin](file, TABLES.get(plugin))
    if flags == ["--records"]:
        for record in records:
            print(json.dumps(record, default=told))
    else:
        meter.report(records=len(records))


if __name__ == "__main__":
    main()
