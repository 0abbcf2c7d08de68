//! Networks of the system before.

use std::collections::BTreeSet;

use landfall_dumps::adopt::{NetworkRow, RawRow, StoredNetworks, Table, plan_networks, read_networks};
use sqlx::PgConnection;

use super::{Adoption, Refused};
use crate::StoreError;

impl Adoption {
    pub(super) async fn take_networks(&mut self, rows: &[RawRow]) -> Result<(), StoreError> {
        let read = read_networks(rows);
        let stored = stored(&mut self.tx, &read.rows, &self.refused).await?;
        let mut planned = plan_networks(read.rows, stored);
        self.count(Table::Networks, (read.bad, read.conflicts), &mut planned);
        let refused = read.refused.iter().chain(&planned.refused);
        // A network of a refused customer cannot be made either.
        let orphans =
            planned.inserts.iter().filter(|row| self.refused.customers.contains(row.customer.as_str()));
        let refused = refused.chain(orphans).map(|row| (row.customer.to_string(), row.network.to_string()));
        self.refused.networks.extend(refused);
        insert(&mut self.tx, &planned.inserts).await
    }
}

async fn stored(
    conn: &mut PgConnection,
    rows: &[NetworkRow],
    refused: &Refused,
) -> Result<StoredNetworks, StoreError> {
    let customers: Vec<String> = rows.iter().map(|row| row.customer.to_string()).collect();
    let found = sqlx::query_scalar!(
        "select customer_key from dump.customer where customer_key = any($1)",
        &customers
    )
    .fetch_all(&mut *conn)
    .await?;
    let keys = rows.iter().map(|row| (row.customer.to_string(), row.network.to_string()));
    let networks = stored_networks(conn, keys).await?;
    Ok(StoredNetworks {
        customers: found.into_iter().chain(refused.customers.iter().cloned()).collect(),
        networks,
    })
}

/// Which of these networks are stored, by customer and network.
pub(super) async fn stored_networks(
    conn: &mut PgConnection,
    keys: impl Iterator<Item = (String, String)>,
) -> Result<BTreeSet<(String, String)>, StoreError> {
    let (customers, networks): (Vec<String>, Vec<String>) = keys.unzip();
    let found = sqlx::query!(
        "select distinct c.customer_key, n.network_key
         from unnest($1::text[], $2::text[]) as t(customer, network)
         join dump.customer c on c.customer_key = t.customer
         join dump.network n on n.customer_id = c.customer_id and n.network_key = t.network",
        &customers,
        &networks
    )
    .fetch_all(conn)
    .await?;
    Ok(found.into_iter().map(|r| (r.customer_key, r.network_key)).collect())
}

async fn insert(conn: &mut PgConnection, rows: &[NetworkRow]) -> Result<(), StoreError> {
    let (customers, networks): (Vec<String>, Vec<String>) =
        rows.iter().map(|row| (row.customer.to_string(), row.network.to_string())).unzip();
    sqlx::query!(
        "insert into dump.network (customer_id, network_key)
         select c.customer_id, t.network from unnest($1::text[], $2::text[]) as t(customer, network)
         join dump.customer c on c.customer_key = t.customer",
        &customers,
        &networks
    )
    .execute(conn)
    .await?;
    Ok(())
}
