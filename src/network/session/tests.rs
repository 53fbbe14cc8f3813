//! Drives the session by tables of events.

use super::*;

mod steps;

use steps::Step::{ForgetUnseen, Machine, Own, Probe, Remove, Resolve, Rest, Restart, Told, Wait};
use steps::{advertisement, run};

const VERIFY: Filter = Filter { verify: true, include_self: false };
const TRUST: Filter = Filter { verify: false, include_self: false };

#[test]
fn servers_come_change_and_go() {
    run(
        "a server counts once it has answered",
        VERIFY,
        &[
            Told(&[]),
            Resolve("coder@studio:1337", &["10.0.0.2"]),
            Told(&[]),
            Probe(&["studio:1337"], &["10.0.0.2"]),
            Told(&["studio http://10.0.0.2:1337 coder"]),
            Rest,
            Remove("coder@studio:1337"),
            Told(&[]),
        ],
    );
    run(
        "agents of one host and port are one server, probed once",
        VERIFY,
        &[
            Resolve("writer@studio:1337", &["10.0.0.2"]),
            Resolve("coder@studio:1337", &["10.0.0.2"]),
            Machine("x@studio:1337", "Big Studio", &["10.0.0.2"]),
            Probe(&["studio:1337"], &["10.0.0.2"]),
            Told(&["Big Studio http://10.0.0.2:1337 coder,writer"]),
            Remove("coder@studio:1337"),
            Rest,
            Told(&["Big Studio http://10.0.0.2:1337 writer"]),
            Remove("writer@studio:1337"),
            Told(&["Big Studio http://10.0.0.2:1337 "]),
        ],
    );
    run(
        "two Macs with one port are two servers",
        VERIFY,
        &[
            Resolve("a@mini:1337", &["10.0.0.3"]),
            Resolve("b@studio:1337", &["10.0.0.2"]),
            Probe(&["mini:1337", "studio:1337"], &["10.0.0.2", "10.0.0.3"]),
            Told(&["mini http://10.0.0.3:1337 a", "studio http://10.0.0.2:1337 b"]),
        ],
    );
    run(
        "a server that changes its address counts at the old one until the new one has answered",
        VERIFY,
        &[
            Resolve("a@mini:1337", &["10.0.0.3"]),
            Probe(&["mini:1337"], &["10.0.0.3"]),
            Resolve("a@mini:1337", &["10.0.0.9"]),
            Told(&["mini http://10.0.0.3:1337 a"]),
            Probe(&["mini:1337"], &["10.0.0.9"]),
            Told(&["mini http://10.0.0.9:1337 a"]),
        ],
    );
    run(
        "a server that gains an address is not probed again",
        VERIFY,
        &[
            Resolve("a@mini:1337", &["10.0.0.3"]),
            Probe(&["mini:1337"], &["10.0.0.3"]),
            Resolve("a@mini:1337", &["10.0.0.3", "10.0.0.4"]),
            Rest,
            Told(&["mini http://10.0.0.3:1337 a"]),
        ],
    );
    run(
        "a server that answered at its IPv6 address is probed again once it has an IPv4 address",
        VERIFY,
        &[
            Resolve("a@mini:1337", &["[fd00::3]"]),
            Probe(&["mini:1337"], &["fd00::3"]),
            Told(&["mini http://[fd00::3]:1337 a"]),
            Resolve("a@mini:1337", &["[fd00::3]", "10.0.0.3"]),
            Told(&["mini http://[fd00::3]:1337 a"]),
            Probe(&["mini:1337"], &["fd00::3", "10.0.0.3"]),
            Told(&["mini http://10.0.0.3:1337 a"]),
        ],
    );
    run(
        "a server that loses all addresses does not count",
        VERIFY,
        &[
            Resolve("a@mini:1337", &["10.0.0.3"]),
            Probe(&["mini:1337"], &["10.0.0.3"]),
            Resolve("a@mini:1337", &[]),
            Rest,
            Told(&[]),
        ],
    );
    run(
        "a machine without a name is called as its host",
        TRUST,
        &[Machine("x@a.local:1337", "", &["10.0.0.3"]), Told(&["a.local http://10.0.0.3:1337 "])],
    );
    run(
        "without verify an advertised server counts at its first address",
        TRUST,
        &[Resolve("a@mini:1337", &["10.0.0.3", "10.0.0.1"]), Told(&["mini http://10.0.0.1:1337 a"]), Rest],
    );
}

#[test]
fn a_server_that_is_not_osaurus_is_probed_less_and_less_often() {
    run(
        "2, 4, 8 … 60 seconds apart",
        VERIFY,
        &[
            Resolve("a@mini:1337", &["10.0.0.3"]),
            Probe(&["mini:1337"], &[]),
            Told(&[]),
            Wait(1),
            Rest,
            Wait(1),
            Probe(&["mini:1337"], &[]),
            Wait(3),
            Rest,
            Wait(1),
            Probe(&["mini:1337"], &[]),
            Wait(8),
            Probe(&["mini:1337"], &[]),
            Wait(16),
            Probe(&["mini:1337"], &[]),
            Wait(32),
            Probe(&["mini:1337"], &[]),
            Wait(59),
            Rest,
            Wait(1),
            Probe(&["mini:1337"], &["10.0.0.3"]),
            Told(&["mini http://10.0.0.3:1337 a"]),
            Wait(1000),
            Rest,
        ],
    );
    run(
        "the same records again do not hasten the next probe, and another address does",
        VERIFY,
        &[
            Resolve("a@mini:1337", &["10.0.0.3"]),
            Probe(&["mini:1337"], &[]),
            Resolve("a@mini:1337", &["10.0.0.3"]),
            Rest,
            Resolve("a@mini:1337", &["10.0.0.4"]),
            Probe(&["mini:1337"], &["10.0.0.4"]),
        ],
    );
}

#[test]
fn servers_of_this_machine_count_only_if_asked_for() {
    let steps = [Own("a@here:1337", &["10.0.0.5"]), Rest, Told(&[])];
    run("left out", VERIFY, &steps);
    run(
        "included",
        Filter { verify: true, include_self: true },
        &[
            Own("a@here:1337", &["10.0.0.5"]),
            Probe(&["here:1337"], &["10.0.0.5"]),
            Told(&["here http://10.0.0.5:1337 a"]),
        ],
    );
}

#[test]
fn what_a_new_browse_does_not_see_is_dropped_after_its_grace_period_and_not_before() {
    run(
        "restart",
        VERIFY,
        &[
            Resolve("a@mini:1337", &["10.0.0.3"]),
            Resolve("b@studio:1337", &["10.0.0.2"]),
            Probe(&["mini:1337", "studio:1337"], &["10.0.0.2", "10.0.0.3"]),
            Restart,
            Told(&["mini http://10.0.0.3:1337 a", "studio http://10.0.0.2:1337 b"]),
            Resolve("b@studio:1337", &["10.0.0.2"]),
            ForgetUnseen,
            Rest,
            Told(&["studio http://10.0.0.2:1337 b"]),
        ],
    );
}

#[test]
fn a_flood_of_names_neither_grows_without_limit_nor_pushes_out_what_was_there() {
    let now = Instant::now();
    let mut session = Session::new(VERIFY);
    let resolve = |session: &mut Session, service: &str, address: &str| {
        let (full_name, advertisement) = advertisement(service, &[address], None);
        session.on_resolved(&full_name, advertisement, false, now);
    };
    resolve(&mut session, "real@studio:1337", "10.0.0.2");
    for number in 0..10_000 {
        resolve(&mut session, &format!("n{number}@flood{number}:1337"), "10.0.0.66");
        resolve(&mut session, &format!("n{number}@one:1337"), "10.0.0.66");
    }
    assert_eq!(session.services.len(), MAX_SERVICES);
    assert_eq!(session.servers.len(), MAX_SERVERS);
    let of_one = session.services.iter().filter(|each| each.advertisement.host == "one.local").count();
    assert_eq!(of_one, MAX_SERVICES_PER_HOST);
    let due = session.take_due(now + SETTLE);
    assert_eq!(due.len(), MAX_SERVERS);
    assert!(due.iter().any(|each| each.server.host == "studio.local"));

    for number in 0..10_000 {
        session.on_removed(&format!("n{number}@flood{number}:1337"), now);
        session.on_removed(&format!("n{number}@one:1337"), now);
    }
    assert_eq!(session.servers.len(), 1);
}
