//! One run of the server.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::PostgresError;
use super::account::Account;
use super::home::Home;
use super::programs::Programs;
use super::settings::Durability;

/// How the names of our socket folders begin.
pub(super) const SOCKET_FOLDER: &str = "landfall-pg-";

/// Longest path of a temporary folder that leaves room for ours and for the socket's name: the kernel takes 107 bytes.
const LONGEST_TEMP: usize = 107 - "/landfall-pg-XXXXXX/.s.PGSQL.65535.lock".len();

/// How long a start may take; long enough to replay a full log after a crash.
const START_LIMIT: Duration = Duration::from_mins(5);

/// How long a fast shutdown may take, before it is cut short.
const END_LIMIT: Duration = Duration::from_mins(1);

/// How often is looked whether the server has become ready or ended.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Pause before a start is tried again, when something else is still in its way.
const TRY_AGAIN: Duration = Duration::from_millis(100);

/// How long something may be in the way of a start.
const CLASH_LIMIT: Duration = Duration::from_secs(30);

/// What the log says when something else is in the way that goes away, or that another port avoids.
const CLASHES: [&str; 3] = [
    "Address already in use",
    "could not create any TCP/IP sockets",
    // The children of a server that was killed are still ending.
    "pre-existing shared memory block",
];

/// How much of the log an error shows, bytes.
const SHOWN_LOG: u64 = 2048;

/// A server that runs; ends with this value.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    port: u16,
    socket: TempDir,
    /// The cluster's folder and log, for errors.
    dir: PathBuf,
    log: PathBuf,
    /// Whether it has been waited for.
    ended: bool,
}

impl Server {
    /// Starts the server and waits until it accepts connections. Blocks.
    pub(super) fn start(
        home: &Home,
        programs: &Programs,
        durability: Durability,
    ) -> Result<Self, PostgresError> {
        let begun = Instant::now();
        let mut port = free_port(home.note("port").and_then(|port| port.parse().ok()));
        loop {
            let before = home.log().metadata().map_or(0, |log| log.len());
            let mut server = Self::spawn(home, programs, durability, port?)?;
            if server.wait_until_ready(&home.data())? {
                home.write_note("port", &server.port.to_string())?;
                return Ok(server);
            }
            let log = end_of_log(&home.log(), before);
            if begun.elapsed() > CLASH_LIMIT || !CLASHES.iter().any(|clash| log.contains(clash)) {
                return Err(PostgresError::Start { dir: home.dir().to_owned(), log });
            }
            std::thread::sleep(TRY_AGAIN);
            port = free_port(None);
        }
    }

    /// Starts the process in a group of its own, so that a key press in our terminal does not end it before us.
    fn spawn(
        home: &Home,
        programs: &Programs,
        durability: Durability,
        port: u16,
    ) -> Result<Self, PostgresError> {
        let socket = socket_folder(home.account())?;
        let log = home.open_log()?;
        let copy = log.try_clone().map_err(PostgresError::io("open", &home.log()))?;
        let program = programs.program("postgres");
        let mut command = Command::new(&program);
        command.arg("-D").arg(home.data()).arg("-k").arg(socket.path()).arg("-p").arg(port.to_string());
        for setting in durability.settings() {
            command.arg("-c").arg(setting);
        }
        command.env("LC_ALL", "C").current_dir("/").process_group(0);
        command.stdin(Stdio::null()).stdout(copy).stderr(log);
        home.account().apply(&mut command);
        let child = command.spawn().map_err(PostgresError::io("run", &program))?;
        Ok(Self { child, port, socket, dir: home.dir().to_owned(), log: home.log(), ended: false })
    }

    /// Waits until the server says that it accepts connections; false if it ended instead.
    fn wait_until_ready(&mut self, data: &Path) -> Result<bool, PostgresError> {
        let begun = Instant::now();
        let pid = self.child.id().to_string();
        while begun.elapsed() < START_LIMIT {
            if self.has_ended()? {
                return Ok(false);
            }
            let text = std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
            let mut lines = text.lines().map(str::trim);
            if lines.next() == Some(&pid) && lines.nth(6) == Some("ready") {
                return Ok(true);
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        Err(self.timed_out("ready", START_LIMIT))
    }

    /// Stops the server: a fast shutdown, cut short if it takes too long. Blocks.
    pub(super) fn stop(&mut self) -> Result<(), PostgresError> {
        for signal in [Signal::INT, Signal::QUIT] {
            if self.has_ended()? {
                return Ok(());
            }
            if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
                // It is our child and not waited for, so the number is still its own.
                let _ = kill_process(pid, signal);
            }
            let asked = Instant::now();
            while asked.elapsed() < END_LIMIT {
                if self.has_ended()? {
                    return Ok(());
                }
                std::thread::sleep(LOOK_AGAIN);
            }
        }
        Err(self.timed_out("stopped", END_LIMIT * 2))
    }

    /// Whether the process has ended.
    fn has_ended(&mut self) -> Result<bool, PostgresError> {
        let status = self.child.try_wait().map_err(PostgresError::io("wait for the server of", &self.dir))?;
        self.ended |= status.is_some();
        Ok(self.ended)
    }

    fn timed_out(&self, wanted: &'static str, limit: Duration) -> PostgresError {
        let (dir, log) = (self.dir.clone(), self.log.clone());
        PostgresError::TimedOut { dir, wanted, seconds: limit.as_secs(), log }
    }

    /// Process id of the server.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Port on loopback, also part of the socket's name.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Folder of the unix socket.
    pub(super) fn socket(&self) -> &Path {
        self.socket.path()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        if let Err(error) = self.stop() {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a private postgres could not be stopped"
            );
        }
    }
}

/// The preferred port if it is free, else any free one of loopback.
fn free_port(preferred: Option<u16>) -> Result<u16, PostgresError> {
    let listen = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = match preferred.map(listen) {
        Some(Ok(listener)) => Ok(listener),
        Some(Err(_)) | None => listen(0),
    };
    let address = listener.and_then(|listener| listener.local_addr());
    address
        .map(|address| address.port())
        .map_err(PostgresError::io("find a free port on", Path::new("127.0.0.1")))
}

/// Makes a folder for the unix socket that only the server's user can enter, with a path short enough for one.
fn socket_folder(account: Account) -> Result<TempDir, PostgresError> {
    let mut parent = std::env::temp_dir();
    let closed = account.closed_folder(&parent).map_or(true, |closed| closed.is_some());
    if closed || parent.as_os_str().len() > LONGEST_TEMP {
        parent = PathBuf::from("/tmp");
    }
    let owner_only = std::fs::Permissions::from_mode(0o700);
    let made = tempfile::Builder::new().prefix(SOCKET_FOLDER).permissions(owner_only).tempdir_in(&parent);
    let folder = made.map_err(PostgresError::io("make a folder for the socket in", &parent))?;
    account.give(folder.path()).map_err(PostgresError::io("change the owner of", folder.path()))?;
    Ok(folder)
}

/// The end of what was written to the log after `before` bytes.
fn end_of_log(log: &Path, before: u64) -> String {
    let read = || {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        let from = before.max(length.saturating_sub(SHOWN_LOG));
        // A log that was put aside meanwhile is shorter.
        file.seek(SeekFrom::Start(if from > length { 0 } else { from }))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&bytes).trim_end().to_owned())
    };
    read().unwrap_or_default()
}
