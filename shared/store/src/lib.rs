//! All SQL of Landfall, one file per table or aggregate.
