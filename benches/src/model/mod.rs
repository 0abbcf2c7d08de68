//! What a day of so many objects takes on AWS, by formulas over measured figures (docs/scale.md).

mod cost;
mod day;
mod inputs;
mod table;

use std::io::Write;

use inputs::Inputs;

/// Prints the tables and what they are made of, or one JSON object a line for each kind and number of objects.
pub fn run(json: bool) -> anyhow::Result<()> {
    let inputs = Inputs::ours()?;
    let days = days(&inputs);
    let mut out = std::io::stdout();
    if json {
        for day in &days {
            writeln!(out, "{}", serde_json::to_string(day)?)?;
        }
        return Ok(());
    }
    let prices = &inputs.prices;
    let (tables, asked) = (table::tables(&days), table::inputs(&inputs));
    writeln!(out, "{tables}\nprices: {}, {}\n\n{asked}", prices.region, prices.as_of)?;
    Ok(())
}

/// Each kind of objects with each number of them.
fn days(inputs: &Inputs) -> Vec<day::Day> {
    let each = inputs.mixes.iter().flat_map(|mix| inputs.objects_a_day.iter().map(move |many| (mix, *many)));
    each.map(|(mix, objects)| day::day(inputs, mix, objects)).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn page(name: &str) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        std::fs::read_to_string(root.join(name)).unwrap()
    }

    #[test]
    fn the_page_shows_what_the_program_prints() {
        let tables = table::tables(&days(&Inputs::ours().unwrap()));
        let shown = page("docs/scale.md");
        assert!(shown.contains(&tables), "docs/scale.md differs from ./dev bench model:\n{tables}");
    }

    #[test]
    fn the_page_tells_every_input_with_its_source() {
        let inputs = Inputs::ours().unwrap();
        let shown = table::inputs(&inputs);
        assert!(
            page("docs/scale.md").contains(&shown),
            "docs/scale.md differs from benches/model.json:\n{shown}"
        );
        let all = [inputs.measured.all(), inputs.assumed.all(), inputs.limits.all(), inputs.prices.all()];
        for (name, input) in all.concat() {
            assert!(input.value > 0.0 && !input.unit.is_empty() && input.source.len() > 7, "{name}");
        }
    }

    #[test]
    fn what_a_source_names_is_there() {
        let benchmarks = page("docs/benchmarks.md");
        let inputs = Inputs::ours().unwrap();
        for (name, input) in inputs.measured.all() {
            let Some(rest) = input.source.strip_prefix("docs/benchmarks.md, ") else { continue };
            let section = rest.split([':', ',']).next().unwrap().trim_end_matches(" on a quiet machine");
            let is_there = benchmarks.lines().any(|line| line.starts_with('#') && line.contains(section));
            assert!(is_there, "{name}: no section {section:?}");
        }
    }
}
