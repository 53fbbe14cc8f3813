//! Tests the watcher of the crate without Node.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::*;
use crate::error::ErrorCode;

/// Far longer than anything that works needs.
const LONG: Duration = Duration::from_secs(20);

fn publish(base: &Path, id: &str, port: u16) {
    let directory = base.join(id);
    fs::create_dir_all(&directory).unwrap();
    let text = format!(r#"{{"instanceId":"{id}","health":"running","address":"127.0.0.1","port":{port}}}"#);
    fs::write(directory.join("new"), text).unwrap();
    fs::rename(directory.join("new"), directory.join("configuration.json")).unwrap();
}

fn watched(base: &Path) -> (Watcher, Receiver<Event>) {
    let (tell, told) = channel();
    // The send fails once the receiver is gone.
    let watcher = watch(&DiscoverOptions::new().base_dir(base), move |event| drop(tell.send(event))).unwrap();
    (watcher, told)
}

fn ports(told: &Receiver<Event>) -> Vec<u16> {
    match told.recv_timeout(LONG).unwrap() {
        Event::Change(change) => change.instances.iter().map(|instance| instance.port).collect(),
        Event::Warning(error) => panic!("{error}"),
    }
}

#[test]
fn changes_are_told_from_the_state_at_the_start_to_the_last_before_it_is_dropped() {
    let base = tempfile::tempdir().unwrap();
    let (watcher, told) = watched(base.path());
    assert!(ports(&told).is_empty());
    assert_eq!(watcher.reason().map(|error| error.code()), Some(ErrorCode::NotFound));
    publish(base.path(), "A", 1);
    assert_eq!(ports(&told), [1]);
    assert_eq!(watcher.reason(), None);
    publish(base.path(), "A", 2);
    assert_eq!(ports(&told), [2]);
    drop(watcher);
    publish(base.path(), "A", 3);
    assert!(told.recv_timeout(LONG).is_err(), "its sender goes with the watcher");
}

#[test]
fn a_watcher_may_be_closed_and_opened_by_what_it_calls() {
    let base = tempfile::tempdir().unwrap();
    publish(base.path(), "A", 1);
    let (tell, told) = channel();
    let path = base.path().to_owned();
    let mut inner = None;
    let outer = watch(&DiscoverOptions::new().base_dir(base.path()), move |event| {
        let tell = tell.clone();
        inner.get_or_insert_with(|| {
            watch(&DiscoverOptions::new().base_dir(&path), move |event| drop(tell.send(event))).unwrap()
        });
        drop(event);
    })
    .unwrap();
    assert_eq!(ports(&told), [1]);
    drop(outer);
    assert!(told.recv_timeout(LONG).is_err(), "what a callback owns goes with its watcher");
}

#[test]
fn a_callback_that_panics_costs_its_own_event_alone() {
    let base = tempfile::tempdir().unwrap();
    let clumsy =
        watch(&DiscoverOptions::new().base_dir(base.path()), |_| panic!("of the app, on purpose")).unwrap();
    let (watcher, told) = watched(base.path());
    assert!(ports(&told).is_empty());
    publish(base.path(), "A", 1);
    assert_eq!(ports(&told), [1]);
    drop((clumsy, watcher));
}
