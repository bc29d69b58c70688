use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language that calls are spoken in. Written as in Huawei's API: `zh_CN`, `en_US`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Language {
    /// Mandarin Chinese.
    #[serde(rename = "zh_CN")]
    ZhCn,
    /// English, United States.
    #[serde(rename = "en_US")]
    EnUs,
}

impl Language {
    /// Every language, in the order in which they are listed to people.
    pub const ALL: [Self; 2] = [Self::ZhCn, Self::EnUs];

    /// `zh_CN` or `en_US`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ZhCn => "zh_CN",
            Self::EnUs => "en_US",
        }
    }

    /// `zh` or `en`, as ISO 639-1 and most recognisers write it.
    pub const fn iso_639_1(self) -> &'static str {
        match self {
            Self::ZhCn => "zh",
            Self::EnUs => "en",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A language code that is none of [`Language::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a language such as `zh_CN` or `en_US`, found `{0}`")]
pub struct UnknownLanguage(pub String);

/// Takes `zh_CN`, `zh-cn`, `zh`, `cmn`, `en_US`, `en-GB`, `en`: the language counts, not the region.
impl FromStr for Language {
    type Err = UnknownLanguage;
    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        let primary = text.split(['_', '-']).next().unwrap_or_default().to_ascii_lowercase();
        match primary.as_str() {
            "zh" | "cmn" => Ok(Self::ZhCn),
            "en" => Ok(Self::EnUs),
            _ => Err(UnknownLanguage(text.to_owned())),
        }
    }
}
