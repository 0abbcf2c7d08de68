"""A change file of incidents as a data frame: read and cleaned as specs of the feed say, with pandas."""
import json

import pandas as pd

COLUMNS = 32
ALARM = {"true", "t", "1", "yes", "y"}
# Network codes that are no part of a place's name, in the order in which they are taken out.
CODES = [
    r"\([^)]*\d[^)]*\)",
    r"\b\d+/\d+(?:/\d+)*\b",
    r"\b(?:KE|NBO|NRB|MSA|KSM|NKR|ELD)(?:[-_][A-Z0-9]+)+\b",
    r"\b(?:OLT|ONT|ONU|FAT|FDT|FDH|FDB|ODF|MSAN|GPON|SPL|PON|BTS|AP|SW)[-_ ]?\d+[A-Z]?\b",
    r"\bP\d{1,3}\b",
]


def read(path):
    """The rows of a file that are kept, all values trimmed, an empty one None."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    frame.columns = [name.strip().lower() for name in frame.columns]
    if len(frame.columns) < COLUMNS:
        raise ValueError(f"{path}: {len(frame.columns)} columns")
    for name in frame.columns:
        frame[name] = frame[name].str.strip()
    frame["ticket_id"] = frame["ticket_id"].str.upper()
    frame = frame[frame["ticket_id"].str.fullmatch(r"INC\d{6,15}")]
    frame = frame[~frame["is_alarm"].str.lower().isin(ALARM)]
    return frame.drop_duplicates("ticket_id", keep="last")


def cluster_keys(frame):
    """The keys of areas."""
    return frame["cluster"].str.lower().str.replace(r"\s+", " ", regex=True)


def location_keys(frame):
    """The keys of places within their areas."""
    names = frame["location_name"]
    for code in CODES:
        names = names.str.replace(f"(?ia){code}", " ", regex=True)
    names = names.str.lower().str.replace(r"[\s_/|]+", " ", regex=True).str.strip(" -,.;:")
    letters = names.str.count(r"[a-z]")
    return names.where(letters >= 3, "")


def rows(path):
    """(ticket_id, raw as JSON, cluster_key, location_key) of each kept row."""
    frame = read(path)
    clusters, locations = cluster_keys(frame), location_keys(frame)
    records = frame.to_dict("records")
    for record, cluster, location in zip(records, clusters, locations):
        raw = json.dumps({name: value or None for name, value in record.items()})
        yield record["ticket_id"], raw, cluster or None, location or None
