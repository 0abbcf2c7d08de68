//! Each function crate is a function, with the variables that it reads and the settings of its stage.

use std::collections::{BTreeMap, BTreeSet};

use landfall_domain::Stage;
use serde_json::{Value, json};

use super::template::{Template, id, number, target, text};
use super::with;

/// Read by libraries: the log filter, the C library's allocator, the AWS SDK.
const BY_LIBRARIES: [&str; 3] = ["AWS_ENDPOINT_URL_SQS", "MALLOC_ARENA_MAX", "RUST_LOG"];

/// Read, but rightly not set: Lambda sets its runtime API and the region, the role stands for keys, the path style
/// follows from the endpoint, and faults are for tests.
const LEFT_OUT: [&str; 6] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "LANDFALL_FAULTS",
    "LANDFALL_S3_ACCESS_KEY",
    "LANDFALL_S3_PATH_STYLE",
    "LANDFALL_S3_SECRET_KEY",
];

/// Before the name of a stage: set for those that the function sends to, and for its own, to give back what failed.
const QUEUE_URL: &str = "LANDFALL_QUEUE_URL_";

/// Stages that never send to themselves: the front door looks once.
const ONLY_TAKES: [Stage; 1] = [Stage::ReceiveObject];

type Reads = BTreeMap<String, BTreeSet<String>>;

/// Crates without a function, and the reverse; names and folders that do not fit.
pub fn crates(template: &Template, reads: &Reads) -> Vec<String> {
    let functions = template.functions();
    let named: BTreeSet<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    let crates: BTreeSet<&str> = reads.keys().map(String::as_str).collect();
    let lacking = crates.difference(&named).map(|name| format!("functions/{name} is no function"));
    let strange = named.difference(&crates).map(|name| format!("{name}: there is no functions/{name}"));
    let mut findings: Vec<String> = lacking.chain(strange).collect();
    for function in &functions {
        let name = &function.name;
        let code = function.properties.get("CodeUri").map(text).unwrap_or_default();
        if code != format!("../target/lambda/{name}/") {
            findings.push(format!("{name}: its code is not what is built for it, but {code}"));
        }
        if template.resource("AWS::Serverless::Function", &id(name, "Function")).is_none() {
            findings.push(format!("{name}: is not called {}", id(name, "Function")));
        }
    }
    findings
}

/// Variables that are read and not set, or set and not read.
pub fn variables(template: &Template, reads: &Reads) -> Vec<String> {
    let mut findings = Vec::new();
    for function in template.functions() {
        let name = &function.name;
        let none = BTreeSet::new();
        let read = reads.get(name).unwrap_or(&none);
        for variable in function.variables.keys().map(String::as_str) {
            if LEFT_OUT.contains(&variable) {
                findings.push(format!("{name}: {variable} is not to be set"));
            } else if !read.contains(variable) && !BY_LIBRARIES.contains(&variable) {
                findings.push(format!("{name}: sets {variable}, which it does not read"));
            }
        }
        let needed =
            |variable: &&String| !LEFT_OUT.contains(&variable.as_str()) && !variable.starts_with(QUEUE_URL);
        for variable in read.iter().filter(needed) {
            if !function.variables.contains_key(variable) {
                findings.push(format!("{name}: reads {variable}, which is not set"));
            }
        }
    }
    findings
}

/// Queues that a function is told of and may not send to, or the reverse; queues that the sweep cannot empty into.
pub fn sending(template: &Template) -> Vec<String> {
    let mut findings = Vec::new();
    for function in template.functions() {
        let name = &function.name;
        let told: BTreeSet<String> = (function.variables.iter())
            .filter(|(variable, _)| variable.starts_with(QUEUE_URL))
            .map(|(variable, queue)| {
                let queue = target(queue).unwrap_or_default().to_owned();
                let stage = variable.trim_start_matches(QUEUE_URL).to_lowercase().replace('_', "-");
                if queue != id(&stage, "Queue") {
                    findings.push(format!("{name}: {variable} is {queue}"));
                }
                queue
            })
            .collect();
        let allowed = super::roles::allowed(template, &id(name, "Role"), "sqs:SendMessage");
        let own = ONLY_TAKES.iter().filter(|stage| name == stage.as_str()).map(|_| id(name, "Queue"));
        let sends_to: BTreeSet<String> = told.difference(&own.collect()).cloned().collect();
        if sends_to != allowed {
            findings.push(format!("{name}: is told of {sends_to:?}, and may send to {allowed:?}"));
        }
        let left =
            Stage::QUEUED.iter().map(|stage| id(stage.as_str(), "Queue")).filter(|q| !told.contains(q));
        if *name == Stage::SweepState.as_str() {
            findings.extend(left.map(|queue| format!("{name}: what is left for {queue} stays")));
        }
    }
    findings
}

/// Functions that cannot give a failed message back before its time of visibility is over.
pub fn giving_back(template: &Template, stages: &[Stage]) -> Vec<String> {
    let mut findings = Vec::new();
    for stage in stages.iter().filter(|stage| stage.settings().trigger.has_queue()) {
        let Some(function) = template.function(stage.as_str()) else { continue };
        let queue = id(stage.as_str(), "Queue");
        let variable = format!("{QUEUE_URL}{}", stage.as_str().to_uppercase().replace('-', "_"));
        if function.variables.get(&variable).and_then(|queue| target(queue)) != Some(queue.as_str()) {
            findings.push(format!("{stage}: is not told of its own queue by {variable}"));
        }
        let role = id(stage.as_str(), "Role");
        if !super::roles::allowed(template, &role, "sqs:ChangeMessageVisibility").contains(&queue) {
            findings.push(format!("{role}: may not change the visibility of what it takes from {queue}"));
        }
    }
    findings
}

/// Time-outs and memories other than those of the table; a planner with more arenas than one.
pub fn settings(template: &Template, stages: &[Stage]) -> Vec<String> {
    let mut findings = Vec::new();
    for stage in stages {
        let Some(function) = template.function(stage.as_str()) else { continue };
        let wanted =
            [("Timeout", stage.settings().timeout.as_secs()), ("MemorySize", stage.settings().memory.into())];
        for (property, wanted) in wanted {
            let is = number(function.properties.get(property));
            if is != Some(wanted) {
                findings.push(format!("{stage}: {property} is {is:?}, the table says {wanted}"));
            }
        }
        let arenas = number(function.variables.get("MALLOC_ARENA_MAX").copied());
        if *stage == Stage::PlanArchive && arenas != Some(1) {
            findings.push(format!(
                "{stage}: MALLOC_ARENA_MAX is {arenas:?}, its memory would grow with the archive"
            ));
        }
    }
    findings
}

fn reads() -> Reads {
    super::reads::variables(&super::root())
}

#[test]
fn a_crate_without_a_function_is_found_and_the_reverse() {
    let mut reads = reads();
    reads.insert("import-circuits".to_owned(), BTreeSet::new());
    reads.remove("sweep-state");
    assert_eq!(
        crates(&super::ours(), &reads),
        ["functions/import-circuits is no function", "sweep-state: there is no functions/sweep-state"]
    );
    let broken =
        with("/Resources/SweepStateFunction/Properties/CodeUri", json!("../target/lambda/parse-member/"));
    assert_eq!(
        crates(&broken, &super::functions::reads()),
        ["sweep-state: its code is not what is built for it, but ../target/lambda/parse-member/"]
    );
}

#[test]
fn a_variable_that_is_not_set_or_not_read_is_found() {
    let at = |variable: &str| {
        format!("/Resources/PlanArchiveFunction/Properties/Environment/Variables/{variable}")
    };
    let found = |variable: &str, value: Value| variables(&with(&at(variable), value), &reads());
    assert_eq!(
        found("LANDFALL_MAX_RATIO", Value::Null),
        ["plan-archive: reads LANDFALL_MAX_RATIO, which is not set"]
    );
    assert_eq!(
        found("LANDFALL_MAX_WIDTH", json!(7)),
        ["plan-archive: sets LANDFALL_MAX_WIDTH, which it does not read"]
    );
    assert_eq!(found("LANDFALL_FAULTS", json!("x")), ["plan-archive: LANDFALL_FAULTS is not to be set"]);
    let shared = with("/Globals/Function/Environment/Variables/DATABASE_URL", Value::Null);
    assert_eq!(variables(&shared, &reads()).len(), Stage::ALL.len(), "all functions read it");
}

#[test]
fn a_queue_that_a_function_cannot_send_to_is_found() {
    let at = "/Resources/SweepStateFunction/Properties/Environment/Variables/LANDFALL_QUEUE_URL_PLAN_ARCHIVE";
    assert_eq!(
        sending(&with(at, Value::Null)),
        [
            "sweep-state: is told of {\"DrainChangesQueue\", \"ParseMemberQueue\", \"ReceiveObjectQueue\"}, and may send to \
             {\"DrainChangesQueue\", \"ParseMemberQueue\", \"PlanArchiveQueue\", \"ReceiveObjectQueue\"}",
            "sweep-state: what is left for PlanArchiveQueue stays"
        ]
    );
    assert_eq!(
        sending(&with(at, json!({"Ref": "PlanArchiveDeadLetters"}))).first().unwrap(),
        "sweep-state: LANDFALL_QUEUE_URL_PLAN_ARCHIVE is PlanArchiveDeadLetters"
    );
}

#[test]
fn a_function_that_cannot_give_back_what_failed_is_found() {
    let variables = "/Resources/ReceiveObjectFunction/Properties/Environment/Variables";
    let untold = with(&format!("{variables}/LANDFALL_QUEUE_URL_RECEIVE_OBJECT"), Value::Null);
    assert_eq!(
        giving_back(&untold, &Stage::ALL),
        ["receive-object: is not told of its own queue by LANDFALL_QUEUE_URL_RECEIVE_OBJECT"]
    );
    let action = "/Resources/PlanArchiveRole/Properties/Policies/0/PolicyDocument/Statement/0/Action";
    let forbidden = with(action, json!(["sqs:ReceiveMessage", "sqs:DeleteMessage"]));
    assert_eq!(
        giving_back(&forbidden, &Stage::ALL),
        ["PlanArchiveRole: may not change the visibility of what it takes from PlanArchiveQueue"]
    );
}

#[test]
fn settings_other_than_those_of_the_table_are_found() {
    let found = |place: &str, value: Value| {
        settings(&with(&format!("/Resources/PlanArchiveFunction/Properties/{place}"), value), &Stage::ALL)
    };
    assert_eq!(found("Timeout", json!(300)), ["plan-archive: Timeout is Some(300), the table says 900"]);
    assert_eq!(
        found("MemorySize", json!(128)),
        ["plan-archive: MemorySize is Some(128), the table says 1769"]
    );
    assert_eq!(
        found("Environment/Variables/MALLOC_ARENA_MAX", Value::Null),
        ["plan-archive: MALLOC_ARENA_MAX is None, its memory would grow with the archive"]
    );
}

/// The rules that the template gives a planner, where no parameter is chosen, are those of the code.
#[test]
fn rules_that_nobody_chose_are_the_defaults_of_the_code() {
    let template = super::ours();
    let function = template.function("plan-archive").unwrap();
    let variables = function.variables.iter().filter_map(|(name, value)| {
        let value = template.value(value)?;
        Some((name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
    });
    let env = landfall_runtime::Env::of(variables);
    assert_eq!(env.get("LANDFALL_MAX_DEPTH"), Some("8"), "the parameters are found");
    assert_eq!(plan_archive::Rules::from_env(&env), Ok(plan_archive::Rules::default()));
}
