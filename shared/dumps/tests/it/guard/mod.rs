//! Verdicts: every row of the matrices (specs: dumps 7.1 to 7.5).

mod any;
mod health_check;
mod outcome;
mod same_content;
mod scene;
mod time;
