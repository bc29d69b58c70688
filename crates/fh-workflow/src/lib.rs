//! What the system does with a call, from its submission to its result.

pub mod fetch;
