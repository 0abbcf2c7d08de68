//! The files of a plugin, read one behind the other (specs: dumps 4).

use landfall_dumps::plugins::{ParseContext, Plugin, Registry};
use landfall_dumps::records::Record;
use landfall_dumps::runner::{PluginFile, PluginResult, merge, read_again, read_files};

use crate::conformance::sample_texts;

fn files<'f>(texts: &[(&'f str, &'f [u8])]) -> Vec<PluginFile<'f>> {
    let file = |(chain_path, content): &(&'f str, &'f [u8])| {
        let basename = chain_path.rsplit('/').next().unwrap().to_owned();
        PluginFile { chain_path, content, context: ParseContext { basename, ..ParseContext::default() } }
    };
    texts.iter().map(file).collect()
}

/// Each file parsed alone, and the results merged.
fn parsed_and_merged(plugin: &dyn Plugin, files: &[PluginFile<'_>]) -> PluginResult {
    let parsed = files.iter().map(|f| (f.chain_path.to_owned(), plugin.parse(f.content, &f.context)));
    merge(plugin.key_scope(), parsed.collect())
}

fn lsps(rows: std::ops::Range<u32>) -> String {
    let rows = rows.map(|n| format!("L{n:<7}10.0.0.1   10.0.0.2   {}\n", 9000 + n));
    format!("Name    From       To         Label\n{}", rows.collect::<String>())
}

#[test]
fn reading_with_common_keys_gives_what_merging_gives() {
    let registry = Registry::with_test_plugins().unwrap();
    for plugin in registry.plugins() {
        let texts = sample_texts(plugin.name());
        for (_, text) in &texts {
            // The second file repeats the first, so nothing of it may be left but warnings.
            for (_, other) in &texts {
                let of = files(&[("d!/b/x.out", other), ("d!/a/x.out", text), ("d!/c/x.out", text)]);
                let read = read_files(plugin, &of, usize::MAX);
                assert_eq!(read, parsed_and_merged(plugin, &of), "{}", plugin.name());
            }
        }
    }
}

#[test]
fn of_too_many_records_none_is_kept_and_they_are_given_again_with_their_files() {
    let registry = Registry::production().unwrap();
    let lsp = registry.plugin("lsp").unwrap();
    let (first, second) = (lsps(0..3000), lsps(2000..4000));
    let of = files(&[("d!/b/lsp.out", second.as_bytes()), ("d!/a/lsp.out", first.as_bytes())]);
    let whole = read_files(lsp, &of, 4000);
    assert!(whole.holds_records());
    let counted = read_files(lsp, &of, 3999);
    assert!(!counted.holds_records());
    assert_eq!(counted.records().count(), 0);
    assert_eq!((counted.outcome, counted.record_count()), (whole.outcome, 4000));
    let mut given: Vec<(String, Vec<Record>)> = Vec::new();
    read_again(lsp, &of, &mut |chain_path, some| match given.last_mut().filter(|(of, _)| of == chain_path) {
        Some((_, records)) => records.append(some),
        None => given.push((chain_path.to_owned(), std::mem::take(some))),
    });
    let kept: Vec<_> = whole.files.into_iter().map(|file| (file.chain_path, file.records)).collect();
    assert_eq!(given.iter().map(|(_, records)| records.len()).collect::<Vec<_>>(), [3000, 1000]);
    assert_eq!(given, kept);
}

#[test]
fn a_failed_file_leaves_no_count_of_the_others() {
    let registry = Registry::production().unwrap();
    let lsp = registry.plugin("lsp").unwrap();
    let text = lsps(0..100);
    let of = files(&[("a", text.as_bytes()), ("b", b"what is this")]);
    for most in [0, usize::MAX] {
        let read = read_files(lsp, &of, most);
        assert_eq!((read.record_count(), read.records().count()), (0, 0));
        assert_eq!(read.failure.unwrap().chain_path, "b");
    }
}
