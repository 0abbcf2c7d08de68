//! The `landfall` binary.

use std::process::ExitCode;

use clap::Parser;
use landfall::{Arguments, Console};

fn main() -> ExitCode {
    let mut console = Console::of_process();
    let result = landfall::run(Arguments::parse(), &mut console);
    console.close(result).into()
}
