//! Identities, states, stages, stage messages, dispositions, digests and time: what every part of Landfall agrees on.
