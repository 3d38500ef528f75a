//! Names that other programs give the chains, tables and interfaces they manage.

/// A program, with the names by which it is known: whole, or their beginnings where a `*` follows.
struct Manager {
    name: &'static str,
    chains: &'static [&'static str],
    tables: &'static [&'static str],
    interfaces: &'static [&'static str],
}

const ALL: &[Manager] = &[
    Manager {
        name: "Docker",
        chains: &["DOCKER*"],
        tables: &["docker-bridges"],
        interfaces: &["docker*"],
    },
    Manager {
        name: "Kubernetes",
        chains: &["KUBE-*"],
        tables: &["kube-proxy"],
        interfaces: &["kube-bridge", "kube-ipvs0", "cni0"],
    },
    Manager { name: "Calico", chains: &["cali-*"], tables: &[], interfaces: &["cali*"] },
    Manager {
        name: "Cilium",
        chains: &["CILIUM_*", "OLD_CILIUM_*"],
        tables: &[],
        interfaces: &["cilium_*", "lxc_health"],
    },
    Manager {
        name: "fail2ban",
        chains: &["f2b-*", "fail2ban-*"],
        tables: &["f2b-table"],
        interfaces: &[],
    },
    Manager { name: "ufw", chains: &["ufw-*", "ufw6-*"], tables: &[], interfaces: &[] },
    Manager {
        name: "libvirt",
        chains: &["LIBVIRT_*"],
        tables: &["libvirt_network"],
        interfaces: &["virbr*"],
    },
    Manager {
        name: "Podman",
        chains: &["NETAVARK*", "CNI-*"],
        tables: &["netavark"],
        interfaces: &["podman*", "cni-podman*"],
    },
    Manager {
        name: "Flannel",
        chains: &["FLANNEL*"],
        tables: &["flannel-*"],
        interfaces: &["flannel*"],
    },
    Manager { name: "Weave", chains: &["WEAVE*"], tables: &[], interfaces: &["weave*"] },
    Manager { name: "Tailscale", chains: &["ts-*"], tables: &[], interfaces: &["tailscale*"] },
    Manager {
        name: "LXD",
        chains: &[],
        tables: &["lxd", "incus"],
        interfaces: &["lxdbr*", "incusbr*"],
    },
    Manager { name: "sshguard", chains: &["sshguard"], tables: &["sshguard"], interfaces: &[] },
    Manager { name: "MiniUPnPd", chains: &["MINIUPNPD*"], tables: &[], interfaces: &[] },
    Manager {
        name: "Qubes OS",
        chains: &["QBS-*", "PR-QBS*"],
        tables: &["qubes", "qubes-*"],
        interfaces: &[],
    },
    Manager {
        name: "firewalld",
        chains: &[
            "INPUT_ZONES*",
            "INPUT_direct",
            "FORWARD_IN_ZONES*",
            "FORWARD_OUT_ZONES*",
            "FORWARD_direct",
            "OUTPUT_direct",
            "PREROUTING_ZONES*",
            "PREROUTING_direct",
            "POSTROUTING_ZONES*",
            "POSTROUTING_direct",
            "FWDI_*",
            "FWDO_*",
        ],
        tables: &["firewalld"],
        interfaces: &[],
    },
    Manager {
        name: "OpenWrt",
        chains: &[
            "zone_*",
            "delegate_*",
            "input_rule",
            "output_rule",
            "forwarding_rule",
            "prerouting_rule",
            "postrouting_rule",
            "input_lan_rule",
            "input_wan_rule",
            "output_lan_rule",
            "output_wan_rule",
            "forwarding_lan_rule",
            "forwarding_wan_rule",
        ],
        tables: &[],
        interfaces: &[],
    },
    Manager {
        name: "NetworkManager",
        chains: &["nm-sh-*", "nm_*"],
        tables: &["nm-shared-*"],
        interfaces: &[],
    },
    Manager { name: "Rancher", chains: &["CATTLE_*"], tables: &[], interfaces: &[] },
    Manager { name: "OpenVPN Access Server", chains: &["AS0_*"], tables: &[], interfaces: &[] },
    Manager { name: "CrowdSec", chains: &["crowdsec*"], tables: &["crowdsec*"], interfaces: &[] },
];

/// The program that manages chains of that name.
pub fn manager_of_chain(name: &str) -> Option<&'static str> {
    find(name, |manager| manager.chains)
}

/// The program that manages tables of that name.
pub fn manager_of_table(name: &str) -> Option<&'static str> {
    find(name, |manager| manager.tables)
}

/// The program that makes interfaces of that name, and rules for them.
pub fn manager_of_interface(name: &str) -> Option<&'static str> {
    // Docker names the bridges of its networks after their numbers.
    let digits = name.strip_prefix("br-").unwrap_or_default();
    if digits.len() == 12 && digits.bytes().all(|it| it.is_ascii_hexdigit()) {
        return Some("Docker");
    }
    find(name, |manager| manager.interfaces)
}

/// Whether chains of that name are managed, but for their owner to fill: the program calls them and leaves them alone.
pub fn is_for_the_owner(name: &str) -> bool {
    const PLACES: [&str; 8] = [
        "DOCKER-USER",
        "custom-input",
        "custom-forward",
        "ufw-before-",
        "ufw-after-",
        "ufw6-before-",
        "ufw6-after-",
        "CNI-ADMIN",
    ];
    PLACES.iter().any(|place| match place.strip_suffix('-') {
        Some(_) => name.starts_with(place),
        None => name == *place,
    })
}

fn find(name: &str, names: fn(&Manager) -> &'static [&'static str]) -> Option<&'static str> {
    let is = |pattern: &&str| match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == *pattern,
    };
    ALL.iter().find(|manager| names(manager).iter().any(is)).map(|manager| manager.name)
}

#[cfg(test)]
mod tests {
    use super::{manager_of_chain, manager_of_interface, manager_of_table};

    #[test]
    fn names_tell_their_programs() {
        assert_eq!(manager_of_chain("DOCKER-USER"), Some("Docker"));
        assert_eq!(manager_of_chain("ufw6-user-input"), Some("ufw"));
        assert_eq!(manager_of_chain("input"), None);
        assert_eq!(manager_of_table("f2b-table"), Some("fail2ban"));
        assert_eq!(manager_of_table("filter"), None);
        assert_eq!(manager_of_interface("br-0123456789ab"), Some("Docker"));
        assert_eq!(manager_of_interface("br-lan"), None);
        assert_eq!(manager_of_interface("virbr0"), Some("libvirt"));
    }
}
