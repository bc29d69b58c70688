//! Places where a test lets the process die: at the boundaries of each step and in its middle.
//!
//! Nothing of it is in a release build.

/// A place: a job's kind and `before`, `middle` or `after`, written `decode_and_measure:middle`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrashPoint {
    /// The job's kind.
    pub step: String,
    /// Where in it.
    pub place: String,
}

impl std::str::FromStr for CrashPoint {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some((step, place)) if ["before", "middle", "after"].contains(&place) => {
                Ok(Self { step: step.to_owned(), place: place.to_owned() })
            }
            _ => Err(format!("expected `step:before`, `:middle` or `:after`, found `{text}`")),
        }
    }
}

#[cfg(debug_assertions)]
static ARMED: std::sync::OnceLock<CrashPoint> = std::sync::OnceLock::new();

/// Lets this process die at `point`. Does nothing in a release build.
#[doc(hidden)]
pub fn arm(point: CrashPoint) {
    #[cfg(debug_assertions)]
    drop(ARMED.set(point));
    #[cfg(not(debug_assertions))]
    drop(point);
}

/// Dies here, if armed for it.
pub(crate) fn reach(step: &str, place: &str) {
    #[cfg(debug_assertions)]
    if ARMED.get().is_some_and(|point| point.step == step && point.place == place) {
        std::process::abort();
    }
    #[cfg(not(debug_assertions))]
    let _ = (step, place);
}
