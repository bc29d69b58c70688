use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Defines a number of whole hundredths that is written as a decimal number.
///
/// Whole hundredths add up exactly and print alike on every machine; a float does neither.
macro_rules! hundredths {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name {
            hundredths: i64,
        }

        impl $name {
            /// From whole hundredths: `150` is 1.5.
            pub const fn from_hundredths(hundredths: i64) -> Self {
                Self { hundredths }
            }

            /// From a whole number.
            pub const fn whole(number: i32) -> Self {
                Self { hundredths: number as i64 * 100 }
            }

            /// Rounds to the nearest hundredth; infinities and NaN give `None`.
            pub fn from_f64(number: f64) -> Option<Self> {
                let scaled = (number * 100.0).round();
                // 2^53 is where a float stops telling neighbouring integers apart.
                (scaled.abs() < 9_007_199_254_740_992.0)
                    .then_some(Self { hundredths: scaled as i64 })
            }

            /// As whole hundredths.
            pub const fn hundredths(self) -> i64 {
                self.hundredths
            }

            /// As a floating-point number, for people and for vendors' wire formats.
            pub fn as_f64(self) -> f64 {
                self.hundredths as f64 / 100.0
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self { hundredths: self.hundredths.saturating_add(other.hundredths) }
            }
        }

        impl Neg for $name {
            type Output = Self;
            fn neg(self) -> Self {
                Self { hundredths: self.hundredths.saturating_neg() }
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
                all.fold(Self::default(), Add::add)
            }
        }

        /// The shortest decimal: `-3`, `1.5`, `-23.04`.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let sign = if self.hundredths < 0 { "-" } else { "" };
                let (whole, part) =
                    (self.hundredths.unsigned_abs() / 100, self.hundredths.unsigned_abs() % 100);
                let text = match part {
                    0 => format!("{sign}{whole}"),
                    tenths if tenths % 10 == 0 => format!("{sign}{whole}.{}", tenths / 10),
                    _ => format!("{sign}{whole}.{part:02}"),
                };
                f.pad(&text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if self.hundredths % 100 == 0 {
                    serializer.serialize_i64(self.hundredths / 100)
                } else {
                    serializer.serialize_f64(self.as_f64())
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let number = f64::deserialize(deserializer)?;
                Self::from_f64(number)
                    .ok_or_else(|| de::Error::custom("expected a number with two decimals at most"))
            }
        }
    };
}

hundredths! {
    /// Points of a score, in whole hundredths.
    Points
}

hundredths! {
    /// A level in decibels (relative to full scale, or LUFS where the field says so), in whole
    /// hundredths.
    Decibels
}

impl Points {
    /// Held between `lower` and `upper`; `lower` wins where they cross.
    pub fn clamp_between(self, lower: Self, upper: Self) -> Self {
        self.min(upper).max(lower)
    }
}

impl std::str::FromStr for Points {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.trim().parse::<f64>().ok().and_then(Self::from_f64).ok_or_else(|| {
            format!("expected a number of points such as `-3` or `2.5`, found `{text}`")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_print_as_the_shortest_decimal() {
        let check = |hundredths, expected: &str| {
            assert_eq!(Points::from_hundredths(hundredths).to_string(), expected);
            assert_eq!(
                serde_json::to_string(&Points::from_hundredths(hundredths)).unwrap(),
                expected
            );
        };
        check(-300, "-3");
        check(150, "1.5");
        check(-2304, "-23.04");
        check(-5, "-0.05");
        check(0, "0");
    }

    #[test]
    fn a_score_adds_up_exactly() {
        let tenth = Points::from_f64(0.1).unwrap();
        assert_eq!((0..10).map(|_| tenth).sum::<Points>(), Points::whole(1));
        assert_eq!(Points::from_f64(f64::NAN), None);
    }
}
