//! The names of events. They are part of what clients rely on: none is ever renamed.

/// A call was accepted, or is inspected again.
pub const CALL_QUEUED: &str = "call.queued";
/// A call has come a step further; the payload's `state` says how far.
pub const CALL_PROGRESS: &str = "call.progress";
/// A call's result stands.
pub const CALL_INSPECTED: &str = "call.inspected";
/// A call was given up; the payload's `failure` says why.
pub const CALL_FAILED: &str = "call.failed";
/// An appeal was opened.
pub const APPEAL_OPENED: &str = "appeal.opened";
/// An appeal was moved on.
pub const APPEAL_MOVED: &str = "appeal.moved";
/// A person revised a finding.
pub const FINDING_REVISED: &str = "finding.revised";

/// The events that receivers are told of; the others are for those who watch.
pub const TOLD: &[&str] =
    &[CALL_INSPECTED, CALL_FAILED, APPEAL_OPENED, APPEAL_MOVED, FINDING_REVISED];
