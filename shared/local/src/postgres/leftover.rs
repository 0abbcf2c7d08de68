//! A server that outlived the process that started it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::PostgresError;
use super::server::SOCKET_FOLDER;

/// How long a server may take to end after each kind of request.
const END_LIMIT: Duration = Duration::from_secs(30);

/// How often is looked whether a server has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// What `postmaster.pid` says.
#[derive(Debug, PartialEq, Eq)]
struct PidFile {
    pid: Pid,
    /// The folder of its unix socket.
    socket: Option<PathBuf>,
}

/// Stops the server that runs on this data, and forgets one that has died. The caller holds the folder's lock.
///
/// It is stopped and not adopted: it may run with other settings, and its socket belongs to a process that is gone.
pub(super) fn stop(data: &Path, log: &Path) -> Result<(), PostgresError> {
    let path = data.join("postmaster.pid");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(PostgresError::io("read", &path)(error)),
    };
    let Some(found) = PidFile::read(&text) else { return Ok(()) };
    if serves(found.pid, data) {
        tracing::info!(
            pid = found.pid.as_raw_nonzero().get(),
            "stopping the postgres server that was left behind"
        );
        end(found.pid, data, log)?;
    }
    // The number may belong to another program by now, and postgres would then refuse to start.
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(PostgresError::io("remove", &path)(error));
        }
        _ => {}
    }
    if let Some(socket) = found.socket.filter(|socket| is_ours(socket)) {
        // Only tidiness: the next server has a socket folder of its own.
        let _ = std::fs::remove_dir_all(socket);
    }
    Ok(())
}

/// Asks the server to end, then insists.
fn end(pid: Pid, data: &Path, log: &Path) -> Result<(), PostgresError> {
    // Fast shutdown, then immediate shutdown: the next start replays the log.
    for signal in [Signal::INT, Signal::QUIT] {
        // That it ended meanwhile is what we want; the look below tells.
        let _ = kill_process(pid, signal);
        let asked = Instant::now();
        while asked.elapsed() < END_LIMIT {
            if !serves(pid, data) {
                return Ok(());
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }
    let seconds = END_LIMIT.as_secs() * 2;
    Err(PostgresError::TimedOut { dir: data.to_owned(), wanted: "stopped", seconds, log: log.to_owned() })
}

/// Whether this process is a server on this data: a server's working folder is its data.
fn serves(pid: Pid, data: &Path) -> bool {
    if !Path::new("/proc/self/cwd").exists() {
        return test_kill_process(pid).is_ok();
    }
    let folder = std::fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero()));
    folder.is_ok_and(|folder| data.canonicalize().is_ok_and(|data| data == folder))
}

/// Whether a socket folder is one that [`super::server`] made.
fn is_ours(socket: &Path) -> bool {
    socket.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(SOCKET_FOLDER))
}

impl PidFile {
    /// Reads the lines that matter: the first and the fifth.
    fn read(text: &str) -> Option<Self> {
        let pid = text.lines().next()?.trim().parse::<i32>().ok().filter(|pid| *pid > 1)?;
        let socket = text.lines().nth(4).map(str::trim).filter(|line| !line.is_empty()).map(PathBuf::from);
        Some(Self { pid: Pid::from_raw(pid)?, socket })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pid_file_names_the_process_and_its_socket_folder() {
        let text = "15845\n/tmp/c/data\n1763717359\n5599\n/tmp/landfall-pg-x\n127.0.0.1\n 1 2\nready   \n";
        let read = PidFile::read(text).unwrap();
        assert_eq!(
            read,
            PidFile { pid: Pid::from_raw(15845).unwrap(), socket: Some("/tmp/landfall-pg-x".into()) }
        );
        assert!(is_ours(&read.socket.unwrap()));
    }

    #[test]
    fn a_pid_file_that_names_no_single_process_is_not_acted_on() {
        for text in ["", "\n", "-15\n", "0\n", "1\n", "words\n", "99999999999\n"] {
            assert_eq!(PidFile::read(text), None, "{text:?}");
        }
    }
}
