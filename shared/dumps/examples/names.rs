//! Prints what the parts of paths tell: role, shelf, network element and time.
//!
//! `cargo run -p landfall-dumps --example names -- HEL-CORE-01_ECS81-1_ACT_250118.tgz!/cli/CLI_Show_Node.out`

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use landfall_dumps::capture_time::{Window, first_in_name};
use landfall_dumps::names::Tags;
use landfall_dumps::values::leftmost_ipv4;

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    let window = Window::of_upload(DateTime::<Utc>::MAX_UTC);
    for path in std::env::args().skip(1) {
        writeln!(out, "{path}")?;
        for component in path.split('/').map(|part| part.trim_end_matches('!')) {
            describe(&mut out, component, window)?;
        }
        if let Some(address) = leftmost_ipv4(&path) {
            writeln!(out, "  address {address}")?;
        }
    }
    Ok(())
}

fn describe(out: &mut impl Write, component: &str, window: Window) -> io::Result<()> {
    let tags = Tags::of(component);
    write!(out, "  {component}:")?;
    if let Some(role) = tags.role {
        write!(out, " role {role}")?;
    }
    if let Some(shelf) = tags.shelf {
        write!(out, " shelf {shelf}")?;
    }
    if let Some(ne) = tags.ne {
        write!(out, " element {ne}")?;
    }
    if let Some(found) = first_in_name(component, window) {
        write!(out, " time {} ({:?}, {})", found.time.to_rfc3339(), found.form, found.precision())?;
    }
    writeln!(out)
}
