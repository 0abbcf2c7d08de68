//! What holds for every input.

use landfall_tickets::{COLUMNS, FileCounts, FileError};
use proptest::prelude::*;

use crate::reading::{Told, header, read, read_pieces, values_of};

/// Pieces that files are made of which reach far into the reader.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let fixed = prop::sample::select(vec![
        header() + "\n",
        header().to_uppercase() + "\r\n",
        "\u{feff}".to_owned(),
        format!("INC000001{}\n", ",".repeat(31)),
        format!("inc000002{}\r\n", ",é".repeat(31)),
        format!("CRQ000001{}\n", ",\"a\nb\"".repeat(31)),
        format!("INC000003{}", ",x".repeat(31)),
        "EXPORT STOPPED\n".to_owned(),
        ",".to_owned(),
        "\"".to_owned(),
        "\"\"".to_owned(),
        "\r".to_owned(),
        "\n".to_owned(),
        "\0".to_owned(),
        " ".to_owned(),
    ])
    .prop_map(String::into_bytes);
    prop_oneof![8 => fixed, 1 => prop::collection::vec(any::<u8>(), 0..8)]
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::collection::vec(piece(), 0..12).prop_map(|pieces| pieces.concat());
    (any::<bool>(), pieces).prop_map(|(headed, rest)| {
        let mut all = if headed { format!("{}\n", header()).into_bytes() } else { Vec::new() };
        all.extend(rest);
        all
    })
}

fn in_chunks(bytes: &[u8], sizes: &[usize]) -> Result<(Told, FileCounts), FileError> {
    let (mut rest, mut pieces) = (bytes, Vec::new());
    for &size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, left) = rest.split_at(size.min(rest.len()));
        pieces.push(piece);
        rest = left;
    }
    read_pieces(&pieces)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_the_bytes_are_cut_the_rows_are_the_same(
        bytes in bytes(),
        sizes in prop::collection::vec(1_usize..40, 1..6),
    ) {
        prop_assert_eq!(in_chunks(&bytes, &sizes), read(&bytes));
        prop_assert_eq!(in_chunks(&bytes, &[1]), read(&bytes));
    }

    #[test]
    fn random_bytes_never_panic_and_every_row_is_counted(bytes in bytes()) {
        if let Ok((told, counts)) = read(&bytes) {
            prop_assert_eq!(counts.rows_read, counts.sentinel + counts.rejected + counts.alarm + counts.kept);
            prop_assert_eq!(u64::try_from(told.0.len()).unwrap(), counts.rejected + counts.kept);
        }
    }

    #[test]
    fn what_a_csv_writer_writes_reads_back_equal(
        rows in prop::collection::vec(prop::collection::vec("[ -~\n\ré€😀]{0,12}", 30), 0..6),
        crlf in any::<bool>(),
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
        writer.write_record(COLUMNS).unwrap();
        let free: Vec<usize> = (0..32).filter(|&at| COLUMNS[at] != "ticket_id" && COLUMNS[at] != "is_alarm").collect();
        let mut wanted = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let mut cells = vec![String::new(); 32];
            cells[0] = format!("INC{number:06}");
            for (&at, value) in free.iter().zip(row) {
                cells[at].clone_from(value);
            }
            writer.write_record(&cells).unwrap();
            wanted.push(cells);
        }
        let (told, counts) = read(writer.into_inner().unwrap()).unwrap();
        prop_assert_eq!(usize::try_from(counts.kept).unwrap(), wanted.len());
        for (line, cells) in told.0.iter().zip(wanted) {
            let raw = values_of(line);
            for (name, cell) in COLUMNS.iter().zip(cells) {
                let value = cell.trim();
                let value = if value.is_empty() { serde_json::Value::Null } else { value.into() };
                prop_assert_eq!(&raw[*name], &value);
            }
        }
    }
}
