//! A platform in a process of its own.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::command::process;

/// A `landfall up` that is stopped as an operator would.
pub struct Up(Child);

impl Up {
    /// Starts it on the folder `data` and waits until it can be found there.
    pub fn start(dir: &Path) -> Self {
        Self::start_with(dir, &[])
    }

    /// The same with further options.
    pub fn start_with(dir: &Path, options: &[&str]) -> Self {
        let mut command = process(dir);
        command.args(["up", "--data", "data", "--auto-create-customer"]).args(options);
        let up = Self(command.stdout(Stdio::null()).spawn().unwrap());
        let until = Instant::now() + Duration::from_mins(1);
        while !dir.join("data/running.json").exists() {
            assert!(Instant::now() < until, "the platform does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        up
    }

    /// Asks it to stop; gives its exit code.
    pub fn terminate(&mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.0.wait().unwrap().code()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // Where the test failed: the server that it leaves behind is stopped by the next start.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
