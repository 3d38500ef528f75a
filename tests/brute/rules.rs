//! Made-up rule sets of iptables, the same for the same seed.

use super::numbers::Numbers;
use std::fmt::Write as _;

fn conditions(numbers: &mut Numbers, hook: &str) -> String {
    let mut text = String::new();
    if numbers.chance(30) {
        let not = if numbers.chance(25) { "! " } else { "" };
        let _ = write!(
            text,
            " {not}-s {}",
            numbers.pick(&["198.51.100.0/30", "198.51.100.2", "10.0.0.0/8", "198.51.100.1/32"])
        );
    }
    if numbers.chance(20) {
        let _ = write!(text, " -d {}", numbers.pick(&["192.0.2.1", "192.0.2.0/24", "10.0.0.5"]));
    }
    if hook != "OUTPUT" && numbers.chance(25) {
        let not = if numbers.chance(25) { "! " } else { "" };
        let _ = write!(text, " {not}-i {}", numbers.pick(&["eth0", "eth1", "eth+", "lo"]));
    }
    if numbers.chance(60) {
        let protocol = numbers.pick(&["tcp", "udp"]);
        let _ = write!(text, " -p {protocol}");
        match numbers.below(6) {
            0 => {
                let not = if numbers.chance(30) { "! " } else { "" };
                let _ = write!(
                    text,
                    " {not}--dport {}",
                    numbers.pick(&["22", "80", "22:80", "23", "1:3388", "50:65535"])
                );
            }
            1 => text.push_str(" -m multiport --dports 22,80"),
            2 => text.push_str(" -m multiport --ports 23,4000"),
            3 => text.push_str(" --sport 4000"),
            4 if protocol == "tcp" => text.push_str(" --syn"),
            _ => {}
        }
    }
    if numbers.chance(20) {
        let not = if numbers.chance(25) { "! " } else { "" };
        let state =
            numbers.pick(&["NEW", "ESTABLISHED,RELATED", "UNTRACKED", "NEW,UNTRACKED", "DNAT"]);
        let _ = write!(text, " -m conntrack {not}--ctstate {state}");
    }
    if numbers.chance(10) {
        let not = if numbers.chance(50) { "! " } else { "" };
        let _ = write!(
            text,
            " -m mark {not}--mark {}",
            numbers.pick(&["1", "2", "0x1/0x1", "0x3/0x3"])
        );
    }
    if numbers.chance(8) {
        let _ = write!(text, " -m addrtype --dst-type {}", numbers.pick(&["LOCAL", "UNICAST"]));
    }
    if numbers.chance(5) {
        text.push_str(" -m conntrack --ctorigdstport 80");
    }
    text
}

pub(super) fn rule_set(seed: u64) -> String {
    let mut numbers = Numbers(seed);
    let mut text = String::from("*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n");
    for _ in 0..numbers.below(3) {
        let rule = conditions(&mut numbers, "PREROUTING");
        let rule = rule.replace("DNAT", "NEW");
        let _ = writeln!(
            text,
            "-A PREROUTING{rule} -j {}",
            numbers.pick(&["CT --notrack", "DROP", "ACCEPT"])
        );
    }
    text.push_str("COMMIT\n*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n");
    for _ in 0..numbers.below(4) {
        let hook = numbers.pick(&["PREROUTING", "INPUT", "FORWARD"]);
        let rule = conditions(&mut numbers, hook);
        let target = numbers.pick(&[
            "MARK --set-mark 1",
            "MARK --set-xmark 0x2/0x2",
            "MARK --or-mark 0x1",
            "DROP",
            "ACCEPT",
            "CONNMARK --save-mark",
        ]);
        let _ = writeln!(text, "-A {hook}{rule} -j {target}");
    }
    text.push_str("COMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n");
    for _ in 0..numbers.below(3) {
        let protocol = numbers.pick(&["tcp", "udp"]);
        let port = numbers.pick(&["22", "80", "22:80"]);
        let target = numbers.pick(&[
            "DNAT --to-destination 10.0.0.5:22",
            "DNAT --to-destination 10.0.0.5",
            "REDIRECT --to-ports 23",
            "ACCEPT",
        ]);
        let source = if numbers.chance(40) { " -s 198.51.100.0/30" } else { "" };
        let _ = writeln!(text, "-A PREROUTING{source} -p {protocol} --dport {port} -j {target}");
    }
    text.push_str("COMMIT\n*filter\n");
    for chain in ["INPUT", "FORWARD", "OUTPUT"] {
        let _ = writeln!(text, ":{chain} {} [0:0]", numbers.pick(&["ACCEPT", "DROP"]));
    }
    text.push_str(":ONE - [0:0]\n:TWO - [0:0]\n:THREE - [0:0]\n");
    // Some are long, for what is gathered from many rules.
    let rules = if seed.is_multiple_of(20) { 120 } else { 4 + numbers.below(10) };
    for _ in 0..rules {
        let chain = numbers.pick(&["INPUT", "INPUT", "FORWARD", "ONE", "TWO", "THREE"]);
        let rule = conditions(&mut numbers, chain);
        // Chains call only those after them, so that no loop comes about.
        let targets: &[&str] = match chain {
            "INPUT" | "FORWARD" => &[
                "-j ACCEPT",
                "-j DROP",
                "-j ONE",
                "-j TWO",
                "-g TWO",
                "-j RETURN",
                "-j REJECT",
                "-g ONE",
            ],
            "ONE" => &["-j ACCEPT", "-j DROP", "-j TWO", "-g THREE", "-j RETURN", "-j THREE"],
            "TWO" => &["-j ACCEPT", "-j DROP", "-j RETURN", "-g THREE", "-j THREE"],
            _ => &["-j ACCEPT", "-j DROP", "-j RETURN"],
        };
        let _ = writeln!(text, "-A {chain}{rule} {}", numbers.pick(targets));
    }
    text.push_str("COMMIT\n");
    text
}
