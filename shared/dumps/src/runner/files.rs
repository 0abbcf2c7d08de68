//! The files of one plugin, read one behind the other (specs: dumps 4).

use super::merge::{PluginResult, conclude, merge};
use crate::plugins::{FileEnd, KeyScope, KnownKeys, ParseContext, Plugin, Reading};
use crate::records::Record;

/// One file to be read.
#[derive(Debug, Clone)]
pub struct PluginFile<'f> {
    /// Where it was found.
    pub chain_path: &'f str,
    /// Its bytes.
    pub content: &'f [u8],
    /// What the parser is told.
    pub context: ParseContext,
}

/// Reads the files of one plugin for one network element, with the result of [`merge`](super::merge()).
///
/// At most `most` records are kept. Of more none is: [`read_again`] gives them a few at a time. So memory does not grow
/// with the records, but for their keys.
pub fn read_files(plugin: &dyn Plugin, files: &[PluginFile<'_>], most: usize) -> PluginResult {
    let mut total = 0_usize;
    let mut kept: Vec<(String, Vec<Record>)> = Vec::new();
    let ends = read_each(plugin, files, &mut |chain_path, some| {
        total = total.saturating_add(some.len());
        if total > most {
            kept = Vec::new();
            return;
        }
        match kept.last_mut().filter(|(path, _)| path == chain_path) {
            Some((_, records)) => records.append(some),
            None => kept.push((chain_path.to_owned(), std::mem::take(some))),
        }
    });
    if total > most {
        return conclude(ends.into_iter().map(|(path, end)| (path, end, Vec::new())).collect());
    }
    let mut kept = kept.into_iter().peekable();
    let with_records = |(path, end): (String, FileEnd)| {
        let records = kept.next_if(|(of, _)| *of == path).map(|(_, records)| records).unwrap_or_default();
        (path, end.with(records))
    };
    merge(plugin.key_scope(), ends.into_iter().map(with_records).collect())
}

/// Reads the files once more and gives their records a few at a time, each with the chain path of its file: the same
/// records that [`read_files`] has counted. A file that failed then must not be read again.
pub fn read_again(
    plugin: &dyn Plugin,
    files: &[PluginFile<'_>],
    out: &mut dyn FnMut(&str, &mut Vec<Record>),
) {
    let _ends = read_each(plugin, files, out);
}

/// Reads the files in the order of their chain paths; of files with common keys the first has them, unless keys are
/// those of a file.
fn read_each(
    plugin: &dyn Plugin,
    files: &[PluginFile<'_>],
    out: &mut dyn FnMut(&str, &mut Vec<Record>),
) -> Vec<(String, FileEnd)> {
    let mut sorted: Vec<&PluginFile<'_>> = files.iter().collect();
    sorted.sort_by_key(|file| file.chain_path);
    let mut known = KnownKeys::default();
    let mut ends = Vec::with_capacity(sorted.len());
    for file in sorted {
        if plugin.key_scope() == KeyScope::File {
            known = KnownKeys::default();
        }
        let mut give = |some: &mut Vec<Record>| out(file.chain_path, some);
        let end = plugin.read(file.content, Reading::new(&file.context, &mut known, &mut give));
        ends.push((file.chain_path.to_owned(), end));
    }
    ends
}
