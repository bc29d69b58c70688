/// Which of the sources given to the compiler, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourceIndex(pub u32);

/// Where something stands in a rule file. The default is the very start of the first source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// In which source.
    pub source: SourceIndex,
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode code points, from 1.
    pub column: u32,
    /// Length in code points on that line; what goes on over several lines ends with the first.
    pub length: u32,
}

impl Default for Place {
    fn default() -> Self {
        Self { source: SourceIndex(0), line: 1, column: 1, length: 1 }
    }
}

impl Place {
    /// A part of this place: `offset` code points in, `length` long.
    #[must_use]
    pub fn part(self, offset: u32, length: u32) -> Self {
        Self { column: self.column.saturating_add(offset), length: length.max(1), ..self }
    }
}
