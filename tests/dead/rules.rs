//! Made-up rule sets, the same for the same seed.

use super::numbers::Numbers;
use std::fmt::Write as _;

/// The conditions speak of what [`super::interpreter`] tells apart.
fn conditions(numbers: &mut Numbers) -> String {
    let mut text = String::new();
    let not = |numbers: &mut Numbers| if numbers.chance(20) { "! " } else { "" };
    if numbers.chance(40) {
        let sources = ["198.51.100.0/30", "198.51.100.2", "198.51.100.0/31", "10.0.0.0/8"];
        let not = not(numbers);
        let _ = write!(text, " {not}-s {}", numbers.pick(&sources));
    }
    if numbers.chance(15) {
        let _ = write!(text, " -d {}", numbers.pick(&["192.0.2.1", "192.0.2.0/24"]));
    }
    if numbers.chance(20) {
        let not = not(numbers);
        let _ = write!(text, " {not}-i {}", numbers.pick(&["eth0", "eth1", "eth+", "lo"]));
    }
    if numbers.chance(50) {
        let _ = write!(text, " -p {}", numbers.pick(&["tcp", "udp", "tcp"]));
        match numbers.below(5) {
            0 | 1 => {
                let not = not(numbers);
                let ports = ["22", "80", "22:80", "23:65535", "0:79"];
                let _ = write!(text, " {not}--dport {}", numbers.pick(&ports));
            }
            2 => text.push_str(" -m multiport --dports 22,80"),
            3 => text.push_str(" -m multiport --ports 22,4000"),
            _ => {}
        }
    }
    if numbers.chance(25) {
        let not = not(numbers);
        let states = ["NEW", "ESTABLISHED,RELATED", "NEW,INVALID,UNTRACKED"];
        let _ = write!(text, " -m conntrack {not}--ctstate {}", numbers.pick(&states));
    }
    if numbers.chance(8) {
        let _ = write!(text, " -m mark --mark {}", numbers.pick(&["1", "0x2/0x2"]));
    }
    text
}

/// A filter table that a person could take in at a glance.
pub(crate) fn small(seed: u64) -> String {
    let mut numbers = Numbers(seed.wrapping_mul(7_919));
    let mut text =
        String::from("*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n");
    text.push_str(":ONE - [0:0]\n:TWO - [0:0]\n:THREE - [0:0]\n");
    let mut limits = 0;
    for _ in 0..6 + numbers.below(14) {
        let chain = numbers.pick(&["INPUT", "INPUT", "FORWARD", "ONE", "TWO", "THREE"]);
        let mut rule = conditions(&mut numbers);
        if limits < 2 && numbers.chance(8) {
            limits += 1;
            rule.push_str(" -m limit --limit 1/sec");
        }
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
                "-j LOG",
                "-j MARK --set-mark 1",
            ],
            "ONE" => {
                &["-j ACCEPT", "-j DROP", "-j TWO", "-g THREE", "-j RETURN", "-j THREE", "-j LOG"]
            }
            "TWO" => &["-j ACCEPT", "-j DROP", "-j RETURN", "-g THREE", "-j THREE"],
            _ => &["-j ACCEPT", "-j DROP", "-j RETURN", "-j MARK --set-xmark 0x2/0x2"],
        };
        let _ = writeln!(text, "-A {chain}{rule} {}", numbers.pick(targets));
    }
    text.push_str("COMMIT\n");
    text
}

/// Narrow rules before wide ones, so that some of the first change nothing.
pub(crate) fn narrow_before_wide(seed: u64) -> String {
    let mut numbers = Numbers(seed.wrapping_mul(104_729) + 1);
    let mut text = String::from("*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n");
    text.push_str(":ONE - [0:0]\n:TWO - [0:0]\n");
    let mut limits = 0;
    let targets = ["ACCEPT", "ACCEPT", "ACCEPT", "DROP", "REJECT", "ONE", "TWO", "RETURN", "LOG"];
    for _ in 0..4 + numbers.below(6) {
        let chain = numbers.pick(&["INPUT", "INPUT", "OUTPUT", "ONE", "TWO"]);
        let mut rule = conditions(&mut numbers);
        let last = if *chain == *"ONE" || *chain == *"TWO" { 5 } else { targets.len() };
        let target = targets[numbers.below(last)];
        if limits < 2 && target == "ACCEPT" && numbers.chance(15) {
            limits += 1;
            rule.push_str(" -m limit --limit 1/sec");
        }
        if chain == "OUTPUT" && rule.contains("-i ") {
            continue;
        }
        let _ = writeln!(text, "-A {chain}{rule} -j {target}");
    }
    let wide =
        ["-s 198.51.100.0/24", "-p tcp", "-p udp", "-p tcp --dport 22:80", "! -s 10.0.0.0/8"];
    for _ in 0..2 + numbers.below(5) {
        let chain = numbers.pick(&["INPUT", "INPUT", "OUTPUT", "TWO"]);
        let target = numbers.pick(&["ACCEPT", "ACCEPT", "DROP"]);
        let _ = writeln!(text, "-A {chain} {} -j {target}", numbers.pick(&wide));
    }
    text.push_str("COMMIT\n");
    text
}

/// One long chain of boxes.
pub(crate) fn long(rules: usize, seed: u64) -> String {
    let mut numbers = Numbers(seed);
    let mut text = String::from("*filter\n:INPUT DROP [0:0]\n");
    // In a long one a rule about everything would leave nothing to say of the others.
    let narrow = rules > 4_000;
    for _ in 0..rules {
        text.push_str("-A INPUT");
        if narrow || numbers.chance(90) {
            let length = [12, 16, 20, 24, 28, 32][if narrow { 2 } else { 0 } + numbers.below(4)];
            let (a, b, c) = (numbers.below(2), numbers.below(256), numbers.below(256));
            let _ = write!(text, " -s 10.{}.{b}.{c}/{length}", a * 128 + numbers.below(16));
        }
        if numbers.chance(30) {
            let _ = write!(text, " -d 192.0.{}.0/{}", numbers.below(8), 21 + numbers.below(4));
        }
        if narrow || numbers.chance(90) {
            let _ = write!(text, " -p {}", numbers.pick(&["tcp", "udp"]));
            let first = numbers.below(2_000);
            if numbers.chance(50) {
                let _ = write!(text, " --dport {first}");
            } else {
                let _ = write!(text, " --dport {first}:{}", first + numbers.below(1_000));
            }
        }
        let _ = writeln!(text, " -j {}", numbers.pick(&["ACCEPT", "DROP", "REJECT"]));
    }
    text.push_str("COMMIT\n");
    text
}
