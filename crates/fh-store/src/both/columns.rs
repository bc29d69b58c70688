//! Columns as our types.

use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use uuid::Uuid;

use super::Row;
use crate::StoreError;
use crate::names::{Named, named};

/// What a row has under a column's name.
pub(super) trait Columns {
    fn text(&self, column: &str) -> Result<String, StoreError>;
    fn optional_text(&self, column: &str) -> Result<Option<String>, StoreError>;
    fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError>;
    fn number(&self, column: &str) -> Result<i64, StoreError>;
    fn optional_number(&self, column: &str) -> Result<Option<i64>, StoreError>;
    fn flag(&self, column: &str) -> Result<bool, StoreError>;
    fn uuid(&self, column: &str) -> Result<Uuid, StoreError>;
    fn optional_uuid(&self, column: &str) -> Result<Option<Uuid>, StoreError>;

    fn small<T: TryFrom<i64>>(&self, column: &str) -> Result<T, StoreError> {
        let number = self.number(column)?;
        T::try_from(number).map_err(|_| unfit(column, "a smaller number", number))
    }

    fn moment(&self, column: &str) -> Result<Timestamp, StoreError> {
        moment(column, self.number(column)?)
    }

    fn optional_moment(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        self.optional_number(column)?.map(|micros| moment(column, micros)).transpose()
    }

    fn length(&self, column: &str) -> Result<Duration, StoreError> {
        Ok(Duration::from_micros(self.small(column)?))
    }

    fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        from_json(column, &self.text(column)?)
    }

    fn optional_json<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, StoreError> {
        self.optional_text(column)?.map(|text| from_json(column, &text)).transpose()
    }

    fn parsed<T: FromStr>(&self, column: &str) -> Result<T, StoreError> {
        let text = self.text(column)?;
        text.parse().map_err(|_| unfit(column, "a name that this version knows", text))
    }

    fn named<T: Named + Clone>(&self, column: &str) -> Result<T, StoreError> {
        named(&self.text(column)?)
    }
}

impl Columns for Row {
    fn text(&self, column: &str) -> Result<String, StoreError> {
        Ok(self.try_get(column)?)
    }
    fn optional_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        Ok(self.try_get(column)?)
    }
    fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError> {
        Ok(self.try_get(column)?)
    }
    fn number(&self, column: &str) -> Result<i64, StoreError> {
        Ok(self.try_get(column)?)
    }
    fn optional_number(&self, column: &str) -> Result<Option<i64>, StoreError> {
        Ok(self.try_get(column)?)
    }
    fn flag(&self, column: &str) -> Result<bool, StoreError> {
        Ok(self.try_get(column)?)
    }
    fn uuid(&self, column: &str) -> Result<Uuid, StoreError> {
        Ok(self.try_get(column)?)
    }
    fn optional_uuid(&self, column: &str) -> Result<Option<Uuid>, StoreError> {
        Ok(self.try_get(column)?)
    }
}

/// Microseconds as they are kept; what is finer is cut.
pub(super) fn micros(moment: Timestamp) -> i64 {
    moment.as_microsecond()
}

/// A length in microseconds; one of more than 292,000 years is that.
pub(super) fn length(length: Duration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}

/// A count of bytes, milliseconds or rows; none is so large that it does not fit.
pub(super) fn count(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

pub(super) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the stored types have string keys and no failing parts")
}

fn moment(column: &str, micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros).map_err(|_| unfit(column, "a moment", micros))
}

fn from_json<T: DeserializeOwned>(column: &str, text: &str) -> Result<T, StoreError> {
    // Not the text itself: it may be personal.
    serde_json::from_str(text).map_err(|fault| unfit(column, "its JSON", fault))
}

fn unfit(column: &str, expected: &str, found: impl std::fmt::Display) -> StoreError {
    StoreError::Unfit {
        expected: format!("{expected} in the column `{column}`"),
        found: format!("`{found}`"),
    }
}
