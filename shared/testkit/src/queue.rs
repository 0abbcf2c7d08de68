//! The queue of a test, seen from below: messages are held back, doubled, shuffled, sent again, or hurried.
//!
//! All of it is done by triggers and statements in the test's own database, past all code of ours.

use landfall_domain::Stage;
use sqlx::{AssertSqlSafe, PgPool};

const SET_UP: &str = "
    create schema if not exists test;
    create table if not exists test.held (stage text primary key);
    create table if not exists test.sent (id bigint primary key, stage text, subject text, body text);

    create or replace function test.keep_back() returns trigger language plpgsql as $$
    begin
        if exists (select 1 from test.held where stage = new.stage) then
            new.visible_at := now() + interval '1 day';
        end if;
        return new;
    end $$;
    create or replace trigger keep_back before insert on ops.outbox
        for each row execute function test.keep_back();

    create or replace function test.note_sent() returns trigger language plpgsql as $$
    begin
        insert into test.sent values (new.id, new.stage, new.subject, new.body);
        return new;
    end $$;
    create or replace trigger note_sent after insert on ops.outbox
        for each row execute function test.note_sent();
";

/// Every message twice, each copy after a wait of its own of up to a quarter of a second.
const UNRELIABLE: &str = "
    create or replace function test.delay() returns trigger language plpgsql as $$
    begin
        new.visible_at := greatest(new.visible_at, now())
            + make_interval(secs => (hashtext(new.id || 'SEED') & 255) / 1000.0);
        return new;
    end $$;
    create or replace trigger delay before insert on ops.outbox for each row execute function test.delay();

    create or replace function test.send_twice() returns trigger language plpgsql as $$
    begin
        if pg_trigger_depth() = 1 then
            insert into ops.outbox (stage, subject, body, created_at, visible_at)
            values (new.stage, new.subject, new.body, new.created_at, new.visible_at);
        end if;
        return new;
    end $$;
    create or replace trigger send_twice after insert on ops.outbox
        for each row execute function test.send_twice();
";

/// The message table of a test's database.
#[derive(Debug, Clone)]
pub struct Queue {
    pool: PgPool,
}

impl Queue {
    /// Begins to note what is sent.
    pub async fn of(pool: &PgPool) -> Self {
        let queue = Self { pool: pool.clone() };
        queue.run(SET_UP).await;
        queue
    }

    async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&self.pool).await.expect("the statements run");
    }

    /// From now on every message is delivered twice, in an order that depends on `seed`.
    pub async fn deliver_twice_and_shuffled(&self, seed: u64) {
        self.run(&UNRELIABLE.replace("SEED", &seed.to_string())).await;
    }

    /// Messages sent to a stage from now on wait until they are released.
    pub async fn hold(&self, stage: Stage) {
        sqlx::query("insert into test.held values ($1) on conflict do nothing")
            .bind(stage.as_str())
            .execute(&self.pool)
            .await
            .expect("the stage is held");
    }

    /// Lets held messages go, all at once.
    pub async fn release(&self, stage: Stage) {
        let mut tx = self.pool.begin().await.expect("the database answers");
        for sql in [
            "delete from test.held where stage = $1",
            "update ops.outbox set visible_at = now() where stage = $1 and visible_at > now() + interval '1 hour'",
        ] {
            sqlx::query(sql).bind(stage.as_str()).execute(&mut *tx).await.expect("the stage is released");
        }
        tx.commit().await.expect("the stage is released");
    }

    /// Loses what waits for a stage; gives how much it was.
    pub async fn lose(&self, stage: Stage) -> u64 {
        let lost = sqlx::query("delete from ops.outbox where stage = $1").bind(stage.as_str());
        lost.execute(&self.pool).await.expect("the messages are lost").rows_affected()
    }

    /// Takes away what waits for a stage; gives the bodies in the order of sending.
    pub async fn take(&self, stage: Stage) -> Vec<String> {
        let bodies = sqlx::query_scalar(
            "with taken as (delete from ops.outbox where stage = $1 returning id, body)
             select body from taken order by id",
        );
        bodies.bind(stage.as_str()).fetch_all(&self.pool).await.expect("the messages are taken")
    }

    /// Messages that wait for a stage.
    pub async fn waiting(&self, stage: Stage) -> i64 {
        let waiting =
            sqlx::query_scalar("select count(*) from ops.outbox where stage = $1").bind(stage.as_str());
        waiting.fetch_one(&self.pool).await.expect("the messages are counted")
    }

    /// Sends every message that was ever sent once more, in an order that depends on `seed`.
    pub async fn send_all_again(&self, seed: u64) -> u64 {
        sqlx::query(
            "insert into ops.outbox (stage, subject, body, created_at, visible_at)
             select stage, subject, body, now(), now() from test.sent order by md5(id || $1)",
        )
        .bind(seed.to_string())
        .execute(&self.pool)
        .await
        .expect("the messages are sent again")
        .rows_affected()
    }

    /// Sends one message.
    pub async fn send(&self, stage: Stage, body: &str) {
        sqlx::query(
            "insert into ops.outbox (stage, body, created_at, visible_at) values ($1, $2, now(), now())",
        )
        .bind(stage.as_str())
        .bind(body)
        .execute(&self.pool)
        .await
        .expect("the message is sent");
    }

    /// Makes all waits of retries end now.
    pub async fn hurry(&self) {
        self.run(
            "update ops.outbox set visible_at = now() where visible_at > now() and lease_owner is null
                and stage not in (select stage from test.held);
             update dump.plugin_ledger set next_attempt_at = now() where next_attempt_at > now();",
        )
        .await;
    }

    /// Makes all leases run out now: those on messages, and those on ledger rows that no message comes back to.
    pub async fn end_leases(&self) {
        self.run(
            "update ops.outbox set visible_at = now() where visible_at > now() and lease_owner is not null;
             update dump.plugin_ledger set lease_until = now() where state = 'RUNNING' and lease_until > now()
                and not exists (select 1 from ops.outbox where stage = 'parse-member');",
        )
        .await;
    }

    /// Whether nothing is left to do: no message, no object in flight, no load at work.
    pub async fn is_settled(&self) -> bool {
        sqlx::query_scalar(
            "select not exists (select 1 from ops.outbox)
                and not exists (select 1 from ingest.object where state in ('received', 'waiting', 'dispatched'))
                and not exists (select 1 from dump.load where status = 'RUNNING')",
        )
        .fetch_one(&self.pool)
        .await
        .expect("the database answers")
    }

    /// Changes whenever anything happens.
    pub async fn progress(&self) -> String {
        sqlx::query_scalar(
            "select concat_ws(' ',
                (select concat(count(*), ' ', sum(attempts), ' ', max(id)) from ops.outbox),
                (select concat(count(*), ' ', sum(attempts)) from dump.plugin_ledger where state = 'DONE'),
                (select sum(attempts) from dump.plugin_ledger), (select count(*) from ingest.event_log))",
        )
        .fetch_one(&self.pool)
        .await
        .expect("the database answers")
    }

    /// What is left, for people.
    pub async fn left(&self) -> String {
        let rows: Vec<String> = sqlx::query_scalar(
            "select concat_ws(' ', 'message', stage, subject, attempts, lease_owner, visible_at) from ops.outbox
             union all select concat_ws(' ', 'object', key, state, reason) from ingest.object
                where state in ('received', 'waiting', 'dispatched')
             union all select concat_ws(' ', 'unit', plan_ne, plugin, state, attempts, lease_until, next_attempt_at,
                error_code, error_text) from dump.plugin_ledger where state <> 'DONE'",
        )
        .fetch_all(&self.pool)
        .await
        .expect("the database answers");
        rows.join("\n")
    }
}
