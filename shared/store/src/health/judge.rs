//! From what was seen of the database to findings.

use chrono::{DateTime, Datelike, Utc};
use landfall_domain::Finding;

use super::facts::{
    Connections, DatabaseFacts, Migration, MigrationState, Partitions, PostGis, Seen, Server,
};

/// The oldest server that the SQL is written for, 15.
const OLDEST: i32 = 150_000;
/// Months ahead for which sweep-state keeps partitions ready.
pub(super) const MONTHS_AHEAD: i32 = 2;

/// The findings on a database at a time; `pool` is how many connections one process of Landfall keeps.
pub fn judge(facts: &DatabaseFacts, now: DateTime<Utc>, pool: u32) -> Vec<Finding> {
    let mut findings = Vec::new();
    match &facts.server {
        Ok(server) => {
            findings.push(version(server));
            findings.push(postgis(&server.postgis));
            findings.push(connections(server.connections, i64::from(pool)));
            findings.push(server.skew.judge("clock.database", "the database's"));
        }
        Err(text) => findings.push(unseen("database.version", text)),
    }
    findings.push(migrations(&facts.migrations));
    findings.extend(partitions(&facts.partitions, now));
    findings
}

/// What a query did not say.
pub(super) fn unseen(name: &str, text: &str) -> Finding {
    Finding::problem(
        name,
        text,
        "let the account of DATABASE_URL own the schemas, and run `landfall migrate`",
    )
}

fn version(server: &Server) -> Finding {
    const NAME: &str = "database.version";
    let seen = format!("PostgreSQL {}", server.version_text);
    if server.version < OLDEST {
        Finding::problem(NAME, seen, "use PostgreSQL 15 or newer")
    } else {
        Finding::ok(NAME, seen)
    }
}

fn postgis(seen: &PostGis) -> Finding {
    const NAME: &str = "database.postgis";
    match seen {
        PostGis::Installed(version) => Finding::ok(NAME, format!("PostGIS {version}")),
        PostGis::Available(version) => {
            Finding::ok(NAME, format!("PostGIS {version} can be installed; the migrations do it"))
        }
        PostGis::Absent => Finding::problem(
            NAME,
            "the server has no PostGIS; the migrations of tickets need it",
            "install it (Debian: postgresql-15-postgis-3)",
        ),
    }
}

fn connections(seen: Connections, pool: i64) -> Finding {
    const NAME: &str = "database.connections";
    let Connections { most, reserved, in_use } = seen;
    let open_to_all = most.saturating_sub(reserved).max(0);
    // What a roll-out needs twice, and people at a prompt, must still find room.
    let planned = open_to_all.saturating_mul(4).checked_div(5).unwrap_or(0);
    let processes = planned.checked_div(pool.max(1)).unwrap_or(0);
    let seen = format!(
        "{in_use} of max_connections {most} are open, {reserved} are reserved; below 80 % there is room for \
         {processes} processes with {pool} each"
    );
    let next = "raise max_connections, lower LANDFALL_DB_CONNECTIONS or the functions' concurrency, or put a pooler \
                in between";
    if processes == 0 {
        Finding::problem(NAME, seen, next)
    } else if in_use > planned {
        Finding::warning(NAME, seen, next)
    } else {
        Finding::ok(NAME, seen)
    }
}

fn migrations(seen: &Seen<Vec<Migration>>) -> Finding {
    const NAME: &str = "database.migrations";
    let all = match seen {
        Ok(all) => all,
        Err(text) => return unseen(NAME, text),
    };
    let in_state = |state| {
        let names: Vec<&str> = all.iter().filter(|m| m.state == state).map(|m| m.name.as_str()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    if let Some(names) = in_state(MigrationState::HalfDone) {
        let next = "find out why in the server's log, undo what is there of it, delete its row from \
                    _sqlx_migrations, and run `landfall migrate`";
        return Finding::problem(NAME, format!("begun and not ended: {names}"), next);
    }
    if let Some(names) = in_state(MigrationState::Changed) {
        let next = "use the release that applied them, or one after it: the two do not agree on the schema";
        return Finding::problem(
            NAME,
            format!("applied in another form than this release has: {names}"),
            next,
        );
    }
    if let Some(names) = in_state(MigrationState::Unknown) {
        let next = "use a release that knows them: this one is older than the schema";
        return Finding::problem(NAME, format!("applied and not known to this release: {names}"), next);
    }
    if let Some(names) = in_state(MigrationState::Pending) {
        return Finding::problem(NAME, format!("not applied: {names}"), "run `landfall migrate`");
    }
    let newest = all.last().map_or("none", |migration| migration.name.as_str());
    Finding::ok(NAME, format!("all {} are applied, the newest is {newest}", all.len()))
}

fn partitions(seen: &Seen<Partitions>, now: DateTime<Utc>) -> Vec<Finding> {
    const AHEAD: &str = "database.partitions";
    const STRAY: &str = "database.default-partitions";
    let Partitions { months, stray } = match seen {
        Ok(partitions) => partitions,
        Err(text) => return vec![Finding::skipped(AHEAD, text), Finding::skipped(STRAY, text)],
    };
    let missing = |from: i32, to: i32| -> Vec<String> {
        let of_table = |(table, has): (&String, &std::collections::BTreeSet<i32>)| {
            let lack =
                (from..=to).map(|step| month_of(now).saturating_add(step)).filter(|m| !has.contains(m));
            lack.map(|month| format!("{table} {}", month_text(month))).collect::<Vec<_>>()
        };
        months.iter().flat_map(of_table).collect()
    };
    let next = "see that sweep-state runs: it makes them two months ahead";
    let (now_missing, soon_missing) = (missing(0, 0), missing(1, MONTHS_AHEAD));
    let ahead = if !now_missing.is_empty() {
        Finding::problem(AHEAD, format!("missing for this month: {}", now_missing.join(", ")), next)
    } else if !soon_missing.is_empty() {
        Finding::warning(AHEAD, format!("missing ahead: {}", soon_missing.join(", ")), next)
    } else {
        let until = month_text(month_of(now).saturating_add(MONTHS_AHEAD));
        Finding::ok(AHEAD, format!("made ahead up to {until} for {} tables", months.len()))
    };
    let stray = match stray {
        0 => Finding::ok(STRAY, "empty"),
        rows => {
            let next = "see that sweep-state runs: it moves rows of a month whose partition it makes; rows of other \
                        months come from a wrong clock";
            Finding::problem(STRAY, format!("{rows} rows lie in default partitions"), next)
        }
    };
    vec![ahead, stray]
}

/// The month of a time, as partitions are counted.
pub(super) fn month_of(at: DateTime<Utc>) -> i32 {
    let month = i32::try_from(at.month0()).unwrap_or(0);
    at.year().saturating_mul(12).saturating_add(month)
}

/// A month as `2026-11`.
pub(super) fn month_text(month: i32) -> String {
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12));
    format!("{year:04}-{:02}", month.saturating_add(1))
}
