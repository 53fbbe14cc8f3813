//! Applies a table of steps to a session, with a clock of its own.

use super::super::*;
use Step::{ForgetUnseen, Machine, Own, Probe, Remove, Resolve, Rest, Restart, Told, Wait};

/// One step of a table: what happens to the session.
pub enum Step {
    /// Seconds go by.
    Wait(u64),
    /// A service `<agent>@<host>:<port>` is resolved at these addresses.
    Resolve(&'static str, &'static [&'static str]),
    /// A machine's own service is resolved.
    Machine(&'static str, &'static str, &'static [&'static str]),
    /// A service of this machine is resolved.
    Own(&'static str, &'static [&'static str]),
    /// A service says goodbye.
    Remove(&'static str),
    /// Browsing starts again.
    Restart,
    /// What the present browse has not seen is dropped.
    ForgetUnseen,
    /// These servers are due once their records have settled; at these addresses Osaurus answers.
    Probe(&'static [&'static str], &'static [&'static str]),
    /// Nothing is due.
    Rest,
    /// The state that a watcher receives: `name url agents`.
    Told(&'static [&'static str]),
}
/// The full name and the records of a service `<agent>@<host>:<port>`, or of a machine.
pub fn advertisement(service: &str, addresses: &[&str], machine: Option<&str>) -> (String, Advertisement) {
    let (agent, server) = service.split_once('@').unwrap();
    let (host, port) = server.split_once(':').unwrap();
    let port = port.parse().unwrap();
    let subject = match machine {
        Some(name) => Subject::Machine(name.into()),
        None => {
            Subject::Agent(Agent { id: agent.into(), name: agent.into(), description: None, address: None })
        }
    };
    let addresses = addresses.iter().map(|each| format!("{each}:{port}").parse().unwrap()).collect();
    (service.to_owned(), Advertisement { host: format!("{host}.local"), port, addresses, subject })
}

/// Applies the steps one after the other.
pub fn run(name: &str, filter: Filter, steps: &[Step]) {
    let mut now = Instant::now();
    let mut session = Session::new(filter);
    for (index, step) in steps.iter().enumerate() {
        let at = format!("{name}, step {index}");
        let mut resolve = |service: &str, addresses: &[&str], machine, is_own| {
            let (full_name, advertisement) = advertisement(service, addresses, machine);
            session.on_resolved(&full_name, advertisement, is_own, now);
        };
        match step {
            Wait(seconds) => now += Duration::from_secs(*seconds),
            Resolve(service, addresses) => resolve(service, addresses, None, false),
            Machine(service, machine, addresses) => resolve(service, addresses, Some(machine), false),
            Own(service, addresses) => resolve(service, addresses, None, true),
            Remove(service) => session.on_removed(service, now),
            Restart => session.on_browse_restarted(),
            ForgetUnseen => session.forget_unseen(now),
            Probe(servers, answering) => {
                let deadline = session.deadline().unwrap_or_else(|| panic!("{at}: nothing is due"));
                assert!(deadline <= now + SETTLE, "{at}: due only in {:?}", deadline - now);
                now = now.max(deadline);
                let due = session.take_due(now);
                let names: Vec<_> = due
                    .iter()
                    .map(|each| {
                        format!("{}:{}", each.server.host.trim_end_matches(".local"), each.server.port)
                    })
                    .collect();
                assert_eq!(names, *servers, "{at}");
                assert_eq!(session.deadline(), None, "{at}: a second run while one is under way");
                let first = |request: &ProbeRequest| {
                    let mut addresses = request.addresses.iter();
                    addresses.find(|each| answering.contains(&&*each.ip().to_string())).copied()
                };
                let results = due.into_iter().map(|each| (each.server.clone(), first(&each))).collect();
                session.on_probed(results, now);
            }
            Rest => {
                assert!(
                    session.deadline().is_none_or(|deadline| deadline > now + SETTLE),
                    "{at}: something is due"
                );
                assert_eq!(session.take_due(now + SETTLE), [], "{at}");
            }
            Told(expected) => {
                let told: Vec<_> = session
                    .instances()
                    .iter()
                    .map(|each| {
                        let agents: Vec<_> = each.agents.iter().map(|agent| &*agent.name).collect();
                        format!("{} {} {}", each.name, each.url(), agents.join(","))
                    })
                    .collect();
                assert_eq!(told, *expected, "{at}");
            }
        }
    }
}
