//! Warnings by code, with the first of each.

use landfall_store::dump::WarningGroup;

use crate::{Console, Failure, shown};

pub(super) fn show(console: &mut Console, groups: &[WarningGroup]) -> Result<(), Failure> {
    let mut table = console.table(["WARNING", "COUNT", "NE", "PLUGIN", "LINE", "PLACE", "TEXT"]);
    for group in groups {
        for (nth, line) in group.first.iter().enumerate() {
            let (code, count) =
                if nth == 0 { (group.code.as_str(), group.count.to_string()) } else { ("", String::new()) };
            table.add_row(vec![
                code.into(),
                shown::number(count),
                line.ne.as_str().into(),
                line.plugin.as_str().into(),
                shown::number(line.line),
                line.chain_path.as_str().into(),
                line.text.as_deref().unwrap_or_default().into(),
            ]);
        }
    }
    console.show(&table)
}
