/// A step from one version of the tables to the next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    /// 1, 2, 3 ...
    pub(crate) version: i64,
    pub(crate) statements: &'static str,
}

impl Migration {
    /// blake3 of the statements, in hex, so that an edit after the release is found.
    pub(crate) fn checksum(&self) -> String {
        blake3::hash(self.statements.as_bytes()).to_hex().to_string()
    }
}
