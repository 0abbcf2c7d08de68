//! Fingerprint, catalogue, plan and verdict of a dump archive in one pass.
