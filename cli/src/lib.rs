//! The landfall command: run it locally or self-hosted, and operate it.
