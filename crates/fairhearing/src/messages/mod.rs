//! What the program says to people, in English and in Chinese.
//!
//! [`Catalogue`] names every text once; [`en`] and [`zh`] fill it, so a text that one language
//! lacks does not compile. Names in braces are filled in by [`fill`].

mod catalogue;
mod diagnostics_zh;
mod en;
mod help_zh;
mod mistakes_zh;
mod sentences;
mod zh;

use std::fmt::Display;

pub(crate) use catalogue::Catalogue;
pub(crate) use diagnostics_zh::in_chinese as diagnostic_in_chinese;
pub(crate) use help_zh::in_chinese as help_in_chinese;
pub(crate) use mistakes_zh::in_chinese as mistake_in_chinese;
pub(crate) use sentences::{
    CallContext, clock_length, in_own_language, per_minute, percent, seconds,
};

/// The language in which the program speaks to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Lang {
    /// Chinese (simplified).
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The language that the locale variables ask for, given in the order of their weight
    /// (`LC_ALL`, `LC_MESSAGES`, `LANG`): Chinese where the first that is set begins with `zh`.
    pub(crate) fn from_locale<'a>(variables: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        match variables.into_iter().flatten().find(|value| !value.is_empty()) {
            Some(value) if value.to_ascii_lowercase().starts_with("zh") => Self::Zh,
            _ => Self::En,
        }
    }

    /// The language as calls are spoken in it.
    pub(crate) const fn as_spoken(self) -> fh_model::Language {
        match self {
            Self::Zh => fh_model::Language::ZhCn,
            Self::En => fh_model::Language::EnUs,
        }
    }

    /// The texts of this language.
    pub(crate) const fn catalogue(self) -> &'static Catalogue {
        match self {
            Self::En => &en::CATALOGUE,
            Self::Zh => &zh::CATALOGUE,
        }
    }
}

/// Puts `values` where `template` names them in braces.
///
/// A value is never looked through again, so braces in a file's name stay what they are.
pub(crate) fn fill(template: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        text.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        let named = after.find('}').and_then(|close| {
            let (_, value) = values.iter().find(|(name, _)| *name == &after[..close])?;
            Some((close, value))
        });
        match named {
            Some((close, value)) => {
                text.push_str(&value.to_string());
                rest = &after[close + 1..];
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn names_in(template: &str) -> BTreeSet<&str> {
        template.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0)).collect()
    }

    #[test]
    fn both_languages_name_the_same_values() {
        let pairs = en::CATALOGUE.entries().into_iter().zip(zh::CATALOGUE.entries());
        for ((key, english), (_, chinese)) in pairs {
            assert!(!english.is_empty() && !chinese.is_empty(), "`{key}` is empty");
            assert_eq!(names_in(english), names_in(chinese), "`{key}`");
        }
    }

    #[test]
    fn the_chinese_texts_are_chinese() {
        for (key, text) in zh::CATALOGUE.entries() {
            // Han characters, or at least their punctuation: "{scenario}：{sum}".
            assert!(!text.is_ascii(), "`{key}` = {text:?}");
        }
    }

    #[test]
    fn values_are_filled_in_once() {
        let check = |template, expected: &str| {
            assert_eq!(fill(template, &[("a", &"{b}"), ("b", &2)]), expected);
        };
        check("{a} and {b}", "{b} and 2");
        check("{unknown} {b}", "{unknown} 2");
        check("open { brace {b}", "open { brace 2");
        check("{b", "{b");
    }

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let check = |variables: [Option<&str>; 3], expected| {
            assert_eq!(Lang::from_locale(variables), expected);
        };
        check([None, None, Some("zh_CN.UTF-8")], Lang::Zh);
        check([Some("C"), None, Some("zh_CN.UTF-8")], Lang::En);
        check([Some(""), Some("zh_TW"), Some("en_US.UTF-8")], Lang::Zh);
        check([None, None, None], Lang::En);
    }
}
