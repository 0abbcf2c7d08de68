//! Customers and networks.

use sqlx::PgConnection;

use crate::StoreError;

/// A network of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// The customer.
    pub customer_id: i64,
    /// The network.
    pub network_id: i64,
    /// The customer's country, where stored.
    pub country: Option<String>,
}

/// The key and country of the customer that a key or an alias names.
pub async fn find_customer(
    conn: &mut PgConnection,
    name: &str,
) -> Result<Option<(String, Option<String>)>, StoreError> {
    let row = sqlx::query!(
        "select c.customer_key, c.country from dump.customer c
         where c.customer_key = $1
            or c.customer_id = (select a.customer_id from dump.customer_alias a where a.alias = lower($1))
         order by (c.customer_key = $1) desc limit 1",
        name
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| (r.customer_key, r.country)))
}

/// Takes the lock of a (customer, network) until the transaction ends: verdicts on it come one after the other.
pub async fn lock_network(conn: &mut PgConnection, customer: &str, network: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended($1, 20180118))",
        format!("dump network {customer}/{network}")
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The network, made on first use, and its customer likewise.
pub async fn ensure_network(
    conn: &mut PgConnection,
    customer: &str,
    network: &str,
) -> Result<Network, StoreError> {
    sqlx::query!(
        "insert into dump.customer (customer_key, name) values ($1, $1) on conflict do nothing",
        customer
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into dump.network (customer_id, network_key)
         select customer_id, $2 from dump.customer where customer_key = $1
         on conflict do nothing",
        customer,
        network
    )
    .execute(&mut *conn)
    .await?;
    let network = sqlx::query_as!(
        Network,
        "select c.customer_id, n.network_id, c.country
         from dump.customer c join dump.network n using (customer_id)
         where c.customer_key = $1 and n.network_key = $2",
        customer,
        network
    )
    .fetch_one(conn)
    .await?;
    Ok(network)
}
