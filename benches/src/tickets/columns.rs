//! What generated columns, trigger and indexes each cost a row: copies of the table without some of them.

use landfall_domain::Dataset;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::backend::{Took, took};
use super::files::File;
use super::scene::Scene;
use crate::cluster::Cluster;
use crate::figure::{Figure, Goal, Report, median, say};
use crate::scale::Scale;
use crate::worker::TicketsTask;

/// A copy of the table.
struct Variant {
    name: &'static str,
    /// What makes it `bench.t`.
    made: &'static str,
}

const TIMES: &str = "create table bench.t (like tickets.inc including generated);
    alter table bench.t drop created_at_service, drop scheduled_at, drop closed_at, drop first_seen_at,
        drop last_seen_at, drop source_created_at, drop source_updated_at";
const POINTS: &str = "create table bench.t (like tickets.inc including generated);
    alter table bench.t drop geom, drop geog";
const GEOG: &str = "create table bench.t (like tickets.inc including all); drop index bench.t_geog_idx";
const TRIGGER: &str = "create table bench.t (like tickets.inc including all);
    create trigger place_ticket before insert or update of raw, cluster_key, location_key on bench.t
    for each row execute function tickets.place_ticket()";

const VARIANTS: [Variant; 7] = [
    Variant { name: "no generated column, no index", made: "create table bench.t (like tickets.inc)" },
    Variant {
        name: "generated columns",
        made: "create table bench.t (like tickets.inc including generated)",
    },
    Variant { name: ".. without the seven times", made: TIMES },
    Variant { name: ".. without geom and geog", made: POINTS },
    Variant {
        name: "generated columns and all indexes",
        made: "create table bench.t (like tickets.inc including all)",
    },
    Variant { name: ".. without the index on geog", made: GEOG },
    Variant { name: ".. all, and the trigger that looks up places", made: TRIGGER },
];

/// Measures an insert and an update of all rows of one file, for each copy, and a call of `eat_ts`.
pub async fn run(cluster: &Cluster, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let rows = scale.of(super::ROWS);
    let (scene, run) = (Scene::new(cluster).await?, Uuid::now_v7());
    let file = File { dataset: Dataset::Inc, number: 0, rows, first: 0, other: None, open_in_1000: 100 };
    scene.put(&[file]).await?;
    scene.run(cluster, TicketsTask::Stage(run, vec![file.key()])).await?;
    scene.execute(&["create schema bench", "vacuum analyze tickets.stage"]).await?;
    let mut conn = scene.connect().await?;
    for variant in &VARIANTS {
        say(&format!("columns: {}", variant.name))?;
        let (mut inserts, mut updates) = (Vec::new(), Vec::new());
        for _ in 0..scale.runs() {
            sqlx::raw_sql(AssertSqlSafe(variant.made)).execute(&mut conn).await?;
            inserts.push(took(&mut conn, &insert(run)).await?);
            sqlx::raw_sql("vacuum analyze bench.t").execute(&mut conn).await?;
            cluster.checkpoint().await?;
            updates.push(took(&mut conn, &update(run)).await?);
            sqlx::raw_sql("drop table bench.t").execute(&mut conn).await?;
        }
        for (what, took) in [("insert", inserts), ("update", updates)] {
            let of = |part: fn(&Took) -> f64| {
                took.iter().map(|one| 1e6 * part(one) / f64::from(rows)).collect::<Vec<_>>()
            };
            let wall = median(&of(|took| took.wall));
            let figure = Figure::median(format!("{what}: {}", variant.name), "us a row", of(|took| took.cpu));
            report.add(figure.peer(format!("by the clock {wall:.0}")))?;
        }
    }
    report.table(&format!("What a row costs: {rows} rows, processor time of the backend"))?;
    eat_ts(&mut conn, scale, report).await?;
    drop(conn);
    scene.site.stop().await;
    Ok(())
}

fn insert(run: Uuid) -> String {
    format!(
        "insert into bench.t (ticket_id, raw, source_key, cluster_key, location_key, reopen_count, ingested_at)
         select ticket_id, raw, 'a', cluster_key, location_key, 0, now() from tickets.stage where run = '{run}'"
    )
}

fn update(run: Uuid) -> String {
    format!(
        "update bench.t as t set raw = s.raw, source_key = 'b', cluster_key = s.cluster_key,
             location_key = s.location_key, ingested_at = now()
         from tickets.stage as s where s.run = '{run}' and s.ticket_id = t.ticket_id"
    )
}

/// A call on each of many different texts.
async fn eat_ts(conn: &mut PgConnection, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    say("eat_ts")?;
    // A temporary table is read by the backend alone.
    sqlx::raw_sql(
        "create temp table texts as
         select to_char(timestamp '2026-01-01' + n * interval '97 seconds', 'YYYY-MM-DD HH24:MI:SS') as usual,
             to_char(timestamp '2026-01-01' + n * interval '97 seconds', 'DD/MM/YYYY HH24:MI') as day_first,
             to_char(timestamp '2026-01-01' + n * interval '97 seconds', 'YYYY-MM-DD\"T\"HH24:MI:SS+03:00') as offset_told
         from generate_series(1, 200000) as n",
    )
    .execute(&mut *conn)
    .await?;
    for column in ["usual", "day_first", "offset_told"] {
        let mut calls = Vec::new();
        for _ in 0..scale.runs().max(3) {
            let bare = took(conn, &format!("select count({column}) from texts")).await?;
            let all = took(conn, &format!("select count(tickets.eat_ts({column})) from texts")).await?;
            calls.push(1e6 * (all.cpu - bare.cpu) / 200_000.0);
        }
        let name = format!("a call of eat_ts, {}", column.replace('_', " "));
        report.add(Figure::median(name, "us of processor time", calls).goal(Goal::AtMost(5.0)))?;
    }
    report.table("Times")
}
