//! Figures, as a table for people and as JSON for programs.

use std::io::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;

use crate::machine::Usage;

/// What a figure must reach.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

/// One measured number.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// What was measured.
    pub figure: String,
    /// The number; the median where it was measured more than once.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// The same of something comparable, measured in the same run.
    pub peer: Option<String>,
    /// What limits it, as this run saw it.
    pub limit: Option<String>,
    /// What it is to reach.
    pub goal: Option<String>,
    /// Whether it does; none where there is no goal, or the inputs are the quick ones.
    pub met: Option<bool>,
    /// All values, where it was measured more than once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<f64>,
    /// Processor cores that others used meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub others_cores: Option<f64>,
    #[serde(skip)]
    wanted: Option<Goal>,
}

impl Figure {
    /// A number with its unit.
    pub fn new(figure: impl Into<String>, unit: &'static str, value: f64) -> Self {
        Self {
            figure: figure.into(),
            value,
            unit,
            peer: None,
            limit: None,
            goal: None,
            met: None,
            runs: Vec::new(),
            others_cores: None,
            wanted: None,
        }
    }

    /// The median of some measurements.
    pub fn median(figure: impl Into<String>, unit: &'static str, mut runs: Vec<f64>) -> Self {
        let value = median(&runs);
        runs.truncate(16);
        Self { runs: if runs.len() > 1 { runs } else { Vec::new() }, ..Self::new(figure, unit, value) }
    }

    /// With a goal.
    pub fn goal(mut self, goal: Goal) -> Self {
        self.goal = Some(match goal {
            Goal::AtLeast(least) => format!("at least {}", shown(least)),
            Goal::AtMost(most) => format!("at most {}", shown(most)),
        });
        self.wanted = Some(goal);
        self
    }

    /// With what it would be good to reach beyond the goal; not judged.
    pub fn stretch(mut self, value: f64) -> Self {
        self.goal = self.goal.map(|goal| format!("{goal}, stretch {}", shown(value)));
        self
    }

    /// With what limits it.
    pub fn limit(mut self, limit: impl Into<String>) -> Self {
        self.limit = Some(limit.into());
        self
    }

    /// With something to compare it with.
    pub fn peer(mut self, peer: impl Into<String>) -> Self {
        self.peer = Some(peer.into());
        self
    }

    /// With how busy the machine was with other work.
    pub fn beside(mut self, usages: &[Usage]) -> Self {
        self.others_cores = Some(median(&usages.iter().map(Usage::others_cores).collect::<Vec<_>>()));
        self
    }
}

/// The middle value; of an even number the lower one of the two in the middle.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

/// Prints figures as they come, or all of them at the end.
#[derive(Debug)]
pub struct Report {
    quick: bool,
    json: bool,
    table: Vec<Figure>,
}

impl Report {
    /// An empty report.
    pub fn new(quick: bool, json: bool) -> Self {
        Self { quick, json, table: Vec::new() }
    }

    /// Whether figures are printed as JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Adds a figure. The goals are for the full inputs.
    pub fn add(&mut self, mut figure: Figure) -> anyhow::Result<()> {
        if !self.quick {
            figure.met = figure.wanted.map(|goal| match goal {
                Goal::AtLeast(least) => figure.value >= least,
                Goal::AtMost(most) => figure.value <= most,
            });
        }
        if self.json {
            writeln!(std::io::stdout(), "{}", serde_json::to_string(&figure)?)?;
        } else {
            self.table.push(figure);
        }
        Ok(())
    }

    /// Prints what was added since the last table.
    pub fn table(&mut self, title: &str) -> anyhow::Result<()> {
        if self.json || self.table.is_empty() {
            return Ok(());
        }
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(["figure", "value", "unit", "goal", "met", "others", "notes"]);
        for figure in self.table.drain(..) {
            let met = figure.met.map_or("", |met| if met { "yes" } else { "NO" });
            let notes = [figure.peer, figure.limit].into_iter().flatten().collect::<Vec<_>>().join("; ");
            let others = figure.others_cores.map(|cores| format!("{cores:.1}")).unwrap_or_default();
            let goal = figure.goal.unwrap_or_default();
            table.add_row([
                figure.figure,
                shown(figure.value),
                figure.unit.into(),
                goal,
                met.into(),
                others,
                notes,
            ]);
        }
        for column in [1, 5] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let quick = if self.quick { " (quick: inputs ten times smaller, goals not judged)" } else { "" };
        writeln!(std::io::stdout(), "\n{title}{quick}\n\n{table}")?;
        Ok(())
    }
}

/// Says what is being measured. Goes to the error stream, so that JSON stays clean.
pub fn say(what: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stderr(), "{what}")?)
}

fn shown(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_a_measured_value() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0]) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_figure_has_the_documented_fields() {
        let figure = Figure::new("puts", "1/s", 1234.5).goal(Goal::AtLeast(1000.0)).limit("fsync");
        insta::assert_snapshot!(
            serde_json::to_string(&figure).unwrap(),
            @r#"{"figure":"puts","value":1234.5,"unit":"1/s","peer":null,"limit":"fsync","goal":"at least 1000","met":null}"#
        );
    }
}
