//! Tests discovery against real directories and real listeners.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use tempfile::TempDir;

use std::time::Duration;

use super::*;
use crate::error::ErrorCode;
use crate::options::PROBE_TIMEOUT;
use crate::report::{EntryReport, EntryStatus, ProbeOutcome};
use crate::sources::runtime_dir::RuntimeDir;

fn publish(base: &Path, name: &str, updated_at: &str, port: u16) {
    let text = format!(
        r#"{{"health":"running","instanceId":"{name}","updatedAt":"{updated_at}","address":"127.0.0.1","port":{port}}}"#
    );
    write(base, name, &text);
}

fn write(base: &Path, name: &str, text: &str) {
    fs::create_dir_all(base.join(name)).unwrap();
    fs::write(base.join(name).join("configuration.json"), text).unwrap();
}

/// Starts a listener that answers every request as Osaurus does, on a thread that ends with the process.
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

/// Returns a port on which no program listens.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn options(base: &Path) -> DiscoverOptions {
    DiscoverOptions::new().base_dir(base)
}

fn code(result: Result<Instance, Error>) -> ErrorCode {
    result.expect_err("nothing to be found").code()
}

#[test]
fn instances_are_ordered_newest_first() {
    let base = TempDir::new().unwrap();
    publish(base.path(), "B", "2026-01-02T00:00:00Z", 2);
    publish(base.path(), "A", "2026-01-01T00:00:00Z", 1);
    publish(base.path(), "C", "2026-01-03T00:00:00+01:00", 3);

    let ids: Vec<_> = list(&options(base.path()), &CancelToken::new())
        .unwrap()
        .into_iter()
        .map(|each| each.instance_id)
        .collect();
    assert_eq!(ids, ["C", "B", "A"]);
    assert_eq!(latest(&options(base.path()), &CancelToken::new()).unwrap().instance_id, "C");
}

#[test]
fn bad_entries_do_not_hide_a_good_one() {
    let base = TempDir::new().unwrap();
    publish(base.path(), "good", "2026-01-01T00:00:00Z", 1337);
    write(base.path(), "broken", "{");
    write(base.path(), "stopped", r#"{"health":"stopped"}"#);
    fs::create_dir(base.path().join("empty")).unwrap();
    fs::write(base.path().join("file"), "").unwrap();

    assert_eq!(list(&options(base.path()), &CancelToken::new()).unwrap().len(), 1);
}

#[test]
fn each_reason_for_an_empty_result_has_its_code() {
    let base = TempDir::new().unwrap();
    let code_of = |options: &DiscoverOptions| code(latest(options, &CancelToken::new()));

    assert_eq!(code_of(&options(&base.path().join("missing"))), ErrorCode::NotFound);
    assert_eq!(code_of(&options(base.path())), ErrorCode::NotFound);

    fs::write(base.path().join("file"), "").unwrap();
    assert_eq!(code_of(&options(&base.path().join("file"))), ErrorCode::Io);

    publish(base.path(), "dead", "2026-01-01T00:00:00Z", closed_port());
    assert_eq!(code_of(&options(base.path()).verify(PROBE_TIMEOUT)), ErrorCode::NotResponding);

    write(base.path(), "soon", r#"{"health":"starting","updatedAt":"2026-01-01T00:00:00Z"}"#);
    assert_eq!(code_of(&options(base.path()).verify(PROBE_TIMEOUT)), ErrorCode::Starting);
    assert_eq!(list(&options(base.path()).verify(PROBE_TIMEOUT), &CancelToken::new()), Ok(Vec::new()));
}

#[test]
fn the_parent_of_the_runtime_directory_is_recognized() {
    let above = TempDir::new().unwrap();
    publish(&above.path().join("runtime"), "A", "2026-01-01T00:00:00Z", 1337);
    fs::create_dir(above.path().join("models")).unwrap();

    let error = latest(&options(above.path()), &CancelToken::new()).expect_err("nothing is right here");
    assert_eq!(error.code(), ErrorCode::NotFound);
    let right = above.path().join("runtime");
    assert!(
        error.to_string().contains(&format!("(2 missing-file). Pass {} instead", right.display())),
        "{error}"
    );
    assert!(latest(&options(&right), &CancelToken::new()).is_ok());
}

#[test]
fn verifying_skips_dead_servers_and_counts_entries_of_one_port_as_one_server() {
    let base = TempDir::new().unwrap();
    let port = osaurus();
    publish(base.path(), "newest but dead", "2026-01-03T00:00:00Z", closed_port());
    publish(base.path(), "relaunched", "2026-01-02T00:00:00Z", port);
    publish(base.path(), "crashed before", "2026-01-01T00:00:00Z", port);
    let options = options(base.path()).verify(PROBE_TIMEOUT);

    let found = latest(&options, &CancelToken::new()).unwrap();
    assert_eq!((&*found.instance_id, found.url), ("relaunched", format!("http://127.0.0.1:{port}")));
    assert_eq!(list(&options, &CancelToken::new()).unwrap().len(), 1);

    let report = inspect(&options, &CancelToken::new()).unwrap();
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
fn a_cancelled_token_ends_a_call_before_and_during_a_probe() {
    let base = TempDir::new().unwrap();
    let hung = TcpListener::bind("127.0.0.1:0").unwrap();
    publish(base.path(), "hung", "2026-01-01T00:00:00Z", hung.local_addr().unwrap().port());
    let options = options(base.path()).verify(Duration::from_secs(60));

    let cancel = CancelToken::new();
    let waiting = thread::spawn({
        let (options, cancel) = (options.clone(), cancel.clone());
        move || latest(&options, &cancel)
    });
    let (_connection, _) = hung.accept().unwrap();
    cancel.cancel();

    assert_eq!(code(waiting.join().unwrap()), ErrorCode::Cancelled);
    assert_eq!(code(latest(&options, &cancel)), ErrorCode::Cancelled);
}

/// Scans `dir` as the directory of the user does, with a fallback to `port`.
fn plan_with_fallback(dir: &Path, port: u16) -> Plan {
    Plan {
        dirs: vec![RuntimeDir { path: dir.to_owned(), legacy: false }],
        probe_timeout: Some(PROBE_TIMEOUT),
        fallback: Some(([127, 0, 0, 1], port).into()),
        access_key: None,
        cancel: CancelToken::new(),
    }
}

#[test]
fn a_wrong_file_is_corrected_by_the_server_at_the_fallback_address() {
    let base = TempDir::new().unwrap();
    let (port, wrong) = (osaurus(), closed_port());
    publish(base.path(), "older", "2026-01-01T00:00:00Z", closed_port());
    publish(base.path(), "newer", "2026-01-02T00:00:00Z", wrong);
    let plan = plan_with_fallback(base.path(), port);

    let found = plan.latest().unwrap();
    assert_eq!((&*found.instance_id, found.port), ("newer", port));
    assert_eq!(found.url, format!("http://127.0.0.1:{port}"));
    assert_eq!(plan.list(), Ok(vec![found.clone()]));

    let report = plan.inspect().unwrap();
    let [EntryReport { status: EntryStatus::Running { instance, probe, published }, .. }, older] =
        &*report.entries
    else {
        panic!("{:?}", report.entries);
    };
    assert_eq!((instance, &probe.as_ref().unwrap().outcome), (&found, &ProbeOutcome::Osaurus));
    let published = published.as_ref().unwrap();
    assert_eq!(published.instance.port, wrong);
    assert_eq!(published.probe.as_ref().unwrap().outcome, ProbeOutcome::Refused);
    assert!(matches!(older.status, EntryStatus::Ignored { .. }));
    assert_eq!(report.fallback.unwrap().instance, Some(found));
}

#[test]
fn an_unpublished_server_is_found_at_the_fallback_address() {
    let base = TempDir::new().unwrap();
    let file = base.path().join("file");
    fs::write(&file, "").unwrap();
    let port = osaurus();
    for dir in [base.path().join("missing"), file] {
        let found = plan_with_fallback(&dir, port).latest().unwrap();
        assert_eq!((&*found.instance_id, found.port), ("unpublished", port));
        assert_eq!(found.updated_at.timestamp_millis(), 0);
        let report = plan_with_fallback(&dir, port).inspect().unwrap();
        assert!(report.entries.is_empty());
        assert_eq!(report.fallback.unwrap().instance, Some(found));
    }
}

#[test]
fn the_fallback_is_probed_last_and_never_in_place_of_a_starting_instance() {
    let base = TempDir::new().unwrap();
    let fallback = TcpListener::bind("127.0.0.1:0").unwrap();
    fallback.set_nonblocking(true).unwrap();
    let plan = plan_with_fallback(base.path(), fallback.local_addr().unwrap().port());

    publish(base.path(), "alive", "2026-01-01T00:00:00Z", osaurus());
    assert_eq!(plan.latest().unwrap().instance_id, "alive");

    fs::remove_dir_all(base.path().join("alive")).unwrap();
    publish(base.path(), "dead", "2026-01-01T00:00:00Z", closed_port());
    write(base.path(), "soon", r#"{"health":"restarting","updatedAt":"2026-01-02T00:00:00Z"}"#);
    assert_eq!(code(plan.latest()), ErrorCode::Starting);
    assert_eq!(
        fallback.accept().map(drop).map_err(|error| error.kind()),
        Err(std::io::ErrorKind::WouldBlock)
    );

    // A starting entry that is older than a running one was left behind by a crash.
    let port = osaurus();
    write(base.path(), "soon", r#"{"health":"starting","updatedAt":"2025-01-02T00:00:00Z"}"#);
    assert_eq!(plan_with_fallback(base.path(), port).latest().unwrap().port, port);
}

#[test]
fn without_osaurus_at_the_fallback_address_the_error_is_that_of_the_files() {
    let base = TempDir::new().unwrap();
    let plan = plan_with_fallback(base.path(), closed_port());
    assert_eq!(code(plan.latest()), ErrorCode::NotFound);
    assert_eq!(plan.list(), Ok(Vec::new()));
    publish(base.path(), "dead", "2026-01-01T00:00:00Z", closed_port());
    assert_eq!(code(plan.latest()), ErrorCode::NotResponding);
    assert_eq!(plan.inspect().unwrap().fallback.unwrap().probe.outcome, ProbeOutcome::Refused);
}
