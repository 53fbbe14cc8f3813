//! Do real folders and real listeners come to what the documentation promises?

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use tempfile::TempDir;

use super::*;
use crate::error::ErrorCode;
use crate::options::PROBE_TIMEOUT;
use crate::report::EntryStatus;

fn publish(base: &Path, folder: &str, updated_at: &str, port: u16) {
    let text = format!(
        r#"{{"health":"running","instanceId":"{folder}","updatedAt":"{updated_at}","address":"127.0.0.1","port":{port}}}"#
    );
    write(base, folder, &text);
}

fn write(base: &Path, folder: &str, text: &str) {
    fs::create_dir_all(base.join(folder)).unwrap();
    fs::write(base.join(folder).join("configuration.json"), text).unwrap();
}

/// A listener that answers every request as Osaurus does; a thread of the test process, gone with it.
fn osaurus() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ =
                stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nOsaurus Server is running!");
        }
    });
    port
}

/// A port on which nobody listens.
fn nobody() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn request(base: &Path) -> DiscoverOptions {
    DiscoverOptions::new().base_dir(base)
}

fn code(result: Result<Instance, Error>) -> ErrorCode {
    result.expect_err("nothing to be found").code()
}

#[test]
fn the_newest_comes_first_whatever_the_order_of_the_disk() {
    let base = TempDir::new().unwrap();
    publish(base.path(), "B", "2026-01-02T00:00:00Z", 2);
    publish(base.path(), "A", "2026-01-01T00:00:00Z", 1);
    publish(base.path(), "C", "2026-01-03T00:00:00+01:00", 3);

    let ids: Vec<_> = list(&request(base.path()), &CancelToken::new())
        .unwrap()
        .into_iter()
        .map(|each| each.instance_id)
        .collect();
    assert_eq!(ids, ["C", "B", "A"]);
    assert_eq!(latest(&request(base.path()), &CancelToken::new()).unwrap().instance_id, "C");
}

#[test]
fn what_is_wrong_beside_a_good_entry_costs_nothing() {
    let base = TempDir::new().unwrap();
    publish(base.path(), "good", "2026-01-01T00:00:00Z", 1337);
    write(base.path(), "broken", "{");
    write(base.path(), "stopped", r#"{"health":"stopped"}"#);
    fs::create_dir(base.path().join("empty")).unwrap();
    fs::write(base.path().join("file"), "").unwrap();

    assert_eq!(list(&request(base.path()), &CancelToken::new()).unwrap().len(), 1);
}

#[test]
fn each_way_of_finding_nothing_has_its_code() {
    let base = TempDir::new().unwrap();
    let look = |request: &DiscoverOptions| code(latest(request, &CancelToken::new()));

    assert_eq!(look(&request(&base.path().join("missing"))), ErrorCode::NotFound);
    assert_eq!(look(&request(base.path())), ErrorCode::NotFound);

    fs::write(base.path().join("file"), "").unwrap();
    assert_eq!(look(&request(&base.path().join("file"))), ErrorCode::Io);

    publish(base.path(), "dead", "2026-01-01T00:00:00Z", nobody());
    assert_eq!(look(&request(base.path()).verify(PROBE_TIMEOUT)), ErrorCode::NotResponding);

    write(base.path(), "soon", r#"{"health":"starting","updatedAt":"2026-01-01T00:00:00Z"}"#);
    assert_eq!(look(&request(base.path()).verify(PROBE_TIMEOUT)), ErrorCode::Starting);
    assert_eq!(list(&request(base.path()).verify(PROBE_TIMEOUT), &CancelToken::new()), Ok(Vec::new()));
}

#[test]
fn the_folder_above_the_right_one_is_told_apart_from_an_osaurus_that_does_not_run() {
    let above = TempDir::new().unwrap();
    publish(&above.path().join("runtime"), "A", "2026-01-01T00:00:00Z", 1337);
    fs::create_dir(above.path().join("models")).unwrap();

    let error = latest(&request(above.path()), &CancelToken::new()).expect_err("nothing is right here");
    assert_eq!(error.code(), ErrorCode::NotFound);
    let right = above.path().join("runtime");
    assert!(
        error.to_string().contains(&format!("(2 missing-file). Look in {} instead", right.display())),
        "{error}"
    );
    assert!(latest(&request(&right), &CancelToken::new()).is_ok());
}

#[test]
fn verifying_passes_over_the_dead_and_takes_entries_of_one_port_for_one_server() {
    let base = TempDir::new().unwrap();
    let port = osaurus();
    publish(base.path(), "newest but dead", "2026-01-03T00:00:00Z", nobody());
    publish(base.path(), "relaunched", "2026-01-02T00:00:00Z", port);
    publish(base.path(), "crashed before", "2026-01-01T00:00:00Z", port);
    let request = request(base.path()).verify(PROBE_TIMEOUT);

    let found = latest(&request, &CancelToken::new()).unwrap();
    assert_eq!((&*found.instance_id, found.url), ("relaunched", format!("http://127.0.0.1:{port}")));
    assert_eq!(list(&request, &CancelToken::new()).unwrap().len(), 1);

    let report = inspect(&request, &CancelToken::new()).unwrap();
    let reasons: Vec<_> = report
        .entries
        .iter()
        .filter_map(|entry| match &entry.status {
            EntryStatus::Ignored { ignored, .. } => Some(ignored.reason.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(
        reasons,
        ["duplicate-port", "not-responding"],
        "ordered by name: crashed before, newest but dead"
    );
}

#[test]
fn a_raised_flag_ends_a_call_before_and_while_it_waits() {
    let base = TempDir::new().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    publish(base.path(), "hung", "2026-01-01T00:00:00Z", silent.local_addr().unwrap().port());
    let request = request(base.path()).verify(Duration::from_secs(60));

    let cancel = CancelToken::new();
    let waiting = thread::spawn({
        let (request, cancel) = (request.clone(), cancel.clone());
        move || latest(&request, &cancel)
    });
    let (_connection, _) = silent.accept().unwrap();
    cancel.cancel();

    assert_eq!(code(waiting.join().unwrap()), ErrorCode::Cancelled);
    assert_eq!(code(latest(&request, &cancel)), ErrorCode::Cancelled);
}
