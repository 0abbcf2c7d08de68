//! One network element of one dump: planned members to rows and ledger.
