//! CSV files in a folder.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, Reader, ReaderBuilder};
use landfall_domain::Sha256Digest;
use landfall_dumps::adopt::{Header, RawRow, Table};
use sha2::{Digest, Sha256};

use super::super::source::unreadable;
use super::input::refused;
use crate::{Exit, Failure};

/// A folder of CSV files, each named as its table.
pub(super) struct Folder {
    path: PathBuf,
    name: String,
}

impl Folder {
    /// Looks into a folder. A CSV file in it that is no table's is most likely a misspelt one.
    pub(super) fn open(path: &str) -> Result<Self, Failure> {
        let folder = Self { path: path.into(), name: path.to_owned() };
        let failed = |error: io::Error| unreadable(&folder.path, error);
        let known: Vec<String> = Table::ALL.into_iter().map(Self::file).collect();
        for entry in folder.path.read_dir().map_err(failed)? {
            let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
            if name.to_lowercase().ends_with(".csv") && !known.contains(&name) {
                let text =
                    format!("{} is none of the files that are taken over", folder.path.join(name).display());
                return Err(
                    Failure::new(Exit::Arguments, text).advise(format!("they are {}", known.join(", ")))
                );
            }
        }
        Ok(folder)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The file of a table.
    pub(super) fn file(table: Table) -> String {
        format!("{table}.csv")
    }

    /// Opens a table's file; none if it is not there.
    pub(super) fn table(&self, table: Table) -> Result<Option<CsvFile>, Failure> {
        let path = self.path.join(Self::file(table));
        match File::open(&path) {
            Ok(file) => CsvFile::start(&path, file, table).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(&path, error)),
        }
    }
}

/// A file that is being read.
pub(super) struct CsvFile {
    path: PathBuf,
    reader: Reader<Hashed>,
    header: Header,
}

impl CsvFile {
    fn start(path: &Path, file: File, table: Table) -> Result<Self, Failure> {
        let hashed = Hashed { file, digest: Sha256::new() };
        // A row with too many or too few fields is one of its own, not the end of the file.
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(hashed);
        let names = reader.byte_headers().map_err(|error| bad(path, error))?;
        let names: Vec<String> =
            names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        let header = Header::read(table, names.iter().map(String::as_str))
            .map_err(|error| refused(error, &path.display().to_string()))?;
        Ok(Self { path: path.to_owned(), reader, header })
    }

    /// The next rows, numbered by the line they begin at; none at the end.
    pub(super) fn next_rows(&mut self, count: usize) -> Result<Vec<RawRow>, Failure> {
        let mut rows = Vec::new();
        let mut record = ByteRecord::new();
        while rows.len() < count
            && self.reader.read_byte_record(&mut record).map_err(|error| bad(&self.path, error))?
        {
            let line = record.position().map_or(0, csv::Position::line);
            rows.push(self.header.row(line, &record.iter().collect::<Vec<_>>()));
        }
        Ok(rows)
    }

    /// The digest of the whole file, once all its rows are read.
    pub(super) fn digest(self) -> Sha256Digest {
        let Hashed { digest, .. } = self.reader.into_inner();
        Sha256Digest::from_bytes(digest.finalize().into())
    }
}

fn bad(path: &Path, error: csv::Error) -> Failure {
    unreadable(path, error.into())
}

/// A file whose bytes are hashed while they are read.
struct Hashed {
    file: File,
    digest: Sha256,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.digest.update(buffer.get(..length).unwrap_or_default());
        Ok(length)
    }
}
