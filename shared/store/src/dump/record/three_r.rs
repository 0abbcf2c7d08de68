//! Regenerator groups and their members.

use landfall_dumps::records::{ThreeRGroupRecord, ThreeRMember};
use sqlx::PgConnection;

use super::Origin;
use super::columns::{optional, texts};
use crate::StoreError;

/// Stores groups, and then the members that refer to them.
pub(super) async fn store(
    conn: &mut PgConnection,
    origin: Origin<'_>,
    groups: &[&ThreeRGroupRecord],
) -> Result<(), StoreError> {
    store_groups(conn, origin, groups).await?;
    let members = groups.iter().flat_map(|group| group.members.iter().map(|member| (group.group_id, member)));
    let members: Vec<Member<'_>> = members.collect();
    for chunk in members.chunks(super::RECORDS_AT_ONCE) {
        store_members(conn, origin, &chunk.iter().collect::<Vec<_>>()).await?;
    }
    Ok(())
}

/// A member and the number of its group.
type Member<'a> = (u64, &'a ThreeRMember);

async fn store_groups(
    conn: &mut PgConnection,
    origin: Origin<'_>,
    groups: &[&ThreeRGroupRecord],
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into dump.three_r_group (load_id, ne_id, plugin, chain_path, group_id, group_name, line_rate, redundancy,
            oper_state)
         select $1, $2, $3, $4, group_id::numeric, group_name, line_rate, redundancy, oper_state
         from unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
         as t(group_id, group_name, line_rate, redundancy, oper_state)",
        origin.load_id.0,
        origin.ne_id,
        origin.plugin,
        origin.chain_path,
        &texts(groups, |r| r.group_id),
        &optional(groups, |r| r.group_name.clone()) as &[Option<String>],
        &optional(groups, |r| r.line_rate.clone()) as &[Option<String>],
        &optional(groups, |r| r.redundancy.clone()) as &[Option<String>],
        &texts(groups, |r| r.oper_state)
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn store_members(
    conn: &mut PgConnection,
    origin: Origin<'_>,
    members: &[&Member<'_>],
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into dump.three_r_link (load_id, ne_id, group_id, member_id, aid, role, state, label)
         select $1, $2, group_id::numeric, member_id::numeric, aid, role, state, label
         from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
         as t(group_id, member_id, aid, role, state, label)",
        origin.load_id.0,
        origin.ne_id,
        &texts(members, |(group, _)| *group),
        &texts(members, |(_, r)| r.member_id),
        &texts(members, |(_, r)| r.aid.clone()),
        &optional(members, |(_, r)| r.role) as &[Option<String>],
        &texts(members, |(_, r)| r.state),
        &texts(members, |(_, r)| r.label.clone())
    )
    .execute(conn)
    .await?;
    Ok(())
}
