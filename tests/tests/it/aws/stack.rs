//! The stack of `infra/template.yaml`, deployed to ministack, and what an operator does there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use landfall_domain::Stage;
use landfall_local::listing::{self, Verification};
use landfall_objects::{ObjectStore, PutOptions, Settings, StaticCredentials};
use landfall_store::Store;
use landfall_testkit::database::TestDatabase;
use landfall_testkit::{Ministack, Queue, SqsEndpoint, python_with, skipped};
use serde::Deserialize;
use sqlx::PgPool;

/// The folder with the packages: `NAME/bootstrap` for each function.
const PACKAGES: &str = "LANDFALL_PACKAGES";
/// What the template and its driver ask of ministack.
const SERVICES: &str = "cloudformation,events,iam,lambda,logs,monitoring,s3,scheduler,secretsmanager,sqs,sts";
/// The driver, and what it needs beside ministack.
const DRIVER: &str = "../tests/aws/stack.py";
const MODULES: [&str; 3] = ["boto3", "samtranslator", "yaml"];
/// The names of the stack and of its buckets begin so.
const NAME: &str = "landfall";
/// How long one call of a program may take.
const CALL: Duration = Duration::from_mins(2);
/// How long a condition may take: longer than two periods of any schedule.
const PATIENCE: Duration = Duration::from_mins(3);
/// Between two looks at a condition.
const LOOK: Duration = Duration::from_millis(200);

/// A deployed stack and the database behind it.
pub struct Stack {
    pub objects: ObjectStore,
    pub sqs: SqsEndpoint,
    /// Its database, from below.
    pub queue: Queue,
    database: TestDatabase,
    server: Ministack,
    python: PathBuf,
    deployed: Deployed,
}

/// What the driver says of a new stack.
#[derive(Debug, Deserialize)]
struct Deployed {
    /// The bucket to put files into.
    landing: String,
    /// URLs by the names that the stack gives its queues.
    queues: BTreeMap<String, String>,
    /// Functions, by the names of their stages.
    functions: BTreeSet<String>,
}

/// One invocation of a schedule's target.
#[derive(Debug, Deserialize)]
pub struct Fired {
    /// `ENABLED`, or not.
    pub state: String,
    pub function: String,
    /// Why the function failed, if it did.
    pub error: Option<String>,
}

impl Stack {
    /// Deploys the template with the packaged functions; none, and a note, where something for it is missing.
    pub async fn deploy() -> Option<Self> {
        let Some(packages) = std::env::var_os(PACKAGES).filter(|folder| !folder.is_empty()) else {
            skipped(&format!("{PACKAGES} names no folder of packaged functions; ./dev test aws makes it"));
            return None;
        };
        let Some(python) = python_with(&MODULES) else {
            skipped("LANDFALL_MINISTACK names no virtual environment with aws-sam-translator");
            return None;
        };
        // It looks at roles and policies as AWS does.
        let server = Ministack::configured(SERVICES, |ministack| {
            ministack.env("AUTH", "true");
        })
        .await?;
        let database = TestDatabase::create().await;
        let queue = Queue::of(database.pool()).await;
        let packages = Path::new(&packages).canonicalize().expect("the folder of the packages");
        let arguments = [NAME, "test", packages.to_str().unwrap(), database.url()];
        let deployed = drive(&server, &python, "deploy", &arguments).await;
        let objects = ObjectStore::connect(&Settings {
            endpoint: Some(server.url().to_owned()),
            region: Some("us-east-1".into()),
            credentials: Some(StaticCredentials::new("test", "test")),
            force_path_style: true,
        })
        .await;
        let sqs = SqsEndpoint::at(server.url());
        let stack = Self { objects, sqs, queue, database, server, python, deployed };
        let known: BTreeSet<_> = Stage::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(stack.deployed.functions, known, "each stage has a function");
        Some(stack)
    }

    pub fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    /// The bucket that is watched.
    pub fn landing(&self) -> &str {
        &self.deployed.landing
    }

    /// The queue of a stage.
    pub fn url(&self, stage: &str) -> &str {
        &self.deployed.queues[stage]
    }

    pub async fn put(&self, key: &str, metadata: &[(String, String)], body: Vec<u8>) {
        let options = PutOptions { metadata: metadata.iter().cloned().collect(), ..PutOptions::default() };
        self.objects.put(self.landing(), key, body.into(), options).await.unwrap();
    }

    /// Gives a function a script of faults; it then starts anew.
    pub async fn set_faults(&self, stage: Stage, script: &str) {
        self.set_variable(stage, "LANDFALL_FAULTS", script).await;
    }

    /// Sets a variable of a function; it then starts anew.
    pub async fn set_variable(&self, stage: Stage, variable: &str, value: &str) {
        let name = format!("{NAME}-{stage}");
        drive::<serde_json::Value>(&self.server, &self.python, "variable", &[&name, variable, value]).await;
    }

    /// Takes a right from the role of a function.
    pub async fn forbid(&self, stage: Stage, action: &str) {
        let name = format!("{NAME}-{stage}");
        drive::<serde_json::Value>(&self.server, &self.python, "forbid", &[&name, action]).await;
    }

    /// Gives it back.
    pub async fn allow(&self, stage: Stage) {
        self.forbid(stage, "").await;
    }

    /// What others are told who send to the front door's queue, or put into the bucket: codes of AWS.
    pub async fn intrude(&self) -> BTreeMap<String, Option<String>> {
        let place = [self.url("receive-object"), self.landing()];
        drive(&self.server, &self.python, "intrude", &place).await
    }

    /// Invokes the target of each schedule with the schedule's own input.
    pub async fn fire_schedules(&self) -> Vec<Fired> {
        drive(&self.server, &self.python, "fire", &[]).await
    }

    /// What a function has logged last.
    pub async fn log(&self, stage: Stage) -> String {
        let mut logs: BTreeMap<String, Vec<String>> = drive(&self.server, &self.python, "logs", &[]).await;
        logs.remove(&format!("/aws/lambda/{NAME}-{stage}")).unwrap_or_default().join("\n")
    }

    /// Runs a `landfall` command on the database of the stack.
    pub async fn landfall(&self, arguments: &[&str]) -> String {
        // The test programs lie in a folder below that of the programs.
        let test = std::env::current_exe().unwrap();
        let program = test.parent().and_then(Path::parent).unwrap().join("landfall");
        assert!(program.is_file(), "{} is built with the workspace", program.display());
        let mut command = self.server.caller(program);
        command.env("DATABASE_URL", self.database.url()).args(arguments);
        told(command).await
    }

    /// A single number of the database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.pool()).await.unwrap()
    }

    /// State and reason of an object.
    pub async fn state(&self, key: &str) -> Option<String> {
        let state = sqlx::query_scalar("select state || ' ' || reason from ingest.object where key = $1");
        state.bind(key).fetch_optional(self.pool()).await.unwrap()
    }

    /// Waits until so many objects are in the books and nothing is left to do: in the database and in every queue.
    pub async fn settle(&self, objects: i64) {
        self.wait("all is done", async || {
            self.count("select count(*) from ingest.object").await == objects
                && self.queue.is_settled().await
                && self.messages().await.is_empty()
        })
        .await;
    }

    /// Waits for a condition; tells what there is to tell if it does not come.
    pub async fn wait(&self, what: &str, condition: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !condition().await {
            assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}\n{}", self.left().await);
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Queues that are not empty, and how many messages each has.
    async fn messages(&self) -> BTreeMap<&str, u64> {
        let mut all = BTreeMap::new();
        for (name, url) in &self.deployed.queues {
            let messages = self.sqs.messages(url).await;
            if messages > 0 {
                all.insert(name.as_str(), messages);
            }
        }
        all
    }

    async fn left(&self) -> String {
        let mut text = format!("{}\nmessages: {:?}\n", self.queue.left().await, self.messages().await);
        for stage in Stage::ALL {
            writeln!(text, "---- {stage}\n{}", self.log(stage).await).unwrap();
        }
        text
    }

    /// The books beside the bucket.
    pub async fn verify(&self) -> Verification {
        let store = Store::over(self.pool().clone());
        listing::verify(&self.objects, &store, (self.landing(), "")).await.unwrap()
    }

    pub async fn stop(self) {
        self.server.stop().await;
    }
}

/// Runs a command of the driver; gives what it printed.
async fn drive<T: serde::de::DeserializeOwned>(
    server: &Ministack,
    python: &Path,
    command: &str,
    arguments: &[&str],
) -> T {
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join(DRIVER);
    let mut program = server.caller(python);
    program.arg(driver).arg(command).args(arguments);
    serde_json::from_str(&told(program).await).unwrap()
}

/// Standard output of a program that ended well.
async fn told(mut command: tokio::process::Command) -> String {
    let output = tokio::time::timeout(CALL, command.output()).await.expect("the program ends").unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}\n{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}
