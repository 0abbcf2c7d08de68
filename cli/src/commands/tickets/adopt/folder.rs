//! CSV files in a folder, each named as its table.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use landfall_store::tickets::adopt::{Adoption, Rows};
use landfall_tickets::adopt::{Header, SourceMap, Table};
use landfall_tickets::csv::{CsvReader, Record};

use super::input::refused;
use crate::{Exit, Failure};

/// Bytes that are read at once.
const BLOCK: usize = 64 << 10;

/// What the source may have beside the tables: the watermark stands for all files.
const LEFT: [&str; 2] = ["import_files.csv", "row_rejects.csv"];

/// A folder.
pub(super) struct Folder {
    path: PathBuf,
    name: String,
}

impl Folder {
    /// Looks into a folder. A CSV file in it that is no table's is most likely a misspelt one.
    pub(super) fn open(path: &str, map: &SourceMap) -> Result<Self, Failure> {
        let folder = Self { path: path.into(), name: path.to_owned() };
        let failed = |error: io::Error| unreadable(&folder.path, error);
        let known: Vec<String> = Table::ALL.into_iter().map(|table| Self::file(table, map)).collect();
        for entry in folder.path.read_dir().map_err(failed)? {
            let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
            if name.to_lowercase().ends_with(".csv")
                && !known.contains(&name)
                && !LEFT.contains(&name.as_str())
            {
                let text =
                    format!("{} is none of the files that are taken over", folder.path.join(name).display());
                let advice = format!("they are {}", known.join(", "));
                return Err(Failure::new(Exit::Arguments, text).advise(advice));
            }
        }
        Ok(folder)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The file of a table.
    pub(super) fn file(table: Table, map: &SourceMap) -> String {
        format!("{}.csv", map.table(table).table)
    }

    /// Hands the rows of a table over; false if its file is not there.
    pub(super) async fn hand_over(
        &self,
        (table, map): (Table, &SourceMap),
        adoption: &mut Adoption,
        bar: &ProgressBar,
    ) -> Result<bool, Failure> {
        let path = self.path.join(Self::file(table, map));
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !map.table(table).is_mapped => {
                return Ok(false);
            }
            Err(error) => return Err(unreadable(&path, error)),
        };
        let mut reading = Reading { target: (table, map), path: &path, state: State::Before(adoption) };
        let mut csv = CsvReader::default();
        let mut block = vec![0; BLOCK];
        loop {
            let length = file.read(&mut block).map_err(|error| unreadable(&path, error))?;
            let bytes = block.get(..length).unwrap_or_default();
            if bytes.is_empty() {
                break;
            }
            csv.push(bytes, &mut |record| {
                reading.take(&record, bar);
                Ok(())
            })
            .map_err(|error| bad(&path, error))?;
            if let Some(rows) = reading.rows()? {
                rows.copy_some().await?;
            }
        }
        csv.finish(&mut |record| {
            reading.take(&record, bar);
            Ok(())
        })
        .map_err(|error| bad(&path, error))?;
        reading.rows()?.ok_or_else(|| no_header(&path))?.copy().await?;
        Ok(true)
    }
}

/// A file that is being read.
struct Reading<'a> {
    target: (Table, &'a SourceMap),
    path: &'a Path,
    state: State<'a>,
}

enum State<'a> {
    /// Its header has not come yet.
    Before(&'a mut Adoption),
    Within(Rows<'a>),
    /// Its header cannot be used.
    Refused(Option<Failure>),
}

impl Reading<'_> {
    fn take(&mut self, record: &Record<'_>, bar: &ProgressBar) {
        match &mut self.state {
            State::Before(_) => self.begin(record),
            State::Within(rows) => {
                bar.inc_length(1);
                bar.inc(1);
                rows.push(record.line, &record.fields().collect::<Vec<_>>());
            }
            State::Refused(_) => {}
        }
    }

    /// Reads the header.
    fn begin(&mut self, record: &Record<'_>) {
        if let State::Before(adoption) = std::mem::replace(&mut self.state, State::Refused(None)) {
            let (table, map) = self.target;
            self.state = match Header::read(table, map, record.fields()) {
                Ok(header) => State::Within(adoption.table(header)),
                Err(error) => State::Refused(Some(refused(error, &self.path.display().to_string()))),
            };
        }
    }
}

impl<'a> Reading<'a> {
    /// The rows of the file, once its header is read.
    fn rows(&mut self) -> Result<Option<&mut Rows<'a>>, Failure> {
        match &mut self.state {
            State::Within(rows) => Ok(Some(rows)),
            State::Before(_) => Ok(None),
            State::Refused(failure) => Err(failure.take().unwrap_or_else(|| no_header(self.path))),
        }
    }
}

fn no_header(path: &Path) -> Failure {
    Failure::new(Exit::Arguments, format!("{} has no header", path.display()))
}

fn unreadable(path: &Path, error: io::Error) -> Failure {
    Failure::of(Exit::Arguments, error).while_doing(format!("cannot read {}", path.display()))
}

fn bad(path: &Path, error: landfall_tickets::FileError) -> Failure {
    Failure::of(Exit::Arguments, error).while_doing(format!("cannot read {}", path.display()))
}
