//! Tests the decisions of the liveness policy as tables.

use super::*;

/// What happens to a server or its connection; ages in seconds.
#[derive(Debug, Clone, Copy)]
enum Input {
    Probed(ServerState, Held),
    Accepted,
    Refused,
    Failed,
    Answered,
    Ended(f64),
}
use Input::{Accepted, Answered, Ended, Failed, Probed, Refused};
use ServerState::{Down, Unresponsive, Up};

/// What is expected; waits in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Expected {
    Keep,
    Connect,
    Send,
    Wait(u64),
    /// The same, and the server is probed.
    KeepAndProbe,
    WaitAndProbe(u64),
}
use Expected::{Connect, Keep, KeepAndProbe, Send, Wait, WaitAndProbe};

type Case = (&'static str, Vec<(Input, Expected)>);

/// A server that was found live, with the connection that the probe left.
fn live() -> Vec<(Input, Expected)> {
    vec![(Probed(Up, Held::Accepted), Keep)]
}

fn after(mut first: Vec<(Input, Expected)>, then: &[(Input, Expected)]) -> Vec<(Input, Expected)> {
    first.extend(then);
    first
}

fn cases() -> Vec<Case> {
    let habit = [(Ended(59.5), Connect), (Accepted, Keep)].repeat(100);
    let short = [(Ended(0.001), Connect), (Accepted, Keep)].repeat(MOST_SHORT as usize - 1);
    let another_program = |wait| {
        [
            (Accepted, KeepAndProbe),
            (Probed(Down, Held::Accepted), Wait(wait)),
            (Probed(Down, Held::None), Keep),
            (Probed(Down, Held::Connecting), Keep),
        ]
    };
    vec![
        (
            "a server that died is probed once its port refuses",
            after(
                live(),
                &[(Ended(60.), Connect), (Refused, WaitAndProbe(1)), (Probed(Down, Held::None), Wait(1))],
            ),
        ),
        (
            "the port of a dead server is tried less and less often, and probed only once it accepts",
            [2, 4, 8, 16, 30, 30]
                .map(|wait| (Refused, Wait(wait)))
                .into_iter()
                .chain([(Accepted, KeepAndProbe), (Probed(Up, Held::Accepted), Keep)])
                .collect(),
        ),
        (
            "a server that ends idle connections is probed the first time only",
            after(
                live(),
                &[(Ended(60.), Connect), (Accepted, KeepAndProbe), (Probed(Up, Held::Accepted), Keep)],
            )
            .into_iter()
            .chain(habit)
            .chain([(Ended(30.), Connect), (Accepted, KeepAndProbe)])
            .collect(),
        ),
        (
            "a server that ends connections at once gets a pause and is still found dead",
            after(
                live(),
                &[(Ended(0.001), Connect), (Accepted, KeepAndProbe), (Probed(Up, Held::Accepted), Keep)],
            )
            .into_iter()
            .chain(short)
            .chain([(Ended(0.001), Wait(1)), (Refused, WaitAndProbe(1))])
            .collect(),
        ),
        (
            "another program that accepts is probed less and less often",
            [2, 4, 8, 16, 30, 30].into_iter().flat_map(another_program).collect(),
        ),
        (
            "an unresponsive server is left with one request, and probed again once it answers",
            after(
                live(),
                &[
                    (Probed(Unresponsive, Held::Accepted), Send),
                    (Answered, WaitAndProbe(1)),
                    (Probed(Up, Held::None), Connect),
                ],
            ),
        ),
        (
            "a busy server that ends the connection is probed at once",
            after(live(), &[(Probed(Unresponsive, Held::Accepted), Send), (Ended(9.), WaitAndProbe(1))]),
        ),
        (
            "a server that never answered and ends the connection is tried again later",
            vec![(Probed(Unresponsive, Held::None), Connect), (Accepted, Send), (Ended(9.), Wait(2))],
        ),
        (
            "a live server that cannot be connected to again is probed once",
            after(
                live(),
                &[
                    (Ended(60.), Connect),
                    (Failed, WaitAndProbe(1)),
                    (Failed, Wait(1)),
                    (Refused, WaitAndProbe(1)),
                ],
            ),
        ),
        (
            "so is one that could not be connected to in the first place, and again once it accepts",
            vec![
                (Probed(Up, Held::None), Connect),
                (Failed, WaitAndProbe(1)),
                (Failed, Wait(1)),
                (Accepted, KeepAndProbe),
                (Probed(Up, Held::Accepted), Keep),
            ],
        ),
        (
            "a server whose connection was made after the probe is probed again, once",
            vec![
                (Probed(Up, Held::None), Connect),
                (Accepted, KeepAndProbe),
                (Probed(Up, Held::Accepted), Keep),
                (Probed(Up, Held::Accepted), Keep),
            ],
        ),
    ]
}

#[test]
fn each_event_leads_to_the_expected_action() {
    let now = Instant::now();
    for (name, steps) in cases() {
        let (mut policy, first) = LivenessPolicy::down(now);
        assert_eq!(first, now + Duration::from_secs(1), "{name}");
        for (index, (input, expected)) in steps.into_iter().enumerate() {
            let mut on = |event, age| policy.on_connection_event(event, Duration::from_secs_f64(age), now);
            let Transition { action, suspect } = match input {
                Accepted => on(ConnectionEvent::Accepted, 0.),
                Refused => on(ConnectionEvent::Refused, 0.),
                Failed => on(ConnectionEvent::Failed, 0.),
                Answered => on(ConnectionEvent::Answered, 60.),
                Ended(age) => on(ConnectionEvent::Ended, age),
                Probed(state, held) => {
                    Transition { action: policy.on_probe_result(state, held, now), suspect: false }
                }
            };
            let wait = |at: Instant| (at - now).as_secs();
            let got = match (action, suspect) {
                (Action::Keep, false) => Keep,
                (Action::Keep, true) => KeepAndProbe,
                (Action::WaitUntil(at), false) => Wait(wait(at)),
                (Action::WaitUntil(at), true) => WaitAndProbe(wait(at)),
                (Action::Connect, _) => Connect,
                (Action::SendRequest, _) => Send,
            };
            assert_eq!(got, expected, "{name}: step {index}, {input:?}");
        }
    }
}

#[test]
fn a_publication_makes_failed_attempts_forgotten() {
    let now = Instant::now();
    let (mut policy, _) = LivenessPolicy::down(now);
    for _ in 0..5 {
        policy.on_connection_event(ConnectionEvent::Refused, Duration::ZERO, now);
    }
    assert_eq!(policy.on_published(now), now + Duration::from_secs(1));
}
