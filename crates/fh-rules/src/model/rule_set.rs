use super::{LocalText, PhraseList, Place, Rule, Scenario};

/// Which pack a file belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackHeader {
    /// The pack's id.
    pub id: String,
    /// Its version; 0 where no file says.
    pub version: u32,
    /// For people; may be empty.
    pub name: LocalText,
    /// Where the id is written first.
    pub place: Place,
}

/// All that was read from the sources given together, in the order of the sources.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleSet {
    /// The names of the sources, by [`SourceIndex`](super::SourceIndex).
    pub source_names: Vec<String>,
    /// The packs, in the order in which they first occur. Several files may make one pack.
    pub packs: Vec<PackHeader>,
    /// The phrase lists, for explanations and lints: conditions carry their own phrases.
    pub phrase_lists: Vec<PhraseList>,
    /// The rules. At most 100,000; ids are unique.
    pub rules: Vec<Rule>,
    /// The scenarios; at least one for each pack that has rules: where a pack's files define none,
    /// one with the pack's id, base 100, from 0 to 100, with all of its rules.
    pub scenarios: Vec<Scenario>,
}

impl RuleSet {
    /// The name of the source in which `place` lies; empty for a place in none.
    pub fn source_name(&self, place: Place) -> &str {
        self.source_names.get(place.source.0 as usize).map_or("", String::as_str)
    }

    /// The rule `id`.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}
