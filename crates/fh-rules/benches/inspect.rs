//! How long one call takes; filled in once the engine stands.
fn main() {}
