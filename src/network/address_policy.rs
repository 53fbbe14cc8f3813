//! Decides which advertised addresses may be connected to.
//!
//! Anyone on the network may advertise any address. An address counts only if it lies in a network of the interface
//! on which its record arrived, so that no record makes this machine connect to a host elsewhere.

use std::net::IpAddr;

/// The network of one address of an interface of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalNetwork {
    /// The system's index of the interface.
    pub interface: u32,
    /// The address of this machine in the network.
    pub address: IpAddr,
    /// The number of leading bits that all addresses of the network share.
    pub prefix_len: u8,
}

impl LocalNetwork {
    /// Whether a host of this network can have the address.
    fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            // An interface without a netmask has prefix 0. No link is the whole of the internet.
            _ if self.prefix_len == 0 => self.address == address,
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let hosts = u32::MAX.checked_shr(self.prefix_len.into()).unwrap_or(0);
                let host = other.to_bits() & hosts;
                // The first address names the network and the last one is its broadcast, unless there are only two.
                own.to_bits() & !hosts == other.to_bits() & !hosts
                    && (hosts <= 1 || (host != 0 && host != hosts))
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let hosts = u128::MAX.checked_shr(self.prefix_len.into()).unwrap_or(0);
                own.to_bits() & !hosts == other.to_bits() & !hosts
            }
            _ => false,
        }
    }
}

/// Whether an address that a record on `interface` names lies in one of that interface's networks.
///
/// Unspecified, multicast and broadcast addresses never do. A loopback address does only for a record that arrived on
/// the loopback interface, which only programs of this machine can send to.
pub fn is_on_link(address: IpAddr, interface: u32, networks: &[LocalNetwork]) -> bool {
    let is_host = match address {
        IpAddr::V4(v4) => !v4.is_unspecified() && !v4.is_multicast() && !v4.is_broadcast(),
        IpAddr::V6(v6) => !v6.is_unspecified() && !v6.is_multicast() && v6.to_ipv4_mapped().is_none(),
    };
    is_host && networks.iter().any(|network| network.interface == interface && network.contains(address))
}

/// Whether an address is one of this machine's own.
pub fn is_own(address: IpAddr, networks: &[LocalNetwork]) -> bool {
    address.is_loopback() || networks.iter().any(|network| network.address == address)
}

/// The networks of every interface of this machine at the moment.
pub fn local_networks() -> std::io::Result<Vec<LocalNetwork>> {
    let interfaces = if_addrs::get_if_addrs()?;
    let network = |interface: if_addrs::Interface| {
        let prefix_len = match &interface.addr {
            if_addrs::IfAddr::V4(v4) => v4.prefixlen,
            if_addrs::IfAddr::V6(v6) => v6.prefixlen,
        };
        Some(LocalNetwork { interface: interface.index?, address: interface.ip(), prefix_len })
    };
    Ok(interfaces.into_iter().filter_map(network).collect())
}

/// Whether this machine has an address on an interface that is up, other than loopback.
pub fn is_connected() -> bool {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    interfaces.iter().any(|interface| !interface.is_loopback() && interface.is_oper_up())
}

/// The zone of a link-local address on an interface, as the resolver of the system takes it: the name of the interface, or
/// its index on Windows and where it has just gone.
pub fn interface_zone(interface: u32) -> String {
    let name = || {
        let interfaces = if_addrs::get_if_addrs().ok()?;
        interfaces.into_iter().find(|each| each.index == Some(interface)).map(|each| each.name)
    };
    if cfg!(windows) { None } else { name() }.unwrap_or_else(|| interface.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: u32 = 1;
    const ETHERNET: u32 = 2;
    const WIFI: u32 = 3;

    fn networks() -> Vec<LocalNetwork> {
        let network = |interface, address: &str, prefix_len| LocalNetwork {
            interface,
            address: address.parse().unwrap(),
            prefix_len,
        };
        vec![
            network(LOOPBACK, "127.0.0.1", 8),
            network(LOOPBACK, "::1", 128),
            network(ETHERNET, "192.168.1.20", 24),
            network(ETHERNET, "fe80::20", 64),
            network(ETHERNET, "2001:db8:1::20", 64),
            network(WIFI, "10.0.0.5", 8),
        ]
    }

    #[test]
    fn only_addresses_in_a_network_of_the_receiving_interface_are_on_link() {
        // address, interface, whether it is on link
        let cases = [
            ("192.168.1.30", ETHERNET, true),
            ("192.168.2.30", ETHERNET, false),
            ("192.168.1.30", WIFI, false),
            ("10.200.3.4", WIFI, true),
            ("10.200.3.4", ETHERNET, false),
            ("8.8.8.8", ETHERNET, false),
            ("127.0.0.1", ETHERNET, false),
            ("127.0.0.1", LOOPBACK, true),
            ("127.4.5.6", LOOPBACK, true),
            ("0.0.0.0", ETHERNET, false),
            ("255.255.255.255", WIFI, false),
            ("192.168.1.255", ETHERNET, false),
            ("192.168.1.0", ETHERNET, false),
            ("10.255.255.255", WIFI, false),
            ("10.0.0.255", WIFI, true),
            ("224.0.0.251", WIFI, false),
            ("fe80::99", ETHERNET, true),
            ("fe80::99", WIFI, false),
            ("2001:db8:1::99", ETHERNET, true),
            ("2001:db8:2::99", ETHERNET, false),
            ("::1", ETHERNET, false),
            ("::1", LOOPBACK, true),
            ("::", LOOPBACK, false),
            ("ff02::fb", ETHERNET, false),
            ("::ffff:192.168.1.30", ETHERNET, false),
        ];
        for (address, interface, expected) in cases {
            let actual = is_on_link(address.parse().unwrap(), interface, &networks());
            assert_eq!(actual, expected, "{address} on interface {interface}");
        }
    }

    #[test]
    fn a_network_of_two_addresses_or_one_has_no_broadcast() {
        let on_link = |address: &str, prefix_len| {
            let network =
                LocalNetwork { interface: ETHERNET, address: "10.0.0.6".parse().unwrap(), prefix_len };
            is_on_link(address.parse().unwrap(), ETHERNET, &[network])
        };
        assert!(on_link("10.0.0.6", 31));
        assert!(on_link("10.0.0.7", 31));
        assert!(!on_link("10.0.0.5", 31));
        assert!(on_link("10.0.0.6", 32));
        assert!(!on_link("10.0.0.7", 32));
    }

    #[test]
    fn an_interface_without_a_netmask_has_no_address_on_link_but_its_own() {
        let network =
            LocalNetwork { interface: ETHERNET, address: "10.0.0.1".parse().unwrap(), prefix_len: 0 };
        for (address, expected) in [("10.0.0.1", true), ("8.8.8.8", false), ("2001:db8::1", false)] {
            assert_eq!(is_on_link(address.parse().unwrap(), ETHERNET, &[network]), expected, "{address}");
        }
    }

    #[test]
    fn addresses_of_every_interface_and_loopback_are_own() {
        for own in ["127.0.0.1", "::1", "192.168.1.20", "10.0.0.5", "2001:db8:1::20"] {
            assert!(is_own(own.parse().unwrap(), &networks()), "{own}");
        }
        assert!(!is_own("192.168.1.30".parse().unwrap(), &networks()));
    }
}
