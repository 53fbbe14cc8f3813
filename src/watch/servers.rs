//! Has something happened to a server that no file tells?
//!
//! One idle TCP connection is held to every published server that accepts one, over loopback, shared by all feeds.
//! The system ends it the moment the server dies, however it dies. Nothing is sent on it, so the server has nothing
//! to answer and nothing to show its user; it costs two sockets and no work. Where nobody listens, connecting is tried
//! less and less often, and the server is asked once somebody accepts.
//!
//! A server may end idle connections by itself. The next one is made at once; that it is accepted says that somebody
//! listens, and so the server is asked, but only the first time: from then on its connections may end at that age.
//! What this misses is a server that dies at just that age and whose port another program takes in the same moment.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::{Registry, Token};

use super::FeedId;
use crate::probe::{self, Question};

mod connection;
mod link;

use connection::{Connection, News};
use link::{Link, Next};

/// How a server answered when it was asked; where feeds disagree the last one here counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nobody listens.
    Refused,
    /// Another program does.
    Stranger,
    /// It accepts and does not answer, as a suspended one.
    Silent,
    /// It answered as Osaurus.
    Osaurus,
}

/// All servers that any feed has found published, by where they listen.
#[derive(Default)]
pub struct Servers {
    servers: HashMap<SocketAddr, Server>,
    tokens: HashMap<Token, SocketAddr>,
    last_token: usize,
    suspects: Vec<(FeedId, SocketAddr)>,
}

struct Server {
    standings: Vec<(FeedId, Standing)>,
    link: Link,
    state: State,
}

enum State {
    Waiting { until: Instant },
    Open(Connection),
}

impl Server {
    fn standing(&self) -> Option<Standing> {
        self.standings.iter().map(|(_, standing)| *standing).max()
    }
}

impl Servers {
    /// Takes over how a feed's servers stand. Those it does not name are its own no longer.
    pub fn set(
        &mut self,
        registry: &Registry,
        feed: FeedId,
        standings: &[(SocketAddr, Standing)],
        now: Instant,
    ) {
        for server in self.servers.values_mut() {
            server.standings.retain(|(owner, _)| *owner != feed);
        }
        for &(address, standing) in standings {
            let server = self.servers.entry(address).or_insert_with(|| {
                let (link, until) = Link::refused(now);
                Server { standings: Vec::new(), link, state: State::Waiting { until } }
            });
            server.standings.push((feed, standing));
        }
        let tokens = &mut self.tokens;
        self.servers.retain(|_, server| {
            if let (true, State::Open(connection)) = (server.standings.is_empty(), &server.state) {
                tokens.remove(&connection.token);
            }
            !server.standings.is_empty()
        });
        let addresses: Vec<_> = self.servers.keys().copied().collect();
        for address in addresses {
            let Some(server) = self.servers.get_mut(&address) else { continue };
            let Some(standing) = server.standing() else { continue };
            let held = matches!(&server.state, State::Open(connection) if !connection.is_asked());
            let next = server.link.stands(standing, held, now);
            self.go_on(registry, address, next, now);
        }
    }

    /// The system says that something is to be read from a connection, or that it was made, or ended.
    pub fn ready(&mut self, registry: &Registry, token: Token, now: Instant) {
        while let Some(&address) = self.tokens.get(&token) {
            let Some(Server { state: State::Open(connection), .. }) = self.servers.get_mut(&address) else {
                return;
            };
            let Some(news) = connection.news(now) else { return };
            let age = connection.since.map_or(Duration::ZERO, |since| now - since);
            self.hear(registry, address, news, age, now);
        }
    }

    /// Connects where it is time to.
    pub fn tick(&mut self, registry: &Registry, now: Instant) {
        let is_due = |server: &Server| matches!(server.state, State::Waiting { until } if until <= now);
        let due: Vec<_> =
            self.servers.iter().filter(|(_, server)| is_due(server)).map(|(address, _)| *address).collect();
        for address in due {
            self.go_on(registry, address, Next::Connect, now);
        }
    }

    pub fn deadline(&self) -> Option<Instant> {
        let waiting = self.servers.values().filter_map(|server| match server.state {
            State::Waiting { until } => Some(until),
            State::Open(_) => None,
        });
        waiting.min()
    }

    /// The servers that have to be asked again, and for whom.
    pub fn take_suspects(&mut self) -> Vec<(FeedId, SocketAddr)> {
        std::mem::take(&mut self.suspects)
    }

    fn hear(&mut self, registry: &Registry, address: SocketAddr, news: News, age: Duration, now: Instant) {
        let Some(server) = self.servers.get_mut(&address) else { return };
        let step = server.link.heard(news, age, now);
        if step.suspect {
            self.suspects.extend(server.standings.iter().map(|(feed, _)| (*feed, address)));
        }
        self.go_on(registry, address, step.next, now);
    }

    fn go_on(&mut self, registry: &Registry, address: SocketAddr, next: Next, now: Instant) {
        let Some(server) = self.servers.get_mut(&address) else { return };
        match (next, &mut server.state) {
            (Next::Hold, _) | (Next::Ask, State::Waiting { .. }) => {}
            (Next::Ask, State::Open(connection)) => {
                if !connection.ask(&probe::request(address, Question::WhoAreYou)) {
                    self.hear(registry, address, News::Ended, Duration::ZERO, now);
                }
            }
            (Next::Wait(until), state) => {
                if let State::Open(connection) = std::mem::replace(state, State::Waiting { until }) {
                    self.tokens.remove(&connection.token);
                }
            }
            (Next::Connect, state) => {
                self.last_token += 1;
                let token = Token(self.last_token);
                match Connection::open(registry, address, token) {
                    Ok(connection) => {
                        self.tokens.insert(token, address);
                        if let State::Open(old) = std::mem::replace(state, State::Open(connection)) {
                            self.tokens.remove(&old.token);
                        }
                    }
                    Err(news) => self.hear(registry, address, news, Duration::ZERO, now),
                }
            }
        }
    }
}
