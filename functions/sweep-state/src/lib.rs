//! Unsent outbox rows, due retries, expired leases, partitions ahead.
