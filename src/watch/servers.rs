//! Has something happened to a server that no file tells?
//!
//! One idle TCP connection is held to every published server that answers as Osaurus, over loopback, for each feed. The
//! system ends it the moment the server dies, however it dies. Nothing is sent on it, so the server has nothing to
//! answer and nothing to show its user; it costs two sockets and no work. Where nobody listens, or somebody else does,
//! connecting is tried less and less often, and whoever accepts is asked.
//!
//! Feeds share no connection, since they need not be of one mind: one may give a slow server more time than another.
//!
//! A server may end idle connections by itself. The next one is made at once; that it is accepted says that somebody
//! listens, and so the server is asked, but only the first time: from then on its connections may end at that age.
//! What this misses is a server that dies at just that age and whose port another program takes in the same moment.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::{Registry, Token};

use super::{FeedId, Look};
use crate::probe::{self, Query};

mod connection;
mod link;

use connection::{Connection, News};
use link::{Held, Link, Next};

/// How a server answered when it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody listens, or who does is no Osaurus, or not now: one that is overloaded may say so, or say nothing.
    Absent,
    /// It accepts and does not answer, as a suspended one.
    Silent,
    /// It answered as Osaurus.
    Osaurus,
}

/// What a feed knows of a server.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    pub server: SocketAddr,
    pub standing: Standing,
    /// The look that found the entry which names it; another one is another entry.
    pub published: Look,
}

/// Which server, and for whom it is minded.
type Key = (FeedId, SocketAddr);

/// All servers that any feed has found published.
#[derive(Default)]
pub struct Servers {
    servers: HashMap<Key, Server>,
    tokens: HashMap<Token, Key>,
    last_token: usize,
    suspects: Vec<Key>,
}

struct Server {
    published: Look,
    link: Link,
    state: State,
}

enum State {
    Waiting { until: Instant },
    Open(Connection),
}

impl Server {
    fn held(&self) -> Held {
        match &self.state {
            State::Open(connection) if connection.is_asked() => Held::No,
            State::Open(connection) if connection.since.is_some() => Held::Accepted,
            State::Open(_) => Held::UnderWay,
            State::Waiting { .. } => Held::No,
        }
    }
}

impl Servers {
    /// Takes over how a feed's servers stand. Those it does not name are its own no longer.
    pub fn set(&mut self, registry: &Registry, feed: FeedId, reports: &[Report], now: Instant) {
        let named: HashSet<_> = reports.iter().map(|report| report.server).collect();
        let tokens = &mut self.tokens;
        self.servers.retain(|(owner, address), server| {
            let kept = *owner != feed || named.contains(address);
            if let (false, State::Open(connection)) = (kept, &server.state) {
                tokens.remove(&connection.token);
            }
            kept
        });
        for &Report { server: address, standing, published } in reports {
            let key = (feed, address);
            let server = self.servers.entry(key).or_insert_with(|| {
                let (link, until) = Link::absent(now);
                Server { published, link, state: State::Waiting { until } }
            });
            let held = server.held();
            let next = server.link.stands(standing, held, now);
            self.go_on(registry, key, next, now);
            // Who has published anew is about to listen, however long nobody did.
            if let Some(server) = self.servers.get_mut(&key)
                && std::mem::replace(&mut server.published, published) != published
                && let State::Waiting { until } = &mut server.state
            {
                *until = server.link.begin_anew(now).min(*until);
            }
        }
    }

    /// The system says that something is to be read from a connection, or that it was made, or ended.
    pub fn ready(&mut self, registry: &Registry, token: Token, now: Instant) {
        while let Some(&key) = self.tokens.get(&token) {
            let Some(Server { state: State::Open(connection), .. }) = self.servers.get_mut(&key) else {
                return;
            };
            let Some(news) = connection.news(now) else { return };
            let age = connection.since.map_or(Duration::ZERO, |since| now - since);
            self.hear(registry, key, news, age, now);
        }
    }

    /// Connects where it is time to.
    pub fn tick(&mut self, registry: &Registry, now: Instant) {
        let is_due = |server: &Server| matches!(server.state, State::Waiting { until } if until <= now);
        let due: Vec<_> =
            self.servers.iter().filter(|(_, server)| is_due(server)).map(|(key, _)| *key).collect();
        for key in due {
            self.go_on(registry, key, Next::Connect, now);
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
    pub fn take_suspects(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.suspects)
    }

    fn hear(&mut self, registry: &Registry, key: Key, news: News, age: Duration, now: Instant) {
        let Some(server) = self.servers.get_mut(&key) else { return };
        let step = server.link.heard(news, age, now);
        if step.suspect {
            self.suspects.push(key);
        }
        self.go_on(registry, key, step.next, now);
    }

    fn go_on(&mut self, registry: &Registry, key: Key, next: Next, now: Instant) {
        let Some(server) = self.servers.get_mut(&key) else { return };
        match (next, &mut server.state) {
            (Next::Hold, _) | (Next::Ask, State::Waiting { .. }) => {}
            (Next::Ask, State::Open(connection)) => {
                if !connection.ask(&probe::request(key.1, Query::Identity)) {
                    self.hear(registry, key, News::Ended, Duration::ZERO, now);
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
                match Connection::open(registry, key.1, token) {
                    Ok(connection) => {
                        self.tokens.insert(token, key);
                        if let State::Open(old) = std::mem::replace(state, State::Open(connection)) {
                            self.tokens.remove(&old.token);
                        }
                    }
                    Err(news) => self.hear(registry, key, news, Duration::ZERO, now),
                }
            }
        }
    }
}
