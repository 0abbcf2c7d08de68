//! The binary on a terminal: a pseudo-terminal, the test typing at its other end.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::command::process;

/// How long a question may take to appear.
const PATIENCE: Duration = Duration::from_secs(30);

/// A terminal with somebody at it.
struct Terminal {
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    seen: String,
}

impl Terminal {
    /// A terminal, and the end of it that a program gets.
    fn open() -> (Self, File) {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
        let theirs = File::options().read(true).write(true).open(name).unwrap();
        let keyboard = File::from(ours);
        let mut from_screen = keyboard.try_clone().unwrap();
        let (sender, screen) = channel();
        std::thread::spawn(move || {
            let mut block = [0; 1024];
            // The read fails once the program has closed its end.
            while let Ok(length @ 1..) = from_screen.read(&mut block) {
                if sender.send(block.get(..length).unwrap_or_default().to_vec()).is_err() {
                    break;
                }
            }
        });
        (Self { keyboard, screen, seen: String::new() }, theirs)
    }

    /// Types once a question is on the screen.
    fn answer(&mut self, question: &str, keys: &str) {
        let end = loop {
            if let Some(at) = self.seen.find(question) {
                break at + question.len();
            }
            let block = self.screen.recv_timeout(PATIENCE);
            let block = block.unwrap_or_else(|_| panic!("no question {question:?} in {:?}", self.seen));
            self.seen.push_str(&String::from_utf8_lossy(&block));
        };
        self.seen.drain(..end);
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }
}

/// Runs the binary on a terminal and types the keys when their questions appear. Output is not on the terminal.
pub fn landfall_on_terminal(
    dir: &Path,
    database_url: &str,
    args: &[&str],
    dialogue: &[(&str, &str)],
) -> Output {
    let (mut terminal, theirs) = Terminal::open();
    let mut command = process(dir);
    command.env("DATABASE_URL", database_url).args(args);
    command.stdin(theirs.try_clone().unwrap()).stderr(theirs).stdout(Stdio::piped());
    let child = command.spawn().unwrap();
    // It holds the program's end of the terminal.
    drop(command);
    for (question, keys) in dialogue {
        terminal.answer(question, keys);
    }
    child.wait_with_output().unwrap()
}
