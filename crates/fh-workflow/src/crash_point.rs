//! Places where a test lets the process die or stand still: at the boundaries of each step and in
//! its middle. Nothing of it is in a release build.

use std::str::FromStr;

use fh_model::CallId;

/// A place in a job, and what happens there. Written `decode_and_measure:middle`, or
/// `notify:after:pause`, or `inspect_call:before:die:` and a call's identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrashPoint {
    step: String,
    place: String,
    /// Whether the process stands still as by SIGSTOP; else it dies.
    pauses: bool,
    /// For this call only.
    call: Option<CallId>,
}

impl FromStr for CrashPoint {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let expected =
            || format!("expected `step:before`, `step:middle` or `step:after`, found `{text}`");
        let mut parts = text.split(':');
        let (step, place) = parts.next().zip(parts.next()).ok_or_else(expected)?;
        if !["before", "middle", "after"].contains(&place) {
            return Err(expected());
        }
        let pauses = match parts.next() {
            None | Some("die") => false,
            Some("pause") => true,
            Some(_) => return Err(expected()),
        };
        let call = parts.next().map(str::parse).transpose().map_err(|_| expected())?;
        Ok(Self { step: step.to_owned(), place: place.to_owned(), pauses, call })
    }
}

#[cfg(debug_assertions)]
static ARMED: std::sync::OnceLock<CrashPoint> = std::sync::OnceLock::new();

/// Whether the process has stood still; it does so once.
#[cfg(debug_assertions)]
static PAUSED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// Arms this process for `point`. Does nothing in a release build.
pub fn arm(point: CrashPoint) {
    #[cfg(debug_assertions)]
    drop(ARMED.set(point));
    #[cfg(not(debug_assertions))]
    drop(point);
}

/// Dies or stands still here, if armed for it.
pub(crate) fn reach(step: &str, place: &str, call: Option<CallId>) {
    #[cfg(debug_assertions)]
    if let Some(point) = ARMED.get()
        && (point.step.as_str(), point.place.as_str()) == (step, place)
        && (point.call.is_none() || point.call == call)
    {
        if point.pauses {
            if PAUSED.swap(true, std::sync::atomic::Ordering::Relaxed) {
                return;
            }
            let this = rustix::process::getpid();
            // Cannot fail: it is our own process and a signal that there is.
            let _ = rustix::process::kill_process(this, rustix::process::Signal::STOP);
        } else {
            std::process::abort();
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = (step, place, call);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read() {
        let point: CrashPoint = "fetch_recording:middle".parse().unwrap();
        assert_eq!(
            (point.step.as_str(), point.pauses, point.call),
            ("fetch_recording", false, None)
        );
        assert!("notify:after:pause".parse::<CrashPoint>().unwrap().pauses);
        let call = CallId(uuid::Uuid::nil());
        let point: CrashPoint = format!("inspect_call:before:die:{call}").parse().unwrap();
        assert_eq!(point.call, Some(call));
        for text in ["", "notify", "notify:during", "notify:after:sleep", "a:before:die:1"] {
            assert!(text.parse::<CrashPoint>().is_err(), "{text}");
        }
    }
}
