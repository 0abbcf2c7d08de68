//! Names that an uploader may mean.

use sqlx::PgPool;

use crate::StoreError;

/// The keys of the customers in use, at most `limit`.
pub async fn customer_keys(pool: &PgPool, limit: i64) -> Result<Vec<String>, StoreError> {
    let keys = sqlx::query_scalar!(
        "select customer_key from dump.customer where active order by customer_key limit $1",
        limit
    )
    .fetch_all(pool)
    .await?;
    Ok(keys)
}

/// The keys of the networks of a customer, named by its key or an alias, at most `limit`.
pub async fn network_keys(
    pool: &PgPool,
    (customer_key, alias): (&str, &str),
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    let keys = sqlx::query_scalar!(
        "select n.network_key from dump.network n join dump.customer c using (customer_id)
         where c.customer_key = $1
            or c.customer_id = (select a.customer_id from dump.customer_alias a where a.alias = $2)
         order by n.network_key limit $3",
        customer_key,
        alias,
        limit
    )
    .fetch_all(pool)
    .await?;
    Ok(keys)
}
