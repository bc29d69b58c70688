use crate::syntax::RuleSource;

/// Names the files of a pack under `rules/` and takes their text into the program.
macro_rules! pack_files {
    ($pack:literal: $($file:literal)+) => {
        &[$((
            concat!("rules/", $pack, "/", $file),
            include_str!(concat!("../../../rules/", $pack, "/", $file)),
        )),+]
    };
}

/// Every pack that comes with the program: its id, and its files by name and text.
const SHIPPED: &[(&str, &[(&str, &str)])] = &[(
    "service-quality",
    // In the order of their names, as they would be read from the folder.
    pack_files!("service-quality":
        "00-pack.yaml" "10-opening.yaml" "20-identity.yaml" "30-conduct.yaml" "40-promises.yaml"
        "50-holds.yaml" "60-pace.yaml" "70-complaints.yaml" "80-closing.yaml"),
)];

/// A rule pack that comes with the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippedPack {
    /// The pack's id, which is also its folder's name under `rules/`.
    pub id: &'static str,
    /// Its files.
    pub sources: Vec<RuleSource>,
}

/// The packs that come with the program. The first is used where no other rules are given.
pub fn shipped_packs() -> Vec<ShippedPack> {
    let source = |&(name, text): &(&str, &str)| RuleSource { name: name.into(), text: text.into() };
    SHIPPED
        .iter()
        .map(|&(id, files)| ShippedPack { id, sources: files.iter().map(source).collect() })
        .collect()
}
