//! What one object costs, from what was measured of two kinds of dumps.

use super::inputs::{Inputs, Mix};

/// A cost that grows with the parsed files and the rows of an object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Of every object.
    pub base: f64,
    /// Of each parsed file.
    pub file: f64,
    /// Of each row.
    pub row: f64,
}

impl Line {
    /// The line through two points, given as (files, rows, cost), where the cost of a row is known.
    pub fn through(small: (f64, f64, f64), full: (f64, f64, f64), row: f64) -> Self {
        let without_rows = |(files, rows, cost): (f64, f64, f64)| (files, cost - row * rows);
        let ((few, low), (many, high)) = (without_rows(small), without_rows(full));
        let file = (high - low) / (many - few);
        Self { base: low - file * few, file, row }
    }

    /// The cost of an object with so many files and rows in all.
    pub fn at(self, files: f64, rows: f64) -> f64 {
        self.base + self.parts(files, rows)
    }

    /// The part of it that is due to files and rows.
    pub fn parts(self, files: f64, rows: f64) -> f64 {
        self.file * files + self.row * rows
    }
}

/// What a dump costs.
#[derive(Debug, Clone, Copy)]
pub struct Costs {
    /// Statements.
    pub statements: Line,
    /// Transactions.
    pub commits: Line,
    /// Processor time of Postgres, in ms.
    pub database_ms: Line,
    /// Processor time of ours, in ms.
    pub own_ms: Line,
}

impl Costs {
    /// From the measured figures.
    pub fn of(inputs: &Inputs) -> Self {
        let m = &inputs.measured;
        let line = |small: f64, full: f64, row: f64| {
            Line::through(
                (m.small_files.value, 0.0, small),
                (m.full_files.value, m.full_rows.value, full),
                row,
            )
        };
        let row_ms = |cores: f64| cores / m.insert_rate.value * 1000.0;
        let full_database = m.full_ms.value * m.full_database_share.value;
        let full_own = m.full_ms.value - full_database;
        Self {
            statements: line(m.small_statements.value, m.full_statements.value, 0.0),
            commits: line(m.small_commits.value, m.full_commits.value, 0.0),
            database_ms: line(
                m.small_database_ms.value,
                full_database,
                row_ms(m.insert_database_cores.value),
            ),
            own_ms: line(m.small_own_ms.value, full_own, row_ms(m.insert_own_cores.value)),
        }
    }
}

impl Mix {
    /// Whether it is worked on behind the front door.
    pub fn is_dump(&self) -> bool {
        self.elements > 0.0
    }

    /// Parsed files of one object.
    pub fn all_files(&self) -> f64 {
        self.elements * self.files
    }

    /// Rows of one object.
    pub fn all_rows(&self) -> f64 {
        self.all_files() * self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * b.abs().max(1.0)
    }

    #[test]
    fn a_line_goes_through_both_points_and_knows_its_parts() {
        let line = Line::through((1.0, 0.0, 10.0), (20.0, 1000.0, 67.0), 0.01);
        assert!(near(line.at(1.0, 0.0), 10.0) && near(line.at(20.0, 1000.0), 67.0), "{line:?}");
        assert!(near(line.file, 47.0 / 19.0) && near(line.parts(2.0, 100.0), 2.0 * line.file + 1.0));
    }

    #[test]
    fn the_model_gives_back_what_was_measured() {
        let inputs = Inputs::ours().unwrap();
        let (m, costs) = (&inputs.measured, Costs::of(&inputs));
        let (files, rows) = (m.full_files.value, m.full_rows.value);
        assert!(near(costs.statements.at(files, rows), m.full_statements.value));
        assert!(near(costs.commits.at(m.small_files.value, 0.0), m.small_commits.value));
        let full = costs.database_ms.at(files, rows) + costs.own_ms.at(files, rows);
        assert!(near(full, m.full_ms.value), "{full}");
        for line in [costs.statements, costs.commits, costs.database_ms, costs.own_ms] {
            assert!(line.base > 0.0 && line.file > 0.0 && line.row >= 0.0, "{line:?}");
        }
    }
}
