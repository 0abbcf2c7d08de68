//! Workloads, peers and the comparison tables they print.
