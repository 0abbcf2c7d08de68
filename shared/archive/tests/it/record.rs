//! A visitor that writes down what it is told.

use std::fmt::Write;

use landfall_archive::{
    ChainPath, FileHeader, Flow, Interest, Limits, OuterEnd, Stats, Visitor, Walk, WalkError, Warning,
};

/// A file that was read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    pub chain: ChainPath,
    pub data: Vec<u8>,
    pub crc: u32,
}

/// Everything a walk said, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    File(Read),
    Broken(String),
    Warning(Warning),
}

/// Reads every file and keeps it.
#[derive(Debug, Default)]
pub struct Recorder {
    pub events: Vec<Event>,
    open: Option<Read>,
}

impl Visitor for Recorder {
    fn is_target(&self, basename: &str) -> bool {
        basename.starts_with("cli_show")
    }

    fn file(&mut self, header: FileHeader<'_>) -> Interest {
        assert!(self.open.is_none(), "one file at a time");
        self.open = Some(Read { chain: header.chain.clone(), data: Vec::new(), crc: 0 });
        Interest::Read
    }

    fn data(&mut self, bytes: &[u8]) {
        self.open.as_mut().expect("announced").data.extend_from_slice(bytes);
    }

    fn file_end(&mut self, crc32: u32) -> Flow {
        let mut read = self.open.take().expect("announced");
        assert_eq!(read.data.len() as u64, read.chain.steps.last().unwrap().size);
        assert_eq!(crc32, crc32fast::hash(&read.data), "the CRC is that of the bytes handed over");
        read.crc = crc32;
        self.events.push(Event::File(read));
        Flow::Continue
    }

    fn file_broken(&mut self) {
        let read = self.open.take().expect("announced");
        self.events.push(Event::Broken(read.chain.joined()));
    }

    fn warning(&mut self, warning: Warning) {
        self.events.push(Event::Warning(warning));
    }
}

/// The outcome of one walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub events: Vec<Event>,
    pub end: Result<OuterEnd, WalkError>,
    pub stats: Stats,
}

impl Outcome {
    /// Chain path and bytes of every file read to its end.
    pub fn files(&self) -> Vec<(String, &[u8])> {
        let files = self.events.iter().filter_map(|event| match event {
            Event::File(read) => Some((read.chain.joined(), read.data.as_slice())),
            _ => None,
        });
        files.collect()
    }

    pub fn names(&self) -> Vec<String> {
        self.files().into_iter().map(|(name, _)| name).collect()
    }

    pub fn warnings(&self) -> Vec<&Warning> {
        let warnings = self.events.iter().filter_map(|event| match event {
            Event::Warning(warning) => Some(warning),
            _ => None,
        });
        warnings.collect()
    }

    /// One line per event and one for the end, for snapshots.
    pub fn story(&self) -> String {
        let mut out = String::new();
        for event in &self.events {
            match event {
                Event::File(read) => writeln!(out, "{} ({})", read.chain.joined(), read.data.len()),
                Event::Broken(name) => writeln!(out, "{name} broken"),
                Event::Warning(it) => {
                    writeln!(out, "{} [{}] @{}: {}", it.code, it.chain_path, it.offset, it.text)
                }
            }
            .unwrap();
        }
        match &self.end {
            Ok(end) => writeln!(out, "{end:?}"),
            Err(error) => writeln!(out, "{}: {error}", error.code()),
        }
        .unwrap();
        out
    }
}

/// Walks `bytes` in one block.
pub fn walk(bytes: &[u8]) -> Outcome {
    walk_with(Limits::default(), bytes, usize::MAX)
}

/// Walks `bytes` in blocks of `block` bytes.
pub fn walk_with(limits: Limits, bytes: &[u8], block: usize) -> Outcome {
    walk_parts(limits, bytes.chunks(block))
}

/// Walks an object that comes in these parts.
pub fn walk_parts<'a>(limits: Limits, parts: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let (mut walk, mut recorder) = (Walk::new(limits), Recorder::default());
    for part in parts {
        match walk.push(part, &mut recorder) {
            Ok(flow) => assert_eq!(flow, Flow::Continue),
            Err(error) => {
                assert_eq!(walk.push(b"more", &mut recorder), Err(error.clone()), "an error stays");
                return Outcome { events: recorder.events, end: Err(error), stats: walk.stats() };
            }
        }
    }
    let end = walk.finish(&mut recorder).map(|end| end.outer);
    assert!(recorder.open.is_none() || end.is_err(), "no file stays open");
    Outcome { events: recorder.events, end, stats: walk.stats() }
}
