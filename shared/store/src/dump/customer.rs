//! Customers from a workbook: what a sync changes, in one transaction (specs: dumps 6.2).

use chrono::{DateTime, Utc};
use landfall_dumps::customers::{
    ChangeKind, CustomerChange, CustomerRow, CustomerSheet, StoredCustomer, StoredCustomers, SyncPlan,
    plan_sync,
};
use serde_json::json;
use sqlx::PgConnection;

use super::link::audit;
use crate::{Store, StoreError, retrying};

/// Brings stored customers to what a sheet says, or only tells what that would change. Audited as
/// `customers_synced` with the counts and `source`, unless `dry_run`.
pub async fn sync_customers(
    store: &Store,
    sheet: &CustomerSheet,
    dry_run: bool,
    source: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<SyncPlan, StoreError> {
    retrying("sync_customers", || async {
        let mut tx = store.begin().await?;
        if !dry_run {
            lock_customers(&mut tx).await?;
        }
        let stored = stored_customers(&mut tx, &sheet.rows).await?;
        let plan = plan_sync(sheet, &stored);
        if !dry_run {
            store_changes(&mut tx, &plan.changes).await?;
            let detail = json!({ "source": source, "counts": plan.counts() });
            audit(&mut tx, "customers_synced", (None, None), &detail, now).await?;
            tx.commit().await?;
        }
        Ok(plan)
    })
    .await
}

/// Keeps others from making customers or changing them until the transaction ends. Readers are not held up.
pub(super) async fn lock_customers(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("lock table dump.customer, dump.customer_alias in share row exclusive mode")
        .execute(conn)
        .await?;
    Ok(())
}

/// The customers that rows name by key or as an alias, and the owners of their aliases.
pub(super) async fn stored_customers(
    conn: &mut PgConnection,
    rows: &[CustomerRow],
) -> Result<StoredCustomers, StoreError> {
    let mut keys: Vec<String> = Vec::new();
    let mut aliases: Vec<String> = Vec::new();
    for row in rows {
        keys.push(row.key.to_string());
        // A new customer's key or name may be another one's alias.
        aliases.extend([row.key.to_string(), row.name.alias()]);
        for alias in &row.aliases {
            keys.push(alias.key().to_string());
            aliases.push(alias.to_string());
        }
    }
    let found = sqlx::query!(
        r#"select c.customer_key, c.name, c.country, c.region, c.active,
            array(select a.alias from dump.customer_alias a where a.customer_id = c.customer_id) as "aliases!",
            array(select n.network_key from dump.network n where n.customer_id = c.customer_id) as "networks!"
           from dump.customer c
           where c.customer_key = any($1)
              or c.customer_id in (select o.customer_id from dump.customer_alias o where o.alias = any($2))"#,
        &keys,
        &aliases
    )
    .fetch_all(conn)
    .await?;
    let mut stored = StoredCustomers::default();
    for r in found {
        let customer = StoredCustomer {
            name: r.name,
            country: r.country,
            region: r.region,
            active: r.active,
            aliases: r.aliases.into_iter().collect(),
            networks: r.networks.into_iter().collect(),
        };
        stored.insert(&r.customer_key, customer);
    }
    Ok(stored)
}

/// Stores what is new or changed. Nothing is removed.
pub(super) async fn store_changes(
    conn: &mut PgConnection,
    changes: &[CustomerChange],
) -> Result<(), StoreError> {
    let changed: Vec<&CustomerChange> =
        changes.iter().filter(|change| change.kind != ChangeKind::Same).collect();
    store_columns(conn, &changed).await?;
    let aliases =
        changed.iter().flat_map(|c| c.new_aliases.iter().map(|alias| (c.key.clone(), alias.clone())));
    let (keys, aliases): (Vec<String>, Vec<String>) = aliases.unzip();
    sqlx::query!(
        "insert into dump.customer_alias (alias, customer_id)
         select t.alias, c.customer_id from unnest($1::text[], $2::text[]) as t(key, alias)
         join dump.customer c on c.customer_key = t.key",
        &keys,
        &aliases
    )
    .execute(&mut *conn)
    .await?;
    let networks =
        changed.iter().flat_map(|c| c.new_networks.iter().map(|network| (c.key.clone(), network.clone())));
    let (keys, networks): (Vec<String>, Vec<String>) = networks.unzip();
    sqlx::query!(
        "insert into dump.network (customer_id, network_key)
         select c.customer_id, t.network from unnest($1::text[], $2::text[]) as t(key, network)
         join dump.customer c on c.customer_key = t.key
         on conflict do nothing",
        &keys,
        &networks
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn store_columns(conn: &mut PgConnection, changed: &[&CustomerChange]) -> Result<(), StoreError> {
    let keys: Vec<String> = changed.iter().map(|c| c.key.clone()).collect();
    let names: Vec<String> = changed.iter().map(|c| c.after.name.clone()).collect();
    let countries: Vec<Option<String>> = changed.iter().map(|c| c.after.country.clone()).collect();
    let regions: Vec<Option<String>> = changed.iter().map(|c| c.after.region.clone()).collect();
    let active: Vec<bool> = changed.iter().map(|c| c.after.active).collect();
    sqlx::query!(
        "insert into dump.customer (customer_key, name, country, region, active)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[])
         on conflict (customer_key) do update
         set name = excluded.name, country = excluded.country, region = excluded.region, active = excluded.active",
        &keys,
        &names,
        &countries as &[Option<String>],
        &regions as &[Option<String>],
        &active
    )
    .execute(conn)
    .await?;
    Ok(())
}
