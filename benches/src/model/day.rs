//! A day of so many objects: work, what it needs at the peak, what it costs, and what gives out first.

use landfall_domain::Stage;
use serde::Serialize;

use super::cost::Costs;
use super::inputs::{Inputs, Mix};

const DAY_S: f64 = 86_400.0;
const MONTH_DAYS: f64 = 30.0;
/// MiB of memory with which a function has one core.
const CORE_MIB: f64 = 1769.0;
/// Messages that one request of SQS takes.
const REQUEST: f64 = 10.0;
/// The least that a mapping's MaximumConcurrency may be.
const LEAST_INSTANCES: f64 = 2.0;
/// Cores of the smallest database that the profiles know.
const LEAST_CORES: f64 = 2.0;

/// The invocations of one stage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Runs {
    /// A day.
    pub invocations: f64,
    /// How long one takes, in ms.
    pub ms: f64,
    /// GB-seconds of all.
    pub gb_seconds: f64,
    /// How many run at the same time at the peak.
    pub at_once: f64,
}

impl Runs {
    fn of(stage: Stage, (invocations, ms): (f64, f64), peak: f64) -> Self {
        let gb = f64::from(stage.settings().memory) / 1024.0;
        let seconds = invocations * ms / 1000.0;
        Self { invocations, ms, gb_seconds: seconds * gb, at_once: seconds / DAY_S * peak }
    }
}

/// Something that has a limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Load {
    /// What.
    pub of: &'static str,
    /// How much of its limit the peak takes; 1 is all of it.
    pub share: f64,
}

/// US dollars a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Dollars {
    /// Functions and their logs.
    pub lambda: f64,
    /// Queues.
    pub sqs: f64,
    /// Requests and kept archives.
    pub s3: f64,
    /// Cores for the peak and kept rows.
    pub database: f64,
}

impl Dollars {
    /// All of it.
    pub fn all(self) -> f64 {
        self.lambda + self.sqs + self.s3 + self.database
    }
}

/// A day of so many objects of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct Day {
    /// The kind.
    pub mix: String,
    /// How many.
    pub objects: f64,
    /// The front door, planning and parsing.
    pub stages: [Runs; 3],
    /// Requests to SQS.
    pub sqs_requests: f64,
    /// Those of them about messages that have a group.
    pub sqs_grouped: f64,
    /// Puts to S3, those of the uploads included.
    pub s3_puts: f64,
    /// Gets from S3.
    pub s3_gets: f64,
    /// Statements.
    pub statements: f64,
    /// Transactions.
    pub commits: f64,
    /// Rows written.
    pub rows: f64,
    /// Cores of the database at the peak.
    pub database_cores: f64,
    /// Connections to the database at the peak.
    pub connections: f64,
    /// Terabytes of rows, once as many days as they are kept have passed.
    pub database_tb: f64,
    /// List prices.
    pub dollars: Dollars,
    /// What has a limit, the first to give out first.
    pub loads: Vec<Load>,
    /// Objects a day at which the first limit is reached.
    pub full_at: f64,
}

/// Objects in a batch of the front door: what comes while it gathers, at least one, at most what it takes.
pub fn fill(objects: f64) -> f64 {
    let settings = Stage::ReceiveObject.settings();
    (objects / DAY_S * settings.batch_window.as_secs_f64()).clamp(1.0, f64::from(settings.batch))
}

/// The three stages.
fn stages(inputs: &Inputs, mix: &Mix, objects: f64) -> [Runs; 3] {
    let (m, a, costs) = (&inputs.measured, &inputs.assumed, Costs::of(inputs));
    let (round_trip, peak) = (a.database_round_trip_ms.value, a.peak.value);
    let fill = fill(objects);
    let share = f64::from(Stage::ReceiveObject.settings().memory) / CORE_MIB;
    let object_ms = |cores: f64| cores / m.front_rate.value * 1000.0;
    let front = m.front_statements.value * round_trip
        + fill * (object_ms(m.front_database_cores.value) + object_ms(m.front_own_cores.value) / share);
    let plan = a.s3_first_byte_ms.value
        + mix.bytes / (m.planning_rate.value * 1000.0)
        + costs.statements.base * round_trip
        + costs.database_ms.base
        + costs.own_ms.base;
    let (files, rows) = (mix.files, mix.files * mix.rows);
    let parse = a.s3_first_byte_ms.value
        + costs.statements.parts(files, rows) * round_trip
        + costs.database_ms.parts(files, rows)
        + costs.own_ms.parts(files, rows);
    let dumps = if mix.is_dump() { objects } else { 0.0 };
    [
        Runs::of(Stage::ReceiveObject, (objects / fill, front), peak),
        Runs::of(Stage::PlanArchive, (dumps, plan), peak),
        Runs::of(Stage::ParseMember, (dumps * mix.elements, parse), peak),
    ]
}

/// Requests to SQS: all, and those about messages that have a group.
fn sqs_requests(inputs: &Inputs, mix: &Mix, objects: f64) -> (f64, f64) {
    let a = &inputs.assumed;
    let polls = a.pollers.value * a.mappings.value * DAY_S / a.poll_seconds.value;
    let together = fill(objects).min(REQUEST);
    // S3 sends each by itself; a receive and a delete take what the batch holds.
    let front = objects + 2.0 * objects / together;
    if !mix.is_dump() {
        return (front + polls, 0.0);
    }
    let plan = objects / together + 2.0 * objects;
    let parse = objects * (mix.elements / REQUEST).ceil() + 2.0 * objects * mix.elements;
    (front + plan + parse + polls, plan + parse)
}

/// Puts and gets of S3.
fn s3_requests(inputs: &Inputs, mix: &Mix, objects: f64) -> (f64, f64) {
    if !mix.is_dump() {
        return (objects, 0.0);
    }
    let planning = (mix.bytes / f64::from(1 << 20)).ceil();
    let parsing = mix.elements * inputs.measured.member_requests.value;
    // The upload and its index.
    (2.0 * objects, objects * (planning + parsing))
}

/// Statements, transactions and ms of the database's processor.
fn database(inputs: &Inputs, mix: &Mix, objects: f64) -> (f64, f64, f64) {
    let (m, costs) = (&inputs.measured, Costs::of(inputs));
    if mix.is_dump() {
        let of = |line: super::cost::Line| objects * line.at(mix.all_files(), mix.all_rows());
        return (of(costs.statements), of(costs.commits), of(costs.database_ms));
    }
    let batches = objects / fill(objects);
    let ms = objects * m.front_database_cores.value / m.front_rate.value * 1000.0;
    (batches * m.front_statements.value, batches * m.front_commits.value, ms)
}

/// A day of so many objects.
pub fn day(inputs: &Inputs, mix: &Mix, objects: f64) -> Day {
    let day = work(inputs, mix, objects);
    let (dollars, loads) = (dollars(inputs, mix, &day), loads(inputs, &day));
    Day { dollars, loads, full_at: full_at(inputs, mix), ..day }
}

/// The same, without dollars and loads.
fn work(inputs: &Inputs, mix: &Mix, objects: f64) -> Day {
    let (a, stages) = (&inputs.assumed, stages(inputs, mix, objects));
    let (sqs_requests, sqs_grouped) = sqs_requests(inputs, mix, objects);
    let (s3_puts, s3_gets) = s3_requests(inputs, mix, objects);
    let (statements, commits, database_ms) = database(inputs, mix, objects);
    let rows = objects * (a.book_rows.value + mix.all_rows());
    let bytes = objects * (a.book_bytes.value + mix.all_rows() * a.row_bytes.value);
    let instances: f64 = stages.iter().map(|runs| runs.at_once.max(LEAST_INSTANCES).ceil()).sum();
    Day {
        mix: mix.name.clone(),
        objects,
        stages,
        sqs_requests,
        sqs_grouped,
        s3_puts,
        s3_gets,
        statements,
        commits,
        rows,
        database_cores: database_ms / 1000.0 / DAY_S * a.peak.value,
        connections: (instances + a.other_instances.value) * a.instance_connections.value,
        database_tb: bytes * a.kept_days.value / 1e12,
        dollars: Dollars { lambda: 0.0, sqs: 0.0, s3: 0.0, database: 0.0 },
        loads: Vec::new(),
        full_at: 0.0,
    }
}

fn dollars(inputs: &Inputs, mix: &Mix, day: &Day) -> Dollars {
    let (p, a) = (&inputs.prices, &inputs.assumed);
    let invocations: f64 = day.stages.iter().map(|runs| runs.invocations).sum();
    let gb_seconds: f64 = day.stages.iter().map(|runs| runs.gb_seconds).sum();
    let kept_gb = day.objects * mix.bytes * a.kept_days.value / 1e9;
    Dollars {
        lambda: invocations * p.lambda_request.value
            + gb_seconds * p.lambda_gb_second.value
            + invocations * a.log_bytes.value / 1e9 * p.log_gb.value,
        sqs: day.sqs_requests * p.sqs_request.value + day.sqs_grouped * p.sqs_group.value,
        s3: day.s3_puts * p.s3_put.value
            + day.s3_gets * p.s3_get.value
            + kept_gb * p.s3_gb_month.value / MONTH_DAYS,
        database: day.database_cores.max(LEAST_CORES) * 24.0 * p.database_core_hour.value
            + day.database_tb * 1000.0 * p.database_gb_month.value / MONTH_DAYS,
    }
}

/// How much of each limit the peak takes, most first.
fn loads(inputs: &Inputs, day: &Day) -> Vec<Load> {
    let (l, peak) = (&inputs.limits, inputs.assumed.peak.value);
    let at_once: f64 = day.stages.iter().map(|runs| runs.at_once).sum();
    let a_second = |requests: f64| requests / DAY_S * peak;
    let mut loads = [
        ("processor of the database", day.database_cores / l.database_cores.value),
        ("connections of the database", day.connections / l.connections.value),
        ("storage of the database", day.database_tb / l.database_tb.value),
        ("functions at the same time", at_once / l.functions.value),
        // Indexes lie in another bucket.
        ("puts to one prefix of S3", a_second(day.objects) / l.s3_puts.value),
        ("gets from one prefix of S3", a_second(day.s3_gets) / l.s3_gets.value),
    ]
    .map(|(of, share)| Load { of, share });
    loads.sort_by(|a, b| b.share.total_cmp(&a.share));
    loads.into()
}

/// Objects a day at which the first limit is reached. All loads grow with the objects.
fn full_at(inputs: &Inputs, mix: &Mix) -> f64 {
    let (mut fits, mut too_many) = (1.0_f64, 1e15_f64);
    for _ in 0..100 {
        let middle = (fits * too_many).sqrt();
        let is_over = loads(inputs, &work(inputs, mix, middle)).iter().any(|load| load.share > 1.0);
        if is_over {
            too_many = middle;
        } else {
            fits = middle;
        }
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(mix: &str, objects: f64) -> Day {
        let inputs = Inputs::ours().unwrap();
        let mix = inputs.mixes.iter().find(|one| one.name == mix).unwrap();
        day(&inputs, mix, objects)
    }

    #[test]
    fn a_batch_of_the_front_door_is_what_comes_in_a_second_within_its_bounds() {
        assert!((fill(1.0) - 1.0).abs() < 1e-9);
        assert!((fill(86_400.0 * 50.0) - 50.0).abs() < 1e-9);
        assert!((fill(1e12) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn objects_of_no_feed_cost_nothing_behind_the_front_door() {
        let day = days("no feed", 1e7);
        assert!(day.stages.iter().skip(1).all(|runs| runs.invocations == 0.0 && runs.gb_seconds == 0.0));
        assert!(day.s3_gets == 0.0 && (day.rows - 3e7).abs() < 1.0);
        // 115.7 objects/s fill batches of 100: six statements each.
        assert!((day.statements - 6e5).abs() < 1.0, "{}", day.statements);
    }

    #[test]
    fn work_grows_with_the_objects_and_idle_queues_cost_the_same_each_day() {
        let (one, ten) = (days("full dump", 1e8), days("full dump", 1e9));
        assert!((ten.statements / one.statements - 10.0).abs() < 1e-9);
        assert!((ten.database_cores / one.database_cores - 10.0).abs() < 1e-9);
        let idle = 5.0 * 6.0 * 86_400.0 / 20.0;
        assert!((days("full dump", 0.0).sqs_requests - idle).abs() < 1e-6);
    }

    #[test]
    fn gb_seconds_are_memory_times_duration() {
        let day = days("large dump", 1000.0);
        let [_, plan, parse] = day.stages;
        assert!((plan.gb_seconds - 1000.0 * plan.ms / 1000.0 * 1769.0 / 1024.0).abs() < 1e-6);
        assert!(plan.ms > 200e6 / 179e3 && (parse.invocations - 20_000.0).abs() < 1e-9);
    }

    #[test]
    fn the_bottleneck_is_the_limit_of_which_most_is_taken() {
        let mut inputs = Inputs::ours().unwrap();
        let mix = inputs.mixes.iter().find(|one| one.name == "full dump").unwrap().clone();
        inputs.limits.functions.value = 1.0;
        let day_of = |objects: f64| day(&inputs, &mix, objects);
        let full = day_of(day_of(1e7).full_at);
        for day in [day_of(1e7), full.clone()] {
            assert_eq!(day.loads[0].of, "functions at the same time");
            assert!(day.loads.is_sorted_by(|a, b| a.share >= b.share), "{:?}", day.loads);
        }
        assert!((full.loads[0].share - 1.0).abs() < 1e-6, "{:?}", full.loads);
    }

    #[test]
    fn the_sum_of_the_dollars_is_all_of_them() {
        let dollars = Dollars { lambda: 1.0, sqs: 2.0, s3: 3.0, database: 4.0 };
        assert!((dollars.all() - 10.0).abs() < 1e-9);
        let day = days("no feed", 0.0);
        assert!((day.dollars.database - 2.0 * 24.0 * 0.1125).abs() < 1e-9, "the smallest database");
    }
}
