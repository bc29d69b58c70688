//! The states of a call as Huawei's API numbers them: the only place that knows these numbers.
//!
//! <https://support.huaweicloud.com/intl/en-us/api-cec/cec_07_2492.html>, `status`.

use fh_store::{CallState, FailureKind};

use CallState::{Cancelled, Done, Failed, Fetching, Inspecting, Measuring, Queued, Recognizing};
use FailureKind::{
    DailyLimit, NoRecognizer, NotRecognizable, NothingSaid, RecognitionFailed, RecognizerRefused,
    RecognizerUnreachable, RecordingInvalid, RecordingUnreachable, ResultNotKept, RulesFailed,
    TextInspectionFailed, WorkFailed,
};

/// Every documented number with our states that it stands for.
///
/// A call that was cancelled ends as 9, for which the documents have no better word. 32 and 37 are
/// not told apart there: here 32 is a recogniser that failed or is missing, 37 one that worked and
/// could make nothing of the sound.
pub(crate) const STATUSES: &[(i64, &[CallState])] = &[
    // The call is waiting for inspection.
    (0, &[Queued, Fetching, Measuring]),
    // The ASR is in progress.
    (3, &[Recognizing]),
    // The inspection is in progress.
    (1, &[Inspecting]),
    // The inspection is successful.
    (2, &[Done]),
    // An error occurs, or the daily limit is reached.
    (9, &[Failed(DailyLimit), Cancelled]),
    // The voice content of the ASR result is empty.
    (31, &[Failed(NothingSaid)]),
    // The ASR fails.
    (32, &[Failed(RecognitionFailed), Failed(NoRecognizer)]),
    // The voice file fails to be uploaded to the ASR.
    (33, &[Failed(RecognizerUnreachable)]),
    // The (third-party) ASR result transfer task fails to be submitted.
    (34, &[Failed(RecognizerRefused)]),
    // The multimedia inspection task fails to be executed.
    (35, &[Failed(TextInspectionFailed)]),
    // The TUC (rules) inspection fails.
    (36, &[Failed(RulesFailed)]),
    // The ASR fails to convert the voice file to a text file.
    (37, &[Failed(NotRecognizable)]),
    // The inspection result fails to be updated.
    (38, &[Failed(ResultNotKept)]),
    // The inspection task fails to be executed.
    (39, &[Failed(WorkFailed)]),
    // The voice file is invalid; one that is not where the client says is, too.
    (40, &[Failed(RecordingInvalid), Failed(RecordingUnreachable)]),
];

/// The number of a state. A state that this dialect does not know yet is a generic failure.
pub(crate) fn status_of(state: CallState) -> i64 {
    STATUSES.iter().find(|(_, states)| states.contains(&state)).map_or(9, |(status, _)| *status)
}

/// The states that a number stands for; `None` where the documents have no such number.
pub(crate) fn states_of(status: i64) -> Option<&'static [CallState]> {
    STATUSES.iter().find(|(number, _)| *number == status).map(|(_, states)| *states)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_state_has_one_number_and_every_number_a_state() {
        let documented = [0, 1, 2, 3, 9, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40];
        let mut states =
            vec![Queued, Fetching, Measuring, Recognizing, Inspecting, Done, Cancelled];
        states.extend(FailureKind::ALL.map(Failed));
        for &state in &states {
            let homes = STATUSES.iter().filter(|(_, states)| states.contains(&state)).count();
            assert_eq!(homes, 1, "{state}");
            assert!(states_of(status_of(state)).unwrap().contains(&state));
        }
        let reached: BTreeSet<i64> = states.into_iter().map(status_of).collect();
        assert_eq!(reached, documented.into());
        assert_eq!(states_of(4), None);
    }
}
