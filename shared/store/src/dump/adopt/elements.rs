//! Network elements of the system before.

use landfall_dumps::adopt::{
    ElementRow, RawRow, StoredElement, StoredElements, Table, plan_elements, read_elements,
};
use sqlx::PgConnection;

use super::networks::stored_networks;
use super::{Adoption, Refused};
use crate::StoreError;

impl Adoption {
    pub(super) async fn take_elements(&mut self, rows: &[RawRow]) -> Result<(), StoreError> {
        let read = read_elements(rows);
        let stored = stored(&mut self.tx, &read.rows, &self.refused).await?;
        let mut planned = plan_elements(read.rows, stored);
        self.count(Table::NetworkElements, (read.bad, read.conflicts), &mut planned);
        insert(&mut self.tx, &planned.inserts).await
    }
}

/// The columns of some rows that say which element is meant.
#[derive(Default)]
struct Keys {
    customers: Vec<String>,
    networks: Vec<String>,
    elements: Vec<String>,
    routers: Vec<Option<String>>,
}

impl Keys {
    fn of(rows: &[ElementRow]) -> Self {
        let mut keys = Self::default();
        for row in rows {
            keys.customers.push(row.customer.to_string());
            keys.networks.push(row.network.to_string());
            keys.elements.push(row.ne_key.clone());
            keys.routers.push(row.router_id.map(|address| address.to_string()));
        }
        keys
    }
}

async fn stored(
    conn: &mut PgConnection,
    rows: &[ElementRow],
    refused: &Refused,
) -> Result<StoredElements, StoreError> {
    let keys = Keys::of(rows);
    let found = sqlx::query!(
        "select distinct c.customer_key, n.network_key, e.ne_key, e.ne_type, e.router_id, e.mgmt_ip,
            e.mgmt_ip_source, e.version
         from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as t(customer, network, element, router)
         join dump.customer c on c.customer_key = t.customer
         join dump.network n on n.customer_id = c.customer_id and n.network_key = t.network
         join dump.network_element e on e.network_id = n.network_id
            and (e.ne_key = t.element or e.router_id = t.router)",
        &keys.customers,
        &keys.networks,
        &keys.elements,
        &keys.routers as &[Option<String>]
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut stored = StoredElements::default();
    for r in found {
        let within = |key: &str| (r.customer_key.clone(), r.network_key.clone(), key.to_owned());
        if let Some(router) = &r.router_id {
            stored.routers.insert(within(router), r.ne_key.clone());
        }
        let element = StoredElement {
            ne_type: r.ne_type.clone(),
            router_id: r.router_id.clone(),
            mgmt_ip: r.mgmt_ip.clone(),
            mgmt_ip_source: r.mgmt_ip_source.clone(),
            version: r.version.clone(),
        };
        stored.elements.insert(within(&r.ne_key), element);
    }
    stored.networks = stored_networks(conn, keys.customers.into_iter().zip(keys.networks)).await?;
    stored.networks.extend(refused.networks.iter().cloned());
    Ok(stored)
}

async fn insert(conn: &mut PgConnection, rows: &[ElementRow]) -> Result<(), StoreError> {
    let keys = Keys::of(rows);
    let names: Vec<Option<String>> = rows.iter().map(|row| row.ne_name.clone()).collect();
    let kinds: Vec<Option<String>> = rows.iter().map(|row| row.ne_type.clone()).collect();
    let addresses: Vec<Option<String>> =
        rows.iter().map(|row| row.mgmt_ip.map(|ip| ip.to_string())).collect();
    let sources: Vec<Option<String>> = rows.iter().map(|row| row.mgmt_ip_source.map(str::to_owned)).collect();
    let versions: Vec<Option<String>> = rows.iter().map(|row| row.version.map(|v| v.to_string())).collect();
    sqlx::query!(
        "insert into dump.network_element
            (network_id, ne_key, router_id, ne_name, ne_type, mgmt_ip, mgmt_ip_source, version)
         select n.network_id, t.element, t.router, t.name, t.kind, t.address, t.source, t.version
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::text[]) as t(customer, network, element, router, name, kind, address, source, version)
         join dump.customer c on c.customer_key = t.customer
         join dump.network n on n.customer_id = c.customer_id and n.network_key = t.network",
        &keys.customers,
        &keys.networks,
        &keys.elements,
        &keys.routers as &[Option<String>],
        &names as &[Option<String>],
        &kinds as &[Option<String>],
        &addresses as &[Option<String>],
        &sources as &[Option<String>],
        &versions as &[Option<String>]
    )
    .execute(conn)
    .await?;
    Ok(())
}
