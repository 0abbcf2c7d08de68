//! `dump.parse_warning`.

use landfall_domain::LoadId;
use sqlx::PgConnection;

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
