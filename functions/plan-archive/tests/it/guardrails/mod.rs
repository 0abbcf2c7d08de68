//! The matrices of 7.2 to 7.4 against stored data: real uploads, judged by the planner. The tables stand in the order of
//! the specification; the pure judgement has the same ones (shared/dumps/tests/it/guard).

mod health_check;
mod same_content;
mod scene;
mod time;
