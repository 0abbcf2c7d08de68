//! The migrated database that all tests of one state of the migrations clone.

use std::path::Path;

use anyhow::Context;
use landfall_domain::Sha256Digest;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

/// The migrations, read when a test runs: a new one needs no new build of this crate.
const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");

/// Key of the advisory lock under which a template is made.
const LOCK: i64 = 0x6c61_6e64_6661_6c6c;

/// The name of the template for the migrations as they are now; makes it if no process did so yet.
pub(super) async fn ensure(server: &PgConnectOptions, admin: &mut PgConnection) -> anyhow::Result<String> {
    let migrations = Migrator::new(Path::new(MIGRATIONS)).await.context("read the migrations")?;
    let name = name_for(&migrations);
    ensure_named(server, admin, &migrations, &name).await?;
    Ok(name)
}

/// Makes the template of this name, if no process did so yet.
async fn ensure_named(
    server: &PgConnectOptions,
    admin: &mut PgConnection,
    migrations: &Migrator,
    name: &str,
) -> anyhow::Result<()> {
    if exists(admin, name).await? {
        return Ok(());
    }
    // A lock of the session: `create database` cannot run in a transaction. It ends with the connection, too.
    sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(&mut *admin).await?;
    let made = match exists(admin, name).await {
        Ok(false) => make(server, admin, migrations, name).await,
        Ok(true) => Ok(()),
        Err(error) => Err(error),
    };
    sqlx::query("select pg_advisory_unlock($1)").bind(LOCK).execute(&mut *admin).await?;
    made
}

/// The name that stands for exactly these migrations.
fn name_for(migrations: &Migrator) -> String {
    let mut all = Vec::new();
    for migration in migrations.iter() {
        all.extend(migration.version.to_be_bytes());
        all.extend(migration.checksum.iter());
    }
    let digest: String = Sha256Digest::of(&all).to_string().chars().take(16).collect();
    format!("landfall_template_{digest}")
}

async fn exists(admin: &mut PgConnection, name: &str) -> anyhow::Result<bool> {
    let there = sqlx::query_scalar("select exists (select from pg_database where datname = $1)");
    Ok(there.bind(name).fetch_one(admin).await?)
}

/// Makes the template under another name and renames it when it is complete.
async fn make(
    server: &PgConnectOptions,
    admin: &mut PgConnection,
    migrations: &Migrator,
    name: &str,
) -> anyhow::Result<()> {
    let unfinished = format!("{name}_unfinished");
    run(admin, format!("drop database if exists {unfinished} with (force)")).await?;
    run(admin, format!("create database {unfinished}")).await?;
    let mut inside = server.clone().database(&unfinished).connect().await?;
    migrations
        .run(&mut inside)
        .await
        .context("apply the migrations to the template of the test databases")?;
    inside.close().await?;
    run(admin, format!("alter database {unfinished} rename to {name}")).await
}

/// Runs a statement that takes no parameters, on names that we made.
pub(super) async fn run(admin: &mut PgConnection, statement: String) -> anyhow::Result<()> {
    let ran = sqlx::query(AssertSqlSafe(statement.clone())).execute(admin).await;
    ran.with_context(|| statement).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::{SERVER_VARIABLE, TestDatabase};

    #[tokio::test]
    async fn those_who_need_the_template_at_once_share_one_and_find_it_complete() {
        let name = TestDatabase::empty().await.name().replace("landfall_test", "landfall_template");
        let server: PgConnectOptions = std::env::var(SERVER_VARIABLE).unwrap().parse().unwrap();
        let racing = tokio::task::LocalSet::new();
        let racers = (0..6).map(|racer| {
            let (server, name) = (server.clone(), name.clone());
            racing.spawn_local(async move {
                let migrations = Migrator::new(Path::new(MIGRATIONS)).await.unwrap();
                let mut admin = server.connect().await.unwrap();
                ensure_named(&server, &mut admin, &migrations, &name).await.unwrap();
                run(&mut admin, format!("create database {name}_{racer} template {name}")).await.unwrap();
                let mut clone = server.clone().database(&format!("{name}_{racer}")).connect().await.unwrap();
                let applied = sqlx::query_scalar("select count(*) from _sqlx_migrations where success");
                let applied: i64 = applied.fetch_one(&mut clone).await.unwrap();
                assert_eq!(usize::try_from(applied).unwrap(), migrations.iter().count());
                run(&mut admin, format!("drop database {name}_{racer} with (force)")).await.unwrap();
            })
        });
        let racers: Vec<_> = racers.collect();
        racing.await;
        for racer in racers {
            racer.await.unwrap();
        }
        let mut admin = server.connect().await.unwrap();
        run(&mut admin, format!("drop database {name}")).await.unwrap();
    }

    #[test]
    fn another_state_of_the_migrations_has_another_template() {
        let migration = |sql: &'static str| {
            let sql = sqlx::SqlSafeStr::into_sql_str(sql);
            let kind = sqlx::migrate::MigrationType::Simple;
            Migrator::with_migrations(vec![sqlx::migrate::Migration::new(1, "one".into(), kind, sql, false)])
        };
        assert_eq!(name_for(&migration("select 1")), name_for(&migration("select 1")));
        assert_ne!(name_for(&migration("select 1")), name_for(&migration("select 2")));
    }
}
