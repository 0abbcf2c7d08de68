//! Reads a change file and tells how fast: `cargo run --release -p landfall-tickets --example read_change_file -- FILE`,
//! or `-- --rows 1000000` for one made up in memory. Writing `--keep FILE` keeps that one.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use landfall_tickets::{COLUMNS, ChangeFile, Dataset, Reject, Row, RowSink};

/// Bytes that are pushed at a time: what a read of an object gives.
const PUSHED: usize = 256 << 10;

#[derive(Default)]
struct Sizes {
    rows: u64,
    json_bytes: u64,
    rejects: u64,
}

impl RowSink for Sizes {
    fn row(&mut self, row: Row<'_>) {
        self.rows += 1;
        self.json_bytes += row.raw_json.len() as u64;
    }

    fn reject(&mut self, _: Reject<'_>) {
        self.rejects += 1;
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--rows", rows, rest @ ..] => {
            let bytes = made_up(rows.parse()?);
            if let ["--keep", path] = rest {
                File::create(path)?.write_all(&bytes)?;
            }
            read(bytes.as_slice())
        }
        [path] => read(File::open(path)?),
        _ => Err("usage: read_change_file FILE | --rows N [--keep FILE]".into()),
    }
}

fn read(mut input: impl Read) -> Result<(), Box<dyn Error>> {
    let (mut file, mut sink) = (ChangeFile::new(Dataset::Inc), Sizes::default());
    let (mut buffer, mut bytes, mut took) = (vec![0; PUSHED], 0_u64, Duration::ZERO);
    loop {
        let length = input.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        bytes += length as u64;
        let start = Instant::now();
        file.push(buffer.get(..length).unwrap_or_default(), &mut sink)?;
        took += start.elapsed();
    }
    let counts = file.finish(&mut sink)?;
    let seconds = took.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let (rows_a_second, mib) = (counts.rows_read as f64 / seconds, bytes as f64 / f64::from(1 << 20));
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{} rows, {mib:.1} MiB, {} bytes of JSON, {} rejects",
        sink.rows, sink.json_bytes, sink.rejects
    )?;
    writeln!(out, "{seconds:.3} s, {rows_a_second:.0} rows/s, {:.0} MiB/s", mib / seconds)?;
    Ok(())
}

/// Rows as the feed has them: some fields empty, some quoted, names with network codes.
fn made_up(rows: u64) -> Vec<u8> {
    let places = [
        "Kwetu Homes",
        "KE-NRB-4411 - Kwetu Homes",
        "Fahari Court FDT02/P10",
        "OLT07",
        "Unity Gardens (GPON 0/3/12)",
        "\"Greenspan Mall, Shop \"\"G-12\"\"\"",
        "",
    ];
    let clusters = ["Kasarani", "Thika", "QOA", " ptmp ", "Kahawa  Sukari"];
    let mut out = COLUMNS.join(",").into_bytes();
    out.push(b'\n');
    for row in 0..rows {
        let pick = |list: &[&'static str]| {
            let length = list.len() as u64;
            usize::try_from(row % length).ok().and_then(|at| list.get(at).copied()).unwrap_or_default()
        };
        let (cluster, place) = (pick(&clusters), pick(&places));
        out.extend_from_slice(
            format!(
                "INC{row:012},remedy,Fixed Access,FTTH,open,assigned,field,true,false,false,false,{cluster}, \
                 Nairobi North ,{place},,,NOC L2,A. Wanjiru,,,2026-06-22 07:40:00,,,2026-06-22 08:27:00,\
                 2026-06-25 08:40:00,2026-06-22 07:40:00,2026-06-24 00:40:00,2026-06-22,2026-06-28,\
                 upstream-exports,automations/inc/changes/2026-06-25T08-40-00.csv,snap-202606250840\n"
            )
            .as_bytes(),
        );
    }
    out
}
