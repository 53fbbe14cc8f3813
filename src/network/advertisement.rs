//! Reads what one DNS-SD service says of an Osaurus server, bounded and checked.
//!
//! Every byte comes from the network. What is malformed is dropped with the service that says it, and costs no other.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

/// One service instance for each agent that the user made visible.
pub const AGENT_SERVICE: &str = "_osaurus._tcp.local.";

/// One service instance for the whole Mac, advertised by newer versions of Osaurus.
pub const MACHINE_SERVICE: &str = "_osaurus-mobile._tcp.local.";

/// A DNS-SD instance name and a TXT value have at most 63 and 255 bytes; a longer text is cut.
const MAX_TEXT_BYTES: usize = 255;

/// The addresses of one host that are tried; a Mac has two or three for each interface.
pub const MAX_ADDRESSES: usize = 8;

/// An agent that a server advertises.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Agent {
    /// The agent's id; empty where the record has none.
    pub id: String,
    /// The agent's name; the DNS-SD instance name where the record has none.
    pub name: String,
    /// What the agent is for, as its user wrote it.
    pub description: Option<String>,
    /// The agent's own address, with which it signs; not a network address.
    pub address: Option<String>,
}

/// What one service instance says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advertisement {
    /// The host name, such as `studio.local`.
    pub host: String,
    /// The port of the server, never 0.
    pub port: u16,
    /// Where the server may be reached, IPv4 first.
    pub addresses: Vec<SocketAddr>,
    /// What the service stands for.
    pub subject: Subject,
}

/// What a service instance stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// One agent of the server.
    Agent(Agent),
    /// The machine, by the name that its user gave it.
    Machine(String),
}

/// The parts of a resolved DNS-SD service, as the resolver gives them.
#[derive(Debug, Clone, Copy)]
pub struct Service<'a> {
    /// `<instance>.<type>`, such as `Agent._osaurus._tcp.local.`
    pub full_name: &'a str,
    /// The target of the SRV record.
    pub host: &'a str,
    /// The port of the SRV record.
    pub port: u16,
}

impl Advertisement {
    /// Reads a service; `None` where it cannot be an Osaurus server. `txt` gives the value of a TXT key, and
    /// `addresses` those that passed the [address policy](super::address_policy), each with its interface.
    pub fn read(
        service: Service<'_>,
        txt: impl Fn(&str) -> Option<String>,
        addresses: impl IntoIterator<Item = (IpAddr, u32)>,
    ) -> Option<Self> {
        let Service { full_name, host, port } = service;
        let host = host_name(host)?;
        if port == 0 {
            return None;
        }
        let text = |key| txt(key).map(|value| printable(&value)).filter(|value| !value.is_empty());
        let subject = if let Some(instance) = instance_name(full_name, AGENT_SERVICE) {
            Subject::Agent(Agent {
                id: text("id").unwrap_or_default(),
                name: text("name").unwrap_or_else(|| printable(instance)),
                description: text("description"),
                address: text("address"),
            })
        } else {
            let instance = instance_name(full_name, MACHINE_SERVICE)?;
            Subject::Machine(text("name").unwrap_or_else(|| printable(instance)))
        };
        let mut addresses: Vec<_> = addresses
            .into_iter()
            .map(|(address, interface)| socket_address(address, port, interface))
            .collect();
        // IPv4 before IPv6, and within a family an order that no packet decides.
        addresses.sort_unstable();
        addresses.dedup();
        addresses.truncate(MAX_ADDRESSES);
        Some(Self { host, port, addresses, subject })
    }
}

fn instance_name<'a>(full_name: &'a str, service_type: &str) -> Option<&'a str> {
    full_name.strip_suffix(service_type)?.strip_suffix('.').filter(|name| !name.is_empty())
}

/// A link-local IPv6 address means nothing without its interface, so the interface becomes the zone.
fn socket_address(address: IpAddr, port: u16, interface: u32) -> SocketAddr {
    match address {
        IpAddr::V4(v4) => SocketAddrV4::new(v4, port).into(),
        IpAddr::V6(v6) => {
            let zone = if is_link_local(v6) { interface } else { 0 };
            SocketAddrV6::new(v6, port, 0, zone).into()
        }
    }
}

fn is_link_local(address: Ipv6Addr) -> bool {
    address.segments()[0] & 0xffc0 == 0xfe80
}

/// The name without its final dot, in lower case; `None` if it is not a host name below `local`.
fn host_name(name: &str) -> Option<String> {
    let name = name.strip_suffix('.').unwrap_or(name).to_lowercase();
    let labels = name.strip_suffix(".local")?;
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    (name.len() <= 253 && labels.split('.').all(is_label)).then_some(name)
}

/// A text of at most 255 bytes whose control characters and invisible direction marks are replaced by U+FFFD: a name
/// must not move a cursor or reorder the line it is shown in.
fn printable(text: &str) -> String {
    let replace = |c: char| if c.is_control() || is_format(c) { char::REPLACEMENT_CHARACTER } else { c };
    let mut printable: String = text.trim().chars().map(replace).collect();
    // After the replacement, which can make a text longer.
    let mut end = printable.len().min(MAX_TEXT_BYTES);
    while !printable.is_char_boundary(end) {
        end -= 1;
    }
    printable.truncate(end);
    printable
}

/// Characters that change how others are shown: directions, isolates, line and paragraph separators, tags.
fn is_format(c: char) -> bool {
    matches!(
        c,
        '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service<'a>(full_name: &'a str, host: &'a str, port: u16) -> Service<'a> {
        Service { full_name, host, port }
    }

    fn read(full_name: &str, host: &str, port: u16, txt: &[(&str, &str)]) -> Option<Advertisement> {
        let value =
            |key: &str| txt.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned());
        Advertisement::read(service(full_name, host, port), value, [("10.0.0.2".parse().unwrap(), 2)])
    }

    #[test]
    fn an_agent_is_read_from_its_txt_record() {
        let txt = [
            ("name", "Coder"),
            ("id", "A1"),
            ("description", "Writes code"),
            ("address", "0x12"),
            ("osc", "1"),
        ];
        let read = read("Coder@Studio._osaurus._tcp.local.", "Studio.local.", 1337, &txt).unwrap();
        assert_eq!(read.host, "studio.local");
        assert_eq!(read.port, 1337);
        assert_eq!(read.addresses, ["10.0.0.2:1337".parse().unwrap()]);
        let agent = Agent {
            id: "A1".into(),
            name: "Coder".into(),
            description: Some("Writes code".into()),
            address: Some("0x12".into()),
        };
        assert_eq!(read.subject, Subject::Agent(agent));
    }

    #[test]
    fn a_machine_is_read_by_its_name_or_else_by_its_instance_name() {
        let named = read("x._osaurus-mobile._tcp.local.", "studio.local.", 1337, &[("name", "Studio")]);
        assert_eq!(named.unwrap().subject, Subject::Machine("Studio".into()));
        for txt in [&[][..], &[("name", "")], &[("name", " \t")]] {
            let unnamed = read("My Mac._osaurus-mobile._tcp.local.", "studio.local.", 1337, txt);
            assert_eq!(unnamed.unwrap().subject, Subject::Machine("My Mac".into()), "{txt:?}");
        }
    }

    #[test]
    fn services_that_cannot_be_osaurus_are_dropped() {
        let long_label = format!("{}.local.", "a".repeat(64));
        let cases = [
            ("port 0", "A._osaurus._tcp.local.", "studio.local.", 0),
            ("another service type", "A._http._tcp.local.", "studio.local.", 80),
            ("no instance name", "._osaurus._tcp.local.", "studio.local.", 1337),
            ("a host outside of local", "A._osaurus._tcp.local.", "example.com.", 1337),
            ("an empty host", "A._osaurus._tcp.local.", "", 1337),
            ("a host of the top level alone", "A._osaurus._tcp.local.", "local.", 1337),
            ("a host with a space", "A._osaurus._tcp.local.", "my mac.local.", 1337),
            ("a host with a control character", "A._osaurus._tcp.local.", "a\u{1b}.local.", 1337),
            ("a host with a slash", "A._osaurus._tcp.local.", "a/b.local.", 1337),
            ("a host with too long a label", "A._osaurus._tcp.local.", &long_label, 1337),
        ];
        for (name, full_name, host, port) in cases {
            assert_eq!(read(full_name, host, port, &[]), None, "{name}");
        }
    }

    #[test]
    fn names_with_dots_emoji_and_control_characters_become_printable() {
        let cases = [
            ("dots", "v1.2 agent", "v1.2 agent"),
            ("emoji", "\u{1F995} dino", "\u{1F995} dino"),
            ("an escape sequence", "\u{1b}[31mred", "\u{FFFD}[31mred"),
            ("line ends", "two\r\nlines", "two\u{FFFD}\u{FFFD}lines"),
            ("a direction override", "abc\u{202E}fed", "abc\u{FFFD}fed"),
            ("white space around", "  padded \t", "padded"),
        ];
        for (name, given, expected) in cases {
            let full_name = "A._osaurus._tcp.local.";
            let read = read(full_name, "a.local.", 1, &[("name", given)]).unwrap();
            let Subject::Agent(agent) = read.subject else { panic!("{name}: not an agent") };
            assert_eq!(agent.name, expected, "{name}");
        }
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(printable(&"é".repeat(200)), "é".repeat(127));
        assert_eq!(printable(&"\u{1b}".repeat(255)), "\u{FFFD}".repeat(85));
    }

    #[test]
    fn addresses_are_ordered_bounded_and_link_local_ones_carry_their_zone() {
        let many = (0..20).map(|last| (IpAddr::from([10, 0, 0, 20 - last]), 2));
        let v6 = [("fe80::1".parse().unwrap(), 4), ("fd00::1".parse().unwrap(), 4)];
        let read = |addresses: Vec<(IpAddr, u32)>| {
            let txt = |_: &str| None;
            Advertisement::read(service("A._osaurus._tcp.local.", "a.local.", 7), txt, addresses)
                .unwrap()
                .addresses
        };
        let bounded = read(many.collect());
        assert_eq!(bounded.len(), MAX_ADDRESSES);
        assert_eq!(bounded[0], "10.0.0.1:7".parse().unwrap());

        let mixed = read(v6.into_iter().chain([("10.0.0.9".parse().unwrap(), 2)]).collect());
        let texts: Vec<_> = mixed.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["10.0.0.9:7", "[fd00::1]:7", "[fe80::1%4]:7"]);
    }
}
