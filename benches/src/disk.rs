//! The disk: its room, and what one durable write costs, the unit in which commits are paid.

use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Instant;

use crate::figure::median;

/// Writes made durable one after the other.
const WRITES: usize = 200;

/// Bytes that are free below a folder.
pub fn free_bytes(dir: &Path) -> std::io::Result<u64> {
    let free = rustix::fs::statvfs(dir)?;
    Ok(free.f_bavail.saturating_mul(free.f_frsize))
}

/// Median time of writing 8 KiB and making them durable, milliseconds. Blocks.
pub fn sync_ms(dir: &Path) -> std::io::Result<f64> {
    let mut file = tempfile::tempfile_in(dir)?;
    let block = [7_u8; 8192];
    // Blocks that are there already: a log file that is used again, as Postgres does.
    for _ in 0..WRITES {
        file.write_all(&block)?;
    }
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    let mut times = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let begun = Instant::now();
        file.write_all(&block)?;
        file.sync_data()?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(median(&times))
}
