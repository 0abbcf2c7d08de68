//! Links of the system before.

use landfall_domain::Sha256Digest;
use landfall_dumps::adopt::{LinkRow, RawRow, StoredLinks, Table, plan_links, read_links};
use sqlx::PgConnection;

use super::{Adoption, Refused};
use crate::StoreError;

impl Adoption {
    pub(super) async fn take_links(&mut self, rows: &[RawRow]) -> Result<(), StoreError> {
        let read = read_links(rows);
        let stored = stored(&mut self.tx, &read.rows, &self.refused).await?;
        let mut planned = plan_links(read.rows, stored);
        self.count(Table::Links, (read.bad, read.conflicts), &mut planned);
        self.insert_links(&planned.inserts).await
    }

    async fn insert_links(&mut self, rows: &[LinkRow]) -> Result<(), StoreError> {
        let tickets: Vec<String> = rows.iter().map(|row| row.ticket.to_string()).collect();
        let health_checks: Vec<String> = rows.iter().map(LinkRow::stored_hc).collect();
        sqlx::query!(
            "with new as (
                insert into dump.dump_link (dump_id, ticket, hc_id, created_at)
                select a.dump_id, t.ticket, t.hc_id, $4
                from unnest($1::bytea[], $2::text[], $3::text[]) as t(sha256, ticket, hc_id)
                join dump.archive_sha256 a using (sha256)
                returning dump_id)
             update dump.capture_dump set row_version = row_version + 1 where dump_id in (select dump_id from new)",
            &digests(rows),
            &tickets,
            &health_checks,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

fn digests(rows: &[LinkRow]) -> Vec<Vec<u8>> {
    rows.iter().map(|row| row.sha256.as_bytes().to_vec()).collect()
}

async fn stored(
    conn: &mut PgConnection,
    rows: &[LinkRow],
    refused: &Refused,
) -> Result<StoredLinks, StoreError> {
    let found = sqlx::query!(
        r#"select a.sha256 as "sha256!", l.ticket as "ticket?", l.hc_id as "hc_id?"
           from dump.archive_sha256 a left join dump.dump_link l using (dump_id)
           where a.sha256 = any($1)"#,
        &digests(rows)
    )
    .fetch_all(conn)
    .await?;
    let mut stored = StoredLinks { archives: refused.archives.clone(), ..StoredLinks::default() };
    for r in found {
        let sha256 = Sha256Digest::try_from(r.sha256.as_slice())
            .map_err(|error| StoreError::Unreadable { what: format!("a digest: {error}") })?;
        stored.archives.insert(sha256);
        if let (Some(ticket), Some(hc_id)) = (r.ticket, r.hc_id) {
            stored.links.insert((sha256, ticket, hc_id));
        }
    }
    Ok(stored)
}
