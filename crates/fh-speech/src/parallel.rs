use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::SpeechError;
use crate::engine::{Clip, Recognized};

/// Lets several workers share clips, each taking the next one when it is done with the last.
///
/// Results are in the order of the clips. After an error no further clip is begun, and the error of
/// the first clip that has one is the answer.
pub(crate) fn share<W: Send>(
    workers: &mut [W],
    clips: &[Clip<'_>],
    recognize: impl Fn(&mut W, &Clip<'_>) -> Result<Recognized, SpeechError> + Sync,
) -> Result<Vec<Recognized>, SpeechError> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let results: Vec<_> = clips.iter().map(|_| Mutex::new(None)).collect();
    let work = |worker: &mut W| {
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let (Some(clip), Some(result)) = (clips.get(index), results.get(index)) else {
                break;
            };
            let heard = recognize(worker, clip);
            if heard.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            *result.lock().expect("no other thread takes this clip") = Some(heard);
        }
    };
    match workers {
        [only] => work(only),
        several => thread::scope(|scope| {
            for worker in several.iter_mut().take(clips.len()) {
                scope.spawn(|| work(worker));
            }
        }),
    }
    // A clip without a result stands behind one with an error, or was never begun because of it.
    results
        .into_iter()
        .filter_map(|result| result.into_inner().expect("the threads ended without a panic"))
        .collect()
}
