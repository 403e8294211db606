//! The binary form of programs: round trips, damage, and what the verifier lets through.
