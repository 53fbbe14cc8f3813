//! Rows of what happens to a session and what follows.

use super::simulation::Simulation;
use super::world::{Entry, Server, address, letter, letters};
use super::*;
use crate::ErrorCode;

/// What happens, or what is expected then.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// These servers are up.
    Up(&'static str),
    Down(char),
    Hung(char),
    /// An entry is written, without an event.
    Write(char),
    Starting(char),
    Remove(char),
    Event,
    LoseEvents,
    /// The liveness connection of a server ended, or was accepted.
    Suspect(char),
    FailScans(usize),
    FailProbes(usize),
    Degrade(bool),
    Subscribe,
    /// Milliseconds.
    Wait(u64),
    /// The last state of a watcher, by its index; none before the first.
    Told(usize, Option<&'static str>),
    Reason(Option<ErrorCode>),
    Warned(&'static [ErrorCode]),
    /// The number of changes that the first watcher received.
    Changes(usize),
    /// The servers that the liveness monitor minds, in the order of their reports.
    Minded(&'static str),
    /// The number of scans, and of probed servers, since the last of these steps.
    Cost(usize, usize),
}
use Step::{
    Changes, Cost, Degrade, Down, Event, FailProbes, FailScans, Hung, LoseEvents, Minded, Reason, Remove,
    Starting, Subscribe, Suspect, Told, Up, Wait, Warned, Write,
};

#[derive(Default)]
struct Counted {
    scans: usize,
    probes: usize,
}

fn run(simulation: &mut Simulation, counted: &mut Counted, clock: &mut i64, step: Step, context: &str) {
    let world = &mut simulation.world;
    *clock += 1;
    match step {
        Up(ids) => world.servers.extend(ids.chars().map(|id| (id, Server::Up))),
        Down(id) => drop(world.servers.insert(id, Server::Down)),
        Hung(id) => drop(world.servers.insert(id, Server::Hung)),
        Write(id) => drop(world.entries.insert(id, Entry { starting: false, updated: *clock })),
        Starting(id) => drop(world.entries.insert(id, Entry { starting: true, updated: *clock })),
        Remove(id) => drop(world.entries.remove(&id)),
        Event => simulation.file_event(),
        LoseEvents => simulation.lose_events(),
        Suspect(id) => simulation.suspect(address(id)),
        FailScans(count) => world.failing_scans = count,
        FailProbes(count) => world.failing_probes = count,
        Degrade(degraded) => world.degraded = degraded,
        Subscribe => simulation.subscribe(),
        Wait(ms) => simulation.wait(Duration::from_millis(ms)),
        Told(index, state) => {
            let told = simulation.watchers[index].state.as_deref().map(letters);
            assert_eq!(told.as_deref(), state, "{context}");
        }
        Reason(reason) => assert_eq!(simulation.watchers[0].reason, reason, "{context}"),
        Warned(codes) => assert_eq!(simulation.watchers[0].warnings, codes, "{context}"),
        Minded(servers) => {
            let minded: String = world.reports.iter().map(|report| letter(report.server)).collect();
            assert_eq!(minded, servers, "{context}");
        }
        Changes(count) => assert_eq!(simulation.watchers[0].changes, count, "{context}"),
        Cost(scans, probes) => {
            let cost = (world.scans - counted.scans, world.probes - counted.probes);
            assert_eq!(cost, (scans, probes), "scans and probes: {context}");
            *counted = Counted { scans: world.scans, probes: world.probes };
        }
    }
}

fn check(verify: bool, fallback: Option<char>, cases: &[(&str, &[Step])]) {
    for (name, steps) in cases {
        let (mut simulation, mut counted, mut clock) =
            (Simulation::new(verify, fallback), Counted::default(), 0);
        for (index, step) in steps.iter().enumerate() {
            let context = format!("{name}: step {index}, {step:?}");
            run(&mut simulation, &mut counted, &mut clock, *step, &context);
        }
    }
}

#[test]
#[rustfmt::skip]
fn files() {
    check(
        false,
        None,
        &[( "the first change is the state at the start, even if it is empty", &[Subscribe,
                  Told(0, Some("")), Reason(Some(ErrorCode::NotFound)), Changes(1), Warned(&[])], ),
                  ( "a change is reported at once, and the final scan reports none", &[ Subscribe, Wait(100),
                  Cost(2, 0), Write('a'), Event, Told(0, Some("a")), Reason(None), Wait(1000)],
            ),
            (
                "the reason is reported with the state",
                &[Starting('a'), Subscribe, Reason(Some(ErrorCode::Starting)), Wait(100), Remove('a'),
                  Event, Reason(Some(ErrorCode::NotFound)), Changes(2)],
            ),
            (
                "a burst is reported at once, at its longest and at its end",
                &[Subscribe, Wait(100), Cost(2, 0), Write('a'), Event, Write('b'), Event,
                  Told(0, Some("a")), Wait(19), Told(0, Some("a")), Write('c'), Event, Wait(20),
                  Told(0, Some("cba")), Wait(1000), Cost(3, 0)],
            ),
            (
                "a late watcher gets a scan of its own and the others nothing",
                &[Subscribe, Wait(100), Write('a'), Subscribe, Told(1, Some("a")), Told(0, Some("a")),
                  Changes(2), Wait(100), Subscribe, Told(2, Some("a")), Changes(2)],
            ),
            (
                "the last state stays while scans fail, with one warning, and they are retried less and less often",
                &[Write('a'), Subscribe, Wait(100), Cost(2, 0), FailScans(7), Event, Told(0, Some("a")),
                  Warned(&[ErrorCode::Io]), Wait(999), Cost(2, 0), Wait(1), Cost(1, 0), Wait(1999),
                  Cost(0, 0), Wait(1), Cost(1, 0), Wait(4000), Cost(1, 0), Wait(8000), Cost(1, 0),
                  Wait(16_000), Cost(1, 0), Write('b'), Wait(30_000), Cost(1, 0), Told(0, Some("ba")),
                  Warned(&[ErrorCode::Io])],
            ),
            (
                "a watcher that comes while scans fail gets an empty state and the warning",
                &[Write('a'), Subscribe, Wait(100), FailScans(2), Event, Subscribe, Told(1, Some("")),
                  Told(0, Some("a")), Wait(5000), Told(1, Some("a"))],
            ),
            (
                "without events the files are scanned once a second, with one warning",
                &[Degrade(true), Subscribe, Wait(100), Cost(2, 0), Write('a'), Wait(899),
                  Told(0, Some("")), Wait(1), Told(0, Some("a")), Wait(3000), Cost(4, 0), Degrade(false), Event,
                  Wait(100), Cost(2, 0), Wait(5000), Cost(0, 0), Degrade(true), Event,
                  Warned(&[ErrorCode::WatchDegraded])],
            ),
            (
                "after lost events the files are scanned once a second for ten seconds",
                &[Subscribe, Wait(100), Cost(2, 0), Write('a'), LoseEvents, Told(0, Some("a")),
                  Wait(60_000), Cost(12, 0), Warned(&[ErrorCode::WatchDegraded])],
            ),
        ],
    );
}

#[test]
#[rustfmt::skip]
fn servers() {
    check(
        true,
        None,
        &[( "the first change waits until every server has answered", &[ Up("a"), Write('a'),
                  Write('b'), Subscribe, Told(0, None), Wait(2), Told(0, Some("a")), Changes(1)],
            ),
            (
                "the first change waits for a server that hangs until it times out",
                &[Up("a"), Hung('b'), Write('a'), Write('b'), Subscribe, Wait(499), Told(0, None),
                  Wait(1), Told(0, Some("a")), Cost(3, 2)],
            ),
            (
                "a later change waits for a server that hangs for 250 ms at most",
                &[Up("a"), Write('a'), Subscribe, Wait(100), Up("c"), Hung('b'), Write('b'), Write('c'),
                  Event, Wait(249), Told(0, Some("a")), Wait(1), Told(0, Some("ca"))],
            ),
            (
                "others are probed and reported while a server hangs",
                &[Hung('a'), Write('a'), Subscribe, Wait(300), Up("b"), Write('b'), Event, Wait(2),
                  Told(0, Some("b"))],
            ),
            (
                "a server whose connection ends is probed alone, and no file is read",
                &[Up("ab"), Write('a'), Write('b'), Subscribe, Wait(100), Cost(2, 2), Down('a'),
                  Suspect('a'), Wait(2), Told(0, Some("b")), Cost(0, 1), Up("a"), Suspect('a'), Wait(2),
                  Told(0, Some("ba")), Cost(0, 1)],
            ),
            (
                "a server that is suspected while it is probed is probed again",
                &[Up("a"), Write('a'), Subscribe, Suspect('a'), Wait(100), Cost(2, 2)],
            ),
            (
                "all servers are probed when the files change, and none at rest",
                &[Up("ab"), Write('a'), Subscribe, Wait(100), Cost(2, 1), Event, Wait(60_000),
                  Cost(2, 0), Write('b'), Event, Wait(100), Cost(2, 2)],
            ),
            (
                "polling the files probes no server again",
                &[Up("a"), Degrade(true), Write('a'), Subscribe, Wait(10_000), Cost(12, 1)],
            ),
            (
                "a late watcher gets a scan and probes of its own",
                &[Up("a"), Write('a'), Subscribe, Wait(100), Cost(2, 1), Down('a'), Subscribe, Told(1, None),
                  Wait(100), Told(1, Some("")), Told(0, Some("")), Cost(2, 1)],
            ),
            (
                "a verified server that does not answer stays for ten seconds while its connection stands",
                &[Up("a"), Write('a'), Subscribe, Wait(100), Hung('a'), Write('a'), Event, Wait(9999),
                  Told(0, Some("a")), Wait(1), Told(0, Some("")), Reason(Some(ErrorCode::NotResponding))],
            ),
            (
                "a busy server that answers again has never gone",
                &[Up("a"), Write('a'), Subscribe, Wait(100), Hung('a'), Write('a'), Event, Wait(5000), Up("a"),
                  Suspect('a'), Wait(60_000), Told(0, Some("a")), Changes(2)],
            ),
            (
                "a busy server whose connection ends is gone at once",
                &[Up("a"), Write('a'), Subscribe, Wait(100), Hung('a'), Write('a'), Event, Wait(5000), Down('a'),
                  Suspect('a'), Wait(2), Told(0, Some(""))],
            ),
            (
                "a server that was never verified is not busy",
                &[Hung('a'), Write('a'), Subscribe, Wait(500), Told(0, Some(""))],
            ),
            (
                "an entry that is removed while its server is probed is not reported",
                &[Hung('a'), Write('a'), Subscribe, Remove('a'), Wait(300), Event, Told(0, Some("")),
                  Wait(1000)],
            ),
            (
                "the last state stays while probes fail, and they are retried with a scan",
                &[Up("a"), Write('a'), Subscribe, Wait(100), Cost(2, 1), FailProbes(1), Suspect('a'),
                  Wait(100), Told(0, Some("a")), Warned(&[ErrorCode::Io]), Cost(0, 1), Down('a'),
                  Wait(1000), Told(0, Some("")), Cost(2, 1), Wait(60_000), Cost(0, 0)],
            ),
            (
                "a watcher whose first probes fail gets an empty state and the warning",
                &[Up("a"), Write('a'), FailProbes(1), Subscribe, Wait(10), Told(0, Some("")),
                  Warned(&[ErrorCode::Io]), Wait(1100), Told(0, Some("a"))],
            ),
        ],
    );
}

#[test]
#[rustfmt::skip]
fn last_resorts() {
    check(
        true,
        Some('z'),
        &[
            (
                "the fallback is not probed while a published server answers",
                &[Up("az"), Write('a'), Subscribe, Wait(100), Told(0, Some("a")), Cost(2, 1), Minded("a")],
            ),
            (
                "the fallback answers for an entry with a wrong port, in the first state",
                &[Up("z"), Write('a'), Subscribe, Wait(100), Told(0, Some("a")), Changes(1), Cost(2, 2), Minded("az")],
            ),
            (
                "the fallback is found if nothing is published, and gone when it stops",
                &[Up("z"), Subscribe, Wait(100), Told(0, Some("unpublished")), Changes(1), Minded("z"), Down('z'),
                  Suspect('z'), Wait(100), Told(0, Some("")), Minded("")],
            ),
            (
                "a fallback that is down is probed once and not tried again if nothing is published",
                &[Subscribe, Wait(60_000), Told(0, Some("")), Cost(2, 1), Minded("")],
            ),
            (
                "a fallback that is down is tried beside a published server that is down",
                &[Write('a'), Subscribe, Wait(100), Told(0, Some("")), Minded("az"), Up("z"), Suspect('z'), Wait(100),
                  Told(0, Some("a"))],
            ),
            (
                "the fallback makes place for a published server that answers",
                &[Up("z"), Write('a'), Subscribe, Wait(100), Told(0, Some("a")), Up("b"), Write('b'), Event, Wait(100),
                  Told(0, Some("b")), Minded("ba")],
            ),
            (
                "an instance that is about to start is not looked for elsewhere",
                &[Up("z"), Starting('a'), Subscribe, Wait(100), Told(0, Some("")), Cost(2, 0)],
            ),
        ],
    );
}
