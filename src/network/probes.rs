//! Probes the addresses of advertised servers.

use std::net::SocketAddr;
use std::time::Duration;

use super::session::{ProbeRequest, ServerId};
use crate::cancel::CancelToken;
use crate::probe::{self, Query};

/// Gives for each server the first of its addresses that answers as Osaurus.
///
/// The preferred address of every server is probed first, and the others only where it did not answer: a server sees
/// one request, as long as it is well.
pub fn probe_servers(
    requests: Vec<ProbeRequest>,
    timeout: Duration,
    cancel: &CancelToken,
) -> Vec<(ServerId, Option<SocketAddr>)> {
    let mut results: Vec<_> = requests.iter().map(|request| (request.server.clone(), None)).collect();
    let preferred =
        requests.iter().enumerate().flat_map(|(server, request)| with_index(server, request, 0..1));
    probe_addresses(&preferred.collect::<Vec<_>>(), timeout, cancel, &mut results);
    let unanswered = requests.iter().enumerate().filter(|(server, _)| results[*server].1.is_none());
    let others: Vec<_> = unanswered
        .flat_map(|(server, request)| with_index(server, request, 1..request.addresses.len()))
        .collect();
    probe_addresses(&others, timeout, cancel, &mut results);
    results
}

fn with_index(
    server: usize,
    request: &ProbeRequest,
    range: std::ops::Range<usize>,
) -> impl Iterator<Item = (usize, SocketAddr)> {
    request.addresses.get(range).unwrap_or_default().iter().map(move |address| (server, *address))
}

/// Probes at once. Of several addresses of one server the earliest that answers is taken.
fn probe_addresses(
    targets: &[(usize, SocketAddr)],
    timeout: Duration,
    cancel: &CancelToken,
    results: &mut [(ServerId, Option<SocketAddr>)],
) {
    let addresses: Vec<_> = targets.iter().map(|(_, address)| *address).collect();
    let mut is_osaurus = vec![false; addresses.len()];
    // An error, such as no descriptor left, leaves the rest unanswered: they are tried again later.
    let _ = probe::probe_all(&addresses, Query::Identity, timeout, cancel, |index, probed| {
        is_osaurus[index] = probed.result.is_ok();
        std::ops::ControlFlow::Continue(())
    });
    for ((server, address), _) in targets.iter().zip(is_osaurus).filter(|(_, is_osaurus)| *is_osaurus) {
        results[*server].1.get_or_insert(*address);
    }
}
