//! Front door: notifications to identities, ledger rows and hand-on.
