/// How much a rule file may ask of the machine that reads it.
///
/// The values are far above what a person writes and far below what would hurt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one source.
    pub source_bytes: usize,
    /// Sources read together.
    pub sources: usize,
    /// Lists and mappings within one another.
    pub depth: usize,
    /// YAML nodes of one source.
    pub nodes: usize,
    /// Rules of all sources.
    pub rules: usize,
    /// Phrases of all phrase lists.
    pub phrases: usize,
    /// Phrases of all conditions, those of a list counted wherever the list is used.
    pub phrase_uses: usize,
    /// Characters of one phrase.
    pub phrase_chars: usize,
    /// Conditions of one rule.
    pub conditions: usize,
    /// Names and operators in one `flag_if`.
    pub expression_terms: usize,
    /// Utterances in one test's dialogue.
    pub dialogue_lines: usize,
    /// Diagnostics that are reported; the rest are left out, but never the only error.
    pub diagnostics: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            source_bytes: 8 << 20,
            sources: 10_000,
            depth: 12,
            nodes: 1_000_000,
            rules: 100_000,
            phrases: 1_000_000,
            phrase_uses: 2_000_000,
            phrase_chars: 200,
            conditions: 64,
            expression_terms: 512,
            dialogue_lines: 2_000,
            diagnostics: 200,
        }
    }
}
