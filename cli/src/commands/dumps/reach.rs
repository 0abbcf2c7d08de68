//! How the files of a plan are reached through the index: requests, bytes, places to begin from.

use landfall_archive::{Index, Recipe, Wanted};
use landfall_dumps::plan::PlannedNe;
use serde_json::{Value, json};

use crate::{Console, Failure, shown};

/// What parsing one network element will fetch.
struct Reach {
    files: usize,
    ranges: usize,
    bytes: u64,
    recipe_bytes: usize,
}

impl Reach {
    /// None if the index does not have the files of the plan.
    fn of(index: &Index, ne: &PlannedNe) -> Option<(Self, Recipe)> {
        let files = ne.files();
        let wanted: Vec<Wanted> =
            files.iter().map(|file| Wanted { chain: file.chain.clone(), crc32: file.crc32 }).collect();
        let recipe = index.recipe(&wanted).ok()?;
        let recipe_bytes = recipe.to_bytes().ok()?.len();
        let (ranges, bytes) = (recipe.groups.len(), recipe.object_bytes());
        Some((Self { files: files.len(), ranges, bytes, recipe_bytes }, recipe))
    }
}

pub(super) fn document(index: &Index, nes: &[PlannedNe]) -> Value {
    let reach = |ne: &PlannedNe| {
        let (reach, recipe) = Reach::of(index, ne)?;
        let ranges: Vec<_> = recipe.groups.iter().map(|g| json!([g.range.start, g.range.end])).collect();
        Some(json!({ "ne": ne.ne, "files": reach.files, "ranges": ranges, "bytes_fetched": reach.bytes,
            "recipe_bytes": reach.recipe_bytes }))
    };
    json!({
        "bytes": index.bytes(),
        "archives": index.streams(),
        "checkpoints": index.checkpoints(),
        "nes": nes.iter().filter_map(reach).collect::<Vec<_>>(),
    })
}

pub(super) fn show(console: &mut Console, index: &Index, nes: &[PlannedNe]) -> Result<(), Failure> {
    let (bytes, archives) = (shown::bytes(index.bytes()), index.streams());
    console
        .heading(format_args!("Index: {bytes}, {archives} archives, {} checkpoints", index.checkpoints()))?;
    let mut table = console.table(["NE", "FILES", "REQUESTS", "FETCHED BYTES", "RECIPE BYTES"]);
    for ne in nes {
        let Some((reach, _)) = Reach::of(index, ne) else { continue };
        table.add_row(vec![
            ne.ne.to_string().into(),
            shown::number(reach.files as u64),
            shown::number(reach.ranges as u64),
            shown::number(reach.bytes),
            shown::number(reach.recipe_bytes as u64),
        ]);
    }
    console.show(&table)
}
