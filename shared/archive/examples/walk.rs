//! Prints the catalogue of a local archive: `cargo run --release --example walk -- FILE`.
#![expect(clippy::print_stdout, reason = "the listing is what the example is for")]

use std::error::Error;
use std::fs::File;
use std::io::Read;

use landfall_archive::{FileHeader, Flow, Interest, Limits, Visitor, Walk, Warning};

/// Prints a line for every file and warning.
#[derive(Default)]
struct Listing {
    name: String,
    size: u64,
}

impl Visitor for Listing {
    fn is_target(&self, _basename: &str) -> bool {
        true
    }

    fn file(&mut self, header: FileHeader<'_>) -> Interest {
        self.name = header.chain.joined();
        self.size = header.chain.steps.last().map_or(0, |step| step.size);
        Interest::Skip
    }

    fn data(&mut self, _bytes: &[u8]) {}

    fn file_end(&mut self, crc32: u32) -> Flow {
        println!("{:>12}  {crc32:08x}  {}", self.size, self.name);
        Flow::Continue
    }

    fn file_broken(&mut self) {
        println!("{:>12}  broken    {}", self.size, self.name);
    }

    fn warning(&mut self, warning: Warning) {
        println!("{}  {}: {}", warning.code, warning.chain_path, warning.text);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let name = std::env::args_os().nth(1).ok_or("usage: walk FILE")?;
    let mut file = File::open(name)?;
    let mut block = vec![0; 64 << 10];
    let (mut walk, mut listing) = (Walk::new(Limits::default()), Listing::default());
    loop {
        let length = file.read(&mut block)?;
        if length == 0 {
            break;
        }
        walk.push(block.get(..length).unwrap_or_default(), &mut listing)?;
    }
    let end = walk.finish(&mut listing)?;
    println!("{:?}\n{:?}", end.outer, walk.stats());
    Ok(())
}
