//! A workbook (.xlsx): one of its sheets as rows of text. The file is hostile: every size is bounded by what was
//! measured, not by what the file says of itself.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};

use calamine::{Cell, DataRef, ExcelDateTime, Reader, SheetType, Xlsx, XlsxError};
use landfall_dumps::customers::{SheetCell, SheetRow};
use zip::ZipArchive;

/// Largest file that is read, in bytes.
pub(super) const FILE_BYTES: u64 = 32 << 20;
/// Bytes of all parts of a workbook once inflated.
const INFLATED_BYTES: u64 = 64 << 20;
/// Filled cells of a sheet.
const CELLS: usize = 1_000_000;
/// Bytes of text in the cells of a sheet: many cells may share one long text.
const TEXT_BYTES: usize = 64 << 20;

/// A sheet of a workbook.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Its name.
    pub name: String,
    /// Names of all sheets.
    pub sheets: Vec<String>,
    /// Its rows by their numbers.
    pub rows: Vec<SheetRow>,
}

/// A file that is not read as a workbook.
#[derive(Debug, thiserror::Error)]
pub(super) enum WorkbookError {
    /// The container is none.
    #[error("it is no workbook (.xlsx)")]
    Container(#[source] zip::result::ZipError),
    /// A part of it does not inflate.
    #[error("it is no workbook (.xlsx): a part of it is damaged")]
    Damaged(#[source] io::Error),
    /// A part of it is not what a workbook has there.
    #[error("it is no workbook (.xlsx)")]
    Content(#[source] XlsxError),
    /// There is no sheet in it.
    #[error("the workbook has no sheet")]
    NoSheet,
    /// It is larger than anything that is expected here.
    #[error("the workbook is too large: {0}")]
    TooLarge(String),
}

/// Reads the sheet of this name in any case, else the first sheet.
pub(super) fn read_sheet(file: &[u8], wanted: &str) -> Result<Sheet, WorkbookError> {
    measure(file)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(WorkbookError::Content)?;
    let all = book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let sheets: Vec<String> = all.map(|sheet| sheet.name.clone()).collect();
    let named = sheets.iter().find(|name| name.trim().to_lowercase() == wanted.to_lowercase());
    let name = named.or(sheets.first()).cloned().ok_or(WorkbookError::NoSheet)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(WorkbookError::Content)?;
    let mut rows = Rows::default();
    while let Some(cell) = cells.next_cell().map_err(WorkbookError::Content)? {
        rows.add(&cell)?;
    }
    Ok(Sheet { name, sheets, rows: rows.by_number.into_values().collect() })
}

/// Inflates all parts once, as far as they may go: the library that reads the workbook has no bounds of its own.
fn measure(file: &[u8]) -> Result<(), WorkbookError> {
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(WorkbookError::Container)?;
    let mut left = INFLATED_BYTES;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(WorkbookError::Container)?;
        let read = io::copy(&mut part.take(left.saturating_add(1)), &mut io::sink());
        let read = read.map_err(WorkbookError::Damaged)?;
        left = left.checked_sub(read).ok_or_else(|| {
            WorkbookError::TooLarge(format!("it holds more than {} MiB", INFLATED_BYTES >> 20))
        })?;
    }
    Ok(())
}

#[derive(Default)]
struct Rows {
    by_number: BTreeMap<u64, SheetRow>,
    cells: usize,
    bytes: usize,
}

impl Rows {
    fn add(&mut self, cell: &Cell<DataRef<'_>>) -> Result<(), WorkbookError> {
        let Some(content) = content(cell.get_value()) else { return Ok(()) };
        let (SheetCell::Text(text) | SheetCell::Error(text)) = &content;
        self.cells = self.cells.saturating_add(1);
        self.bytes = self.bytes.saturating_add(text.len());
        if self.cells > CELLS {
            return Err(WorkbookError::TooLarge(format!("its sheet has more than {CELLS} filled cells")));
        }
        if self.bytes > TEXT_BYTES {
            let text = format!("its sheet has more than {} MiB of text", TEXT_BYTES >> 20);
            return Err(WorkbookError::TooLarge(text));
        }
        let (row, column) = cell.get_position();
        let number = u64::from(row).saturating_add(1);
        let row = self.by_number.entry(number).or_insert(SheetRow { number, cells: BTreeMap::new() });
        row.cells.insert(column, content);
        Ok(())
    }
}

/// A cell as text; none if it is empty. Of a formula this is the value that the file keeps beside it.
fn content(value: &DataRef<'_>) -> Option<SheetCell> {
    let text = match value {
        DataRef::Empty => return None,
        DataRef::Error(error) => return Some(SheetCell::Error(error.to_string())),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        // Whole numbers are written without a point.
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(time) => date(time),
    };
    Some(SheetCell::Text(text))
}

/// A date as `2025-01-18`, with the time if it has one. A duration stays a number of days.
fn date(time: &ExcelDateTime) -> String {
    if time.is_duration() {
        return time.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date} {hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use rust_xlsxwriter::{Formula, Workbook};
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// The parts of a small workbook with a text, a number, a flag and a formula.
    fn parts() -> Vec<(String, Vec<u8>)> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "Customer Name").unwrap();
        sheet.write_string(1, 0, "Acme").unwrap();
        sheet.write_number(1, 1, 7.5).unwrap();
        sheet.write_boolean(1, 2, true).unwrap();
        sheet.write_formula(2, 0, Formula::new("=A2").set_result("Acme")).unwrap();
        let mut archive = ZipArchive::new(Cursor::new(book.save_to_buffer().unwrap())).unwrap();
        let count = archive.len();
        let part = |index| {
            let mut part = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            part.read_to_end(&mut content).unwrap();
            (part.name().unwrap().into_owned(), content)
        };
        (0..count).map(part).collect()
    }

    fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_workbook_with_changed_parts_is_read_or_refused() {
        let parts = parts();
        assert_eq!(read_sheet(&packed(&parts), "Customers").unwrap().rows.len(), 3);
        for (index, (name, content)) in parts.iter().enumerate() {
            // What a reader of cells does not look at.
            if name.contains("theme") || name.contains("docProps") {
                continue;
            }
            for at in (index..content.len()).step_by(11) {
                for byte in [b'<', b'"', b'0'] {
                    let mut changed = parts.clone();
                    changed[index].1[at] = byte;
                    let _ = read_sheet(&packed(&changed), "Customers");
                }
                let mut cut = parts.clone();
                cut[index].1.truncate(at);
                let _ = read_sheet(&packed(&cut), "Customers");
            }
        }
    }

    #[test]
    fn a_damaged_container_is_read_or_refused() {
        let whole = packed(&parts());
        for at in (0..whole.len()).step_by(3) {
            let mut changed = whole.clone();
            changed[at] ^= 0x41;
            let _ = read_sheet(&changed, "Customers");
            let _ = read_sheet(&whole[..at], "Customers");
        }
    }
}
