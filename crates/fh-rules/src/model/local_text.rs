use fh_model::Language;
use serde::Serialize;

/// A text for people in English, in Chinese, or in both. One of them is never empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct LocalText {
    /// In English; empty where the author gave none.
    pub en: String,
    /// In Chinese; empty where the author gave none.
    pub zh: String,
}

impl LocalText {
    /// The same text for both.
    pub fn same(text: &str) -> Self {
        Self { en: text.to_owned(), zh: text.to_owned() }
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.en.is_empty() && self.zh.is_empty()
    }

    /// The text in `language`, or in the other one where that is empty.
    pub fn pick(&self, language: Language) -> &str {
        let (wanted, other) = match language {
            Language::ZhCn => (&self.zh, &self.en),
            _ => (&self.en, &self.zh),
        };
        if wanted.is_empty() { other } else { wanted }
    }

    /// Both texts, as `English / 中文`; one where they are alike or the other is missing.
    pub fn both(&self) -> String {
        if self.en.is_empty() || self.en == self.zh {
            self.zh.clone()
        } else if self.zh.is_empty() {
            self.en.clone()
        } else {
            format!("{} / {}", self.en, self.zh)
        }
    }
}
