//! `dump.parse_warning`.

use landfall_domain::{LoadId, ObjectId};
use sqlx::{PgConnection, PgPool};

use super::RowCounts;
use crate::StoreError;

/// A warning to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWarning {
    /// The network element; empty for one about the whole archive.
    pub plan_ne: String,
    /// The plugin, or `plan`.
    pub plugin: String,
    /// The file, or the place in the archive.
    pub chain_path: String,
    /// The code.
    pub code: String,
    /// The line, from 1; 0 where it is about the whole file.
    pub line: i64,
    /// What and why, where the code does not say it all.
    pub text: Option<String>,
}

/// Stores warnings in one statement.
pub async fn store_warnings(
    conn: &mut PgConnection,
    load_id: LoadId,
    warnings: &[NewWarning],
) -> Result<(), StoreError> {
    if warnings.is_empty() {
        return Ok(());
    }
    let text = |f: fn(&NewWarning) -> &str| warnings.iter().map(|w| f(w).to_owned()).collect::<Vec<_>>();
    let lines: Vec<i64> = warnings.iter().map(|w| w.line).collect();
    let texts: Vec<Option<String>> = warnings.iter().map(|w| w.text.clone()).collect();
    sqlx::query!(
        "insert into dump.parse_warning (load_id, plan_ne, plugin, chain_path, code, line, text)
         select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])",
        load_id.0,
        &text(|w| &w.plan_ne),
        &text(|w| &w.plugin),
        &text(|w| &w.chain_path),
        &text(|w| &w.code),
        &lines,
        &texts as &[Option<String>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How many stored warnings there are of each code, in all visible loads.
pub async fn warning_counts(pool: &PgPool) -> Result<RowCounts, StoreError> {
    let rows = sqlx::query!(
        r#"select code as "code!", count(*) as "n!" from dump.parse_warning_current group by code order by code"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|r| (r.code, r.n)).collect())
}

/// A stored warning, for people.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct WarningRow {
    /// The load.
    pub load_id: i64,
    /// The network element; empty for one about the whole archive.
    pub plan_ne: String,
    /// The plugin, or `plan`.
    pub plugin: String,
    /// The file, or the place in the archive.
    pub chain_path: String,
    /// The code.
    pub code: String,
    /// The line, from 1; 0 where it is about the whole file.
    pub line: i64,
    /// What and why, where the code does not say it all.
    pub text: Option<String>,
}

/// The first warnings of the loads that read an object.
pub async fn warnings_of_object(
    pool: &PgPool,
    object_id: ObjectId,
    limit: i64,
) -> Result<Vec<WarningRow>, StoreError> {
    let rows = sqlx::query_as!(
        WarningRow,
        "select w.load_id, w.plan_ne, w.plugin, w.chain_path, w.code, w.line, w.text
         from dump.load l join dump.parse_warning w using (load_id)
         where l.object_id = $1
         order by w.load_id, w.plan_ne, w.plugin, w.chain_path, w.line, w.code limit $2",
        object_id.0,
        limit
    )
    .fetch_all(pool)
    .await?;
    Ok(rows)
}
