//! Tests that one thread is kept for the next job, and that none outlives its owner.

use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, ThreadId};
use std::time::Instant;

use super::*;

const LONG: Duration = Duration::from_secs(60);

/// Runs a job and returns where the id of its thread will arrive. The job ends once `gate` does.
fn run(kept: &KeptThread, gate: Option<Receiver<()>>) -> Receiver<ThreadId> {
    let (sender, receiver) = channel();
    kept.run(Box::new(move || {
        if let Some(gate) = gate {
            let _ = gate.recv();
        }
        let _ = sender.send(thread::current().id());
    }))
    .unwrap();
    receiver
}

/// Waits until a thread waits for a job, or until none does.
fn until_waiting(kept: &KeptThread, wanted: bool) {
    let began = Instant::now();
    while lock(&kept.shared.state).waiting != wanted {
        assert!(began.elapsed() < Duration::from_secs(20), "waiting never became {wanted}");
        thread::yield_now();
    }
}

#[test]
fn a_later_job_runs_on_the_thread_of_the_last_one() {
    let kept = KeptThread::new("test", LONG);
    let first = run(&kept, None).recv().unwrap();
    for _ in 0..100 {
        until_waiting(&kept, true);
        assert_eq!(run(&kept, None).recv().unwrap(), first);
    }
}

#[test]
fn jobs_at_the_same_time_run_at_the_same_time_and_leave_one_thread() {
    let kept = KeptThread::new("test", LONG);
    let (gates, jobs): (Vec<_>, Vec<_>) = (0..8)
        .map(|_| {
            let (gate, opened) = channel();
            (gate, run(&kept, Some(opened)))
        })
        .unzip();
    // All of them run, or the last would never end before the first.
    for (gate, job) in gates.iter().zip(&jobs).rev() {
        gate.send(()).unwrap();
        job.recv().unwrap();
    }
    until_waiting(&kept, true);
    // This thread, the handle, and the one thread that waits.
    let began = Instant::now();
    while Arc::strong_count(&kept.shared) > 2 {
        assert!(began.elapsed() < Duration::from_secs(20), "more than one thread is left");
        thread::yield_now();
    }
}

#[test]
fn the_thread_ends_when_no_job_comes() {
    let kept = KeptThread::new("test", Duration::from_millis(20));
    let first = run(&kept, None).recv().unwrap();
    until_waiting(&kept, true);
    until_waiting(&kept, false);
    assert_ne!(run(&kept, None).recv().unwrap(), first);
}

#[test]
fn the_thread_ends_at_once_when_it_is_closed() {
    let kept = KeptThread::new("test", LONG);
    run(&kept, None).recv().unwrap();
    until_waiting(&kept, true);
    let shared = Arc::clone(&kept.shared);
    drop(kept);
    let began = Instant::now();
    while Arc::strong_count(&shared) > 1 {
        assert!(began.elapsed() < Duration::from_secs(20), "the thread outlives its owner");
        thread::yield_now();
    }
}

#[test]
fn an_accepted_job_runs_although_the_thread_is_closed() {
    for _ in 0..200 {
        let kept = KeptThread::new("test", LONG);
        run(&kept, None).recv().unwrap();
        let job = run(&kept, None);
        kept.close();
        job.recv().expect("the job was dropped");
        run(&kept, None).recv().expect("a job after close() was dropped");
    }
}

#[test]
fn a_panic_harms_no_other_job() {
    let kept = KeptThread::new("test", LONG);
    kept.run(Box::new(|| std::panic::resume_unwind(Box::new("on purpose")))).unwrap();
    run(&kept, None).recv().unwrap();
    until_waiting(&kept, true);
    run(&kept, None).recv().unwrap();
}
