use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::thread;

/// Results that may wait for an earlier one, for each worker. Bounds the memory when one long call
/// stands before many short ones.
const AHEAD: usize = 4;

/// What the workers share: who takes which item.
struct Gate {
    /// The next item that nobody has taken.
    next: usize,
    /// Items whose results were handed on.
    done: usize,
    /// Nobody is to take another.
    closed: bool,
}

/// Does `work` on every item with `workers` threads and hands the results to `take` in the order
/// of the items, on the calling thread.
///
/// Each worker has a state of its own, made by `new_state`. Ends early, with the error, where
/// `take` fails; and without one, once the work at hand is done and handed on, where `stop` becomes
/// true.
/// Gives the number of results that were handed on.
pub(crate) fn in_order<T: Sync, S, R: Send>(
    items: &[T],
    workers: usize,
    stop: &AtomicBool,
    new_state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &T) -> R + Sync,
    mut take: impl FnMut(R) -> io::Result<()>,
) -> io::Result<usize> {
    let workers = workers.clamp(1, items.len().max(1));
    let ahead = workers * AHEAD;
    let gate = Mutex::new(Gate { next: 0, done: 0, closed: false });
    let moved = Condvar::new();
    let (results, arrivals) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers {
            let results = results.clone();
            let (gate, moved, new_state, work) = (&gate, &moved, &new_state, &work);
            scope.spawn(move || {
                let mut state = new_state();
                while let Some(index) = take_item(gate, moved, items.len(), ahead, stop) {
                    if results.send((index, work(&mut state, &items[index]))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(results);
        let mut waiting = BTreeMap::new();
        let mut done = 0;
        let mut outcome = Ok(());
        for (index, result) in arrivals {
            waiting.insert(index, result);
            while let Some(result) = waiting.remove(&done) {
                if outcome.is_ok() {
                    outcome = take(result);
                }
                done += 1;
            }
            let mut gate = gate.lock().unwrap_or_else(PoisonError::into_inner);
            gate.done = done;
            gate.closed |= outcome.is_err();
            moved.notify_all();
        }
        outcome.map(|()| done)
    })
}

/// The index of an item to work on; waits while too many results wait to be handed on.
fn take_item(
    gate: &Mutex<Gate>,
    moved: &Condvar,
    items: usize,
    ahead: usize,
    stop: &AtomicBool,
) -> Option<usize> {
    let mut gate = gate.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if gate.closed || gate.next >= items || stop.load(Ordering::Relaxed) {
            return None;
        }
        if gate.next < gate.done + ahead {
            gate.next += 1;
            return Some(gate.next - 1);
        }
        gate = moved.wait(gate).unwrap_or_else(PoisonError::into_inner);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..200).collect();
        let mut taken = Vec::new();
        let count = in_order(
            &items,
            4,
            &AtomicBool::new(false),
            || (),
            |(), &item| {
                // The first of every ten is slow, so that results arrive out of order.
                if item % 10 == 0 {
                    thread::sleep(Duration::from_millis(5));
                }
                item * 2
            },
            |result| {
                taken.push(result);
                Ok(())
            },
        );
        assert_eq!(count.unwrap(), 200);
        assert_eq!(taken, items.iter().map(|item| item * 2).collect::<Vec<_>>());
    }

    #[test]
    fn a_writer_that_fails_ends_the_work() {
        let items: Vec<u64> = (0..10_000).collect();
        let error = in_order(
            &items,
            2,
            &AtomicBool::new(false),
            || (),
            |(), &item| item,
            |item| if item == 3 { Err(io::Error::other("full")) } else { Ok(()) },
        );
        assert_eq!(error.unwrap_err().to_string(), "full");
    }

    #[test]
    fn a_stop_ends_the_work_after_the_call_at_hand() {
        let stop = AtomicBool::new(false);
        let mut taken = 0;
        let items: Vec<u64> = (0..10_000).collect();
        let count = in_order(
            &items,
            2,
            &stop,
            || (),
            |(), &item| item,
            |item| {
                taken += 1;
                stop.fetch_or(item == 5, Ordering::Relaxed);
                Ok(())
            },
        );
        assert!(count.unwrap() < 10_000);
        assert!(taken >= 6, "{taken}");
    }
}
