//! Standard output and standard error of a command.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::time::Duration;

use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::{Exit, Failure};

/// Terminals with fewer columns get tables as they are.
const NARROW: u16 = 80;

/// Where a command writes. Output goes to standard output, errors and progress to standard error.
#[derive(Debug)]
pub struct Console {
    out: BufWriter<Stdout>,
    /// Whether standard output is a terminal and may have colours.
    styled: bool,
}

impl Console {
    /// The console of this process. `NO_COLOR` turns colours off (no-color.org).
    pub fn of_process() -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { out: BufWriter::new(io::stdout()), styled: io::stdout().is_terminal() && !no_color }
    }

    /// Writes a line.
    pub fn line(&mut self, line: impl Display) -> Result<(), Failure> {
        Ok(writeln!(self.out, "{line}")?)
    }

    /// Writes bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.out.write_all(bytes)?)
    }

    /// Writes one JSON value on one line.
    pub fn json_line(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.out, value).map_err(io::Error::from)?;
        Ok(self.out.write_all(b"\n")?)
    }

    /// Writes one JSON document, indented.
    pub fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        serde_json::to_writer_pretty(&mut self.out, value).map_err(io::Error::from)?;
        self.line("")
    }

    /// A table with these columns, for [`Console::line`].
    pub fn table<const N: usize>(&self, header: [&str; N]) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(header);
        if !self.styled {
            table.force_no_tty();
        } else if table.width().is_some_and(|width| width >= NARROW) {
            // In less room the columns would be a letter wide; the terminal's own line breaks read better.
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        table
    }

    /// Writes a table, indented columns without blanks at the ends of lines; nothing for one without rows.
    pub fn show(&mut self, table: &Table) -> Result<(), Failure> {
        if table.is_empty() { Ok(()) } else { self.line(table.trim_fmt()) }
    }

    /// Writes a heading with a blank line before it.
    pub fn heading(&mut self, text: impl Display) -> Result<(), Failure> {
        if self.styled {
            self.line(format_args!("\n\u{1b}[1m{text}\u{1b}[0m"))
        } else {
            self.line(format_args!("\n{text}"))
        }
    }

    /// Shows what was written so far.
    pub fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.out.flush()?)
    }

    /// Says something on standard error that is no result: what goes on, what to do next.
    pub fn say(&self, text: impl Display) {
        // Nobody can be told that standard error is closed.
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// A bar on standard error, only on a terminal. `total` in bytes.
    pub fn bytes_bar(&self, total: u64) -> ProgressBar {
        bar(total, "{msg:28!} {bar:30} {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec}")
    }

    /// A bar that counts things.
    pub fn count_bar(&self, total: u64) -> ProgressBar {
        bar(total, "{msg:28!} {bar:30} {pos}/{len} {elapsed}")
    }

    /// A line that says what goes on, only on a terminal.
    pub fn spinner(&self) -> ProgressBar {
        let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}");
        let spinner =
            ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        spinner.enable_steady_tick(Duration::from_millis(200));
        spinner
    }

    /// Writes what is left, tells the failure, and gives the exit.
    pub fn close(mut self, result: Result<Exit, Failure>) -> Exit {
        let flushed = self.flush();
        match result.and_then(|exit| flushed.map(|()| exit)) {
            Ok(exit) => exit,
            Err(failure) => {
                if !failure.is_quiet() {
                    self.say(format_args!("error: {failure}"));
                }
                failure.exit()
            }
        }
    }
}

/// indicatif draws nothing where standard error is no terminal.
fn bar(total: u64, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(total).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
