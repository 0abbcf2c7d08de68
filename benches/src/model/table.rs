//! The tables of the model, in Markdown.

use std::fmt::Write;

use super::day::Day;
use super::inputs::{Inputs, Sourced};

/// Work and needs of each day.
pub fn tables(days: &[Day]) -> String {
    let work = rows(days, |day| {
        let invocations: f64 = day.stages.iter().map(|runs| runs.invocations).sum();
        let gb_seconds: f64 = day.stages.iter().map(|runs| runs.gb_seconds).sum();
        vec![
            short(day.s3_puts),
            short(day.s3_gets),
            short(day.sqs_requests),
            short(invocations),
            short(gb_seconds),
            short(day.statements),
            short(day.commits),
            short(day.rows),
        ]
    });
    let needs = rows(days, |day| {
        let at_once: f64 = day.stages.iter().map(|runs| runs.at_once).sum();
        let all = day.dollars.all();
        vec![
            short(day.database_cores),
            short(at_once),
            short(day.connections),
            short(day.database_tb),
            short(all),
            short(all / day.objects * 1e6),
            format!("{:.0} %", day.dollars.database / all * 100.0),
            limit(day, 0),
            limit(day, 1),
            short(day.full_at),
        ]
    });
    format!(
        "{}{work}\n{}{needs}",
        head(
            "kind | objects a day | S3 puts | S3 gets | SQS requests | invocations | GB-seconds | statements | commits | rows",
            8
        ),
        head(
            "kind | objects a day | database cores | functions at once | connections | TB of rows | $ a day | $ a million | of it database | first bottleneck | then | full at, objects a day",
            10
        ),
    )
}

/// The inputs with their sources.
pub fn inputs(inputs: &Inputs) -> String {
    let mut text = String::from("| input | value | unit | source |\n|---|--:|---|---|\n");
    let groups = [
        ("measured", inputs.measured.all()),
        ("assumed", inputs.assumed.all()),
        ("limits", inputs.limits.all()),
        ("prices", inputs.prices.all()),
    ];
    for (group, all) in groups {
        for (name, Sourced { value, unit, source }) in all {
            let _ = writeln!(text, "| `{group}.{name}` | {value} | {unit} | {source} |");
        }
    }
    text
}

/// A heading whose first column is text and whose `numbers` after the second are numbers.
fn head(titles: &str, numbers: usize) -> String {
    format!("| {titles} |\n|---|--:|{}\n", "--:|".repeat(numbers))
}

fn rows(days: &[Day], cells: impl Fn(&Day) -> Vec<String>) -> String {
    let mut text = String::new();
    for day in days {
        let _ = writeln!(text, "| {} | {} | {} |", day.mix, short(day.objects), cells(day).join(" | "));
    }
    text
}

/// A number with three digits and k, M, G or T.
fn short(value: f64) -> String {
    let units = [(1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")];
    // What rounds up to the next unit is shown in it.
    let (scaled, unit) = units
        .into_iter()
        .find(|(size, _)| value >= size * 0.9995)
        .map_or((value, ""), |(size, unit)| (value / size, unit));
    let digits = match scaled {
        0.0 => 0,
        v if v < 0.0995 => 3,
        v if v < 9.995 => 2,
        v if v < 99.95 => 1,
        _ => 0,
    };
    format!("{scaled:.digits$}{unit}")
}

/// One of what has a limit, with how much of that is taken.
fn limit(day: &Day, place: usize) -> String {
    day.loads.get(place).map_or_else(String::new, |load| format!("{}: {}", load.of, share(load.share)))
}

fn share(share: f64) -> String {
    let percent = share * 100.0;
    match share {
        s if s < 0.1 => format!("{percent:.1} %"),
        s if s < 10.0 => format!("{percent:.0} %"),
        s => format!("{} times", short(s)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_rounded_into_the_right_unit() {
        let table = [
            (0.0, "0"),
            (0.0123, "0.012"),
            (0.5, "0.50"),
            (9.999, "10.0"),
            (42.0, "42.0"),
            (999.4, "999"),
            (999.6, "1.00 k"),
            (1_234_567.0, "1.23 M"),
            (1e9, "1.00 G"),
            (2.5e13, "25.0 T"),
        ];
        for (value, expected) in table {
            assert_eq!(short(value), expected, "{value}");
        }
    }

    #[test]
    fn shares_are_percents_and_large_ones_times() {
        let table =
            [(0.0123, "1.2 %"), (0.5, "50 %"), (1.5, "150 %"), (22.34, "22.3 times"), (12e3, "12.0 k times")];
        for (value, expected) in table {
            assert_eq!(share(value), expected);
        }
    }
}
