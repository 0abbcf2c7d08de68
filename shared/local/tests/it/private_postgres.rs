//! A private cluster survives what happens to it and to the process that runs it. Uses the installed server.

use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use landfall_local::postgres::{Durability, PostgresError, PrivateCluster};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use tempfile::TempDir;

/// A folder that the server's user can enter, also if the tests run as root.
fn open_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

async fn start(dir: &Path) -> PrivateCluster {
    PrivateCluster::start(dir, Durability::TestsOnly).await.unwrap()
}

async fn connect(url: &str) -> PgConnection {
    let options: PgConnectOptions = url.parse().unwrap();
    options.connect().await.unwrap()
}

/// The only value that the statement gives, as text.
async fn value(cluster: &PrivateCluster, sql: &str) -> Option<String> {
    let mut connection = connect(&cluster.url("landfall")).await;
    let value = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    value
}

/// Makes a database with one table of one row.
async fn remember(cluster: &PrivateCluster) {
    cluster.create_database("landfall").await.unwrap();
    let mut connection = connect(&cluster.url("landfall")).await;
    sqlx::query("create table kept as select 'kept' as what").execute(&mut connection).await.unwrap();
}

/// Asserts that the row is there.
async fn assert_remembered(cluster: &PrivateCluster) {
    assert_eq!(value(cluster, "select what from kept").await.as_deref(), Some("kept"));
}

/// Whether the process runs. One that has ended and that nobody waited for has no working folder any more.
fn alive(pid: u32) -> bool {
    std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok()
}

/// Waits until the condition holds.
async fn until(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(30), "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The folder of the unix socket that the URL names.
fn socket_folder(url: &str) -> PathBuf {
    let (_, host) = url.split_once("?host=").unwrap();
    percent_encoding::percent_decode_str(host.trim()).decode_utf8().unwrap().into_owned().into()
}

#[tokio::test]
async fn what_was_committed_is_there_after_a_stop_and_a_start() {
    let folder = open_folder();
    let dir = folder.path().join("made/if/absent");

    let cluster = start(&dir).await;
    remember(&cluster).await;
    let pid = cluster.pid();
    cluster.stop().await.unwrap();
    assert!(!alive(pid));
    assert!(!dir.join("url").exists());

    let cluster = start(&dir).await;
    assert_remembered(&cluster).await;
    cluster.create_database("landfall").await.unwrap();
    assert_remembered(&cluster).await;
}

#[tokio::test]
async fn dropping_the_cluster_stops_its_server_and_frees_its_folder() {
    let folder = open_folder();
    let cluster = start(folder.path()).await;
    let (pid, socket) = (cluster.pid(), socket_folder(&cluster.url("postgres")));
    assert!(alive(pid) && socket.exists());
    drop(cluster);
    assert!(!alive(pid) && !socket.exists());
    start(folder.path()).await.stop().await.unwrap();
}

#[tokio::test]
async fn a_cluster_that_a_live_process_runs_is_refused_and_left_alone() {
    let folder = open_folder();
    let first = start(folder.path()).await;
    let second = PrivateCluster::start(folder.path(), Durability::TestsOnly).await.unwrap_err();
    assert!(matches!(&second, PostgresError::InUse { dir } if dir == folder.path()), "{second:?}");
    let wiped = PrivateCluster::wipe(folder.path()).await.unwrap_err();
    assert!(matches!(wiped, PostgresError::InUse { .. }), "{wiped:?}");
    remember(&first).await;
    assert_remembered(&first).await;
}

/// Names the folder for [`owner_to_be_killed`], which is a process of its own.
const OWNED_FOLDER: &str = "LANDFALL_TEST_OWNED_FOLDER";

/// Not a test by itself: the process that the next test kills. Runs a cluster until then.
#[tokio::test]
async fn owner_to_be_killed() {
    let Some(dir) = std::env::var_os(OWNED_FOLDER).map(PathBuf::from) else { return };
    let cluster = start(&dir).await;
    remember(&cluster).await;
    std::fs::write(dir.join("pid"), cluster.pid().to_string()).unwrap();
    std::fs::write(dir.join("ready"), cluster.url("postgres")).unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_server_that_a_killed_owner_left_behind_is_stopped_and_started_again() {
    let folder = open_folder();
    let mut owner = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "private_postgres::owner_to_be_killed"])
        .env(OWNED_FOLDER, folder.path())
        .spawn()
        .unwrap();
    until("the owner runs its cluster", || folder.path().join("ready").exists()).await;
    let refused = PrivateCluster::start(folder.path(), Durability::TestsOnly).await.unwrap_err();
    assert!(matches!(refused, PostgresError::InUse { .. }), "{refused:?}");
    owner.kill().unwrap();
    owner.wait().unwrap();

    let pid: u32 = std::fs::read_to_string(folder.path().join("pid")).unwrap().parse().unwrap();
    assert!(alive(pid), "the server outlives its owner");
    let socket = socket_folder(&std::fs::read_to_string(folder.path().join("url")).unwrap());
    let cluster = start(folder.path()).await;
    assert!(!alive(pid) && !socket.exists());
    assert_remembered(&cluster).await;
}

#[tokio::test]
async fn a_killed_server_starts_again_with_what_was_committed() {
    let folder = open_folder();
    // Made without waiting for the disk, run with it.
    start(folder.path()).await.stop().await.unwrap();
    let cluster = PrivateCluster::start(folder.path(), Durability::Full).await.unwrap();
    remember(&cluster).await;
    let pid = cluster.pid();
    kill_process(Pid::from_raw(pid.try_into().unwrap()).unwrap(), Signal::KILL).unwrap();
    until("the killed server ends", || !alive(pid)).await;
    drop(cluster);

    let cluster = PrivateCluster::start(folder.path(), Durability::Full).await.unwrap();
    assert_remembered(&cluster).await;
}

#[tokio::test]
async fn a_stale_pid_file_that_names_another_program_costs_neither_the_start_nor_that_program() {
    let folder = open_folder();
    start(folder.path()).await.stop().await.unwrap();
    let data = folder.path().join("data");
    // The number is another program's now, of the same user: postgres alone would refuse to start.
    let mut bystander = std::process::Command::new("sleep");
    if rustix::process::geteuid().is_root() {
        std::os::unix::process::CommandExt::uid(&mut bystander, data.metadata().unwrap().uid());
    }
    let mut bystander = bystander.arg("600").spawn().unwrap();
    let text = format!(
        "{}\n{}\n1763717359\n5432\n/tmp\n127.0.0.1\n 1 2\nready   \n",
        bystander.id(),
        data.display()
    );
    std::fs::write(data.join("postmaster.pid"), text).unwrap();

    let started = PrivateCluster::start(folder.path(), Durability::TestsOnly).await;
    let untouched = bystander.try_wait().unwrap().is_none();
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    started.unwrap();
    assert!(untouched);
}

#[tokio::test]
async fn a_cluster_that_was_only_half_made_is_made_again() {
    let folder = open_folder();
    let unfinished = folder.path().join("data.new");
    std::fs::create_dir(&unfinished).unwrap();
    std::fs::write(unfinished.join("PG_VERSION"), "15\n").unwrap();
    let cluster = start(folder.path()).await;
    remember(&cluster).await;
    assert!(!unfinished.exists());
}

#[tokio::test]
async fn a_server_that_does_not_start_says_why_from_its_log() {
    let folder = open_folder();
    start(folder.path()).await.stop().await.unwrap();
    std::fs::remove_file(folder.path().join("data/global/pg_control")).unwrap();
    let error = PrivateCluster::start(folder.path(), Durability::TestsOnly).await.unwrap_err();
    assert!(
        matches!(&error, PostgresError::Start { log, .. } if log.contains("global/pg_control")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_path_longer_than_a_socket_address_and_odd_names_work() {
    let folder = open_folder();
    let dir = folder.path().join("a long name, with spaces and ' quotes/".repeat(5));
    let cluster = start(&dir).await;
    for name in ["Odd \"name\" / 100%?&#", "größe"] {
        cluster.create_database(name).await.unwrap();
        cluster.create_database(name).await.unwrap();
        for url in [cluster.url(name), cluster.loopback_url(name)] {
            let mut connection = connect(&url).await;
            let current = sqlx::query_scalar::<_, String>("select current_database()::text");
            assert_eq!(current.fetch_one(&mut connection).await.unwrap(), name);
        }
    }
}

#[tokio::test]
async fn psql_takes_the_urls_too() {
    let folder = open_folder();
    let cluster = start(folder.path()).await;
    cluster.create_database("a b").await.unwrap();
    for url in [cluster.url("a b"), cluster.loopback_url("a b")] {
        let arguments = ["-XAtd", &url, "-c", "select current_database()"];
        let output = std::process::Command::new("psql").args(arguments).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "a b\n", "{output:?}");
    }
}

#[tokio::test]
async fn only_the_owner_reaches_the_socket_and_loopback_asks_for_the_password() {
    let folder = open_folder();
    let cluster = start(folder.path()).await;
    assert_eq!(socket_folder(&cluster.url("postgres")).metadata().unwrap().mode() & 0o777, 0o700);
    for note in ["url", "password"] {
        assert_eq!(folder.path().join(note).metadata().unwrap().mode() & 0o777, 0o600, "{note}");
    }
    let password = std::fs::read_to_string(folder.path().join("password")).unwrap();
    let url = cluster.loopback_url("postgres").replace(password.trim(), "wrong");
    let refused = url.parse::<PgConnectOptions>().unwrap().connect().await.unwrap_err();
    assert_eq!(
        refused.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref(),
        Some("28P01")
    );
}

#[tokio::test]
async fn the_loopback_url_stays_the_same_while_its_port_is_free() {
    let folder = open_folder();
    let cluster = start(folder.path()).await;
    let url = cluster.loopback_url("postgres");
    cluster.stop().await.unwrap();
    let cluster = start(folder.path()).await;
    assert_eq!(cluster.loopback_url("postgres"), url);
    cluster.stop().await.unwrap();

    let port: u16 = std::fs::read_to_string(folder.path().join("port")).unwrap().trim().parse().unwrap();
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let cluster = start(folder.path()).await;
    assert_ne!(cluster.loopback_url("postgres"), url);
}

#[tokio::test]
async fn durability_is_that_of_the_start_not_that_of_the_making() {
    let folder = open_folder();
    let cluster = start(folder.path()).await;
    remember(&cluster).await;
    assert_eq!(value(&cluster, "show fsync").await.as_deref(), Some("off"));
    cluster.stop().await.unwrap();

    let cluster = PrivateCluster::start(folder.path(), Durability::Full).await.unwrap();
    let settings = "select string_agg(name || '=' || setting, ' ' order by name) from pg_settings where name in \
        ('fsync', 'synchronous_commit', 'full_page_writes', 'server_encoding', 'lc_collate', 'TimeZone')";
    insta::assert_snapshot!(value(&cluster, settings).await.unwrap(), @"TimeZone=UTC fsync=on full_page_writes=on lc_collate=C.UTF-8 server_encoding=UTF8 synchronous_commit=on");
}

/// Run as root, the data must lie where the server's user can enter; otherwise this is an ordinary folder.
#[tokio::test]
async fn a_folder_that_the_servers_user_cannot_enter_still_holds_a_cluster_which_wiping_removes() {
    let folder = open_folder();
    let dir = folder.path().join("closed");
    std::fs::DirBuilder::new().mode(0o700).create(&dir).unwrap();

    let cluster = start(&dir).await;
    remember(&cluster).await;
    let elsewhere =
        std::fs::read_to_string(dir.join("cluster-folder")).ok().map(|text| PathBuf::from(text.trim()));
    assert_eq!(elsewhere.is_some(), rustix::process::geteuid().is_root());
    cluster.stop().await.unwrap();

    let cluster = start(&dir).await;
    assert_remembered(&cluster).await;
    cluster.stop().await.unwrap();

    PrivateCluster::wipe(&dir).await.unwrap();
    let left: Vec<_> = std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["owner.lock"]);
    assert!(elsewhere.is_none_or(|elsewhere| !elsewhere.exists()));
}

/// Also where its data lay elsewhere, and nobody called [`PrivateCluster::wipe`].
#[tokio::test]
async fn a_folder_that_was_removed_and_made_again_begins_empty() {
    let folder = open_folder();
    let dir = folder.path().join("closed");
    let make_folder = || std::fs::DirBuilder::new().mode(0o700).create(&dir).unwrap();
    for _ in 0..2 {
        make_folder();
        let cluster = start(&dir).await;
        cluster.create_database("landfall").await.unwrap();
        assert_eq!(value(&cluster, "select to_regclass('kept')::text").await, None);
        remember(&cluster).await;
        cluster.stop().await.unwrap();
        std::fs::remove_dir_all(&dir).unwrap();
    }
    make_folder();
    PrivateCluster::wipe(&dir).await.unwrap();
}
