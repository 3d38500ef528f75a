//! Rules of all kinds in no order, as rule sets of networks have them: sources, destinations, ports, ranges of ports, some
//! interfaces; accepted, dropped and refused. The same rules in both languages.

use super::Dice;
use std::fmt::Write as _;

/// One rule.
struct Rule {
    chain: &'static str,
    source: Option<String>,
    destination: Option<String>,
    interface: Option<u32>,
    transport: &'static str,
    ports: (u32, u32),
    verdict: Verdict,
}

#[derive(Clone, Copy)]
enum Verdict {
    Accept,
    Drop,
    Reject,
}

/// A filter table with this many rules.
pub(crate) fn iptables(count: usize) -> String {
    let mut dice = Dice::default();
    let mut text =
        String::from("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n");
    for _ in 0..count {
        Rule::of(&mut dice).as_iptables(&mut text);
    }
    text.push_str("COMMIT\n");
    text
}

/// The same with ten rules changed, all over the file: each to another verdict.
pub(crate) fn changed(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let every = lines.len() / 11;
    let changed = lines.iter().zip(0..).map(|(line, at)| {
        if at % every != every / 2 || !line.starts_with("-A") {
            return (*line).to_owned();
        }
        match (line.contains("-j ACCEPT"), line.contains("-j DROP")) {
            (true, _) => line.replace("-j ACCEPT", "-j DROP"),
            (_, true) => line.replace("-j DROP", "-j ACCEPT"),
            _ => line.replace("-j REJECT --reject-with icmp-port-unreachable", "-j ACCEPT"),
        }
    });
    changed.map(|line| line + "\n").collect()
}

/// The rules of [`iptables`] in a table of nftables.
pub(crate) fn nft(count: usize) -> String {
    let mut dice = Dice::default();
    let (mut input, mut forward) = (String::new(), String::new());
    for _ in 0..count {
        let rule = Rule::of(&mut dice);
        rule.as_nft(if rule.chain == "INPUT" { &mut input } else { &mut forward });
    }
    format!(
        "table ip filter {{\n  chain input {{\n    type filter hook input priority filter; policy drop;\n{input}  }}\n  \
         chain forward {{\n    type filter hook forward priority filter; policy drop;\n{forward}  }}\n}}\n"
    )
}

impl Rule {
    fn of(dice: &mut Dice) -> Self {
        let chain = if dice.below(3) == 0 { "FORWARD" } else { "INPUT" };
        let source = (dice.below(10) < 7).then(|| {
            let (first, second, third) = (1 + dice.below(222), dice.below(256), dice.below(256));
            match dice.below(6) {
                0 => format!("{first}.{second}.0.0/16"),
                1 | 2 => format!("{first}.{second}.{third}.0/24"),
                _ => format!("{first}.{second}.{third}.{}", dice.below(256)),
            }
        });
        // A rule for everybody everywhere would leave nothing for those behind it.
        let destination = (source.is_none() || dice.below(10) < 4)
            .then(|| format!("10.{}.{}.{}", dice.below(256), dice.below(256), dice.below(256)));
        let transport = if dice.below(3) == 0 { "udp" } else { "tcp" };
        let first = 1 + dice.below(60_000);
        let last = if dice.below(3) == 0 { first + 1 + dice.below(2_000) } else { first };
        let verdict = match dice.below(4) {
            0 => Verdict::Drop,
            1 => Verdict::Reject,
            _ => Verdict::Accept,
        };
        let interface = (dice.below(10) == 0).then(|| dice.below(4));
        Self { chain, source, destination, interface, transport, ports: (first, last), verdict }
    }

    fn as_iptables(&self, text: &mut String) {
        let Self { chain, transport, ports: (first, last), .. } = self;
        let _ = write!(text, "-A {chain}");
        if let Some(source) = &self.source {
            let _ = write!(text, " -s {source}");
        }
        if let Some(destination) = &self.destination {
            let _ = write!(text, " -d {destination}");
        }
        if let Some(number) = self.interface {
            let _ = write!(text, " -i eth{number}");
        }
        let _ = write!(text, " -p {transport} -m {transport} --dport {first}");
        if first != last {
            let _ = write!(text, ":{last}");
        }
        let verdict = match self.verdict {
            Verdict::Accept => "ACCEPT",
            Verdict::Drop => "DROP",
            Verdict::Reject => "REJECT --reject-with icmp-port-unreachable",
        };
        let _ = writeln!(text, " -j {verdict}");
    }

    fn as_nft(&self, text: &mut String) {
        let Self { transport, ports: (first, last), .. } = self;
        text.push_str("    ");
        if let Some(number) = self.interface {
            let _ = write!(text, "iifname \"eth{number}\" ");
        }
        if let Some(source) = &self.source {
            let _ = write!(text, "ip saddr {source} ");
        }
        if let Some(destination) = &self.destination {
            let _ = write!(text, "ip daddr {destination} ");
        }
        let _ = write!(text, "{transport} dport {first}");
        if first != last {
            let _ = write!(text, "-{last}");
        }
        let verdict = match self.verdict {
            Verdict::Accept => "accept",
            Verdict::Drop => "drop",
            Verdict::Reject => "reject",
        };
        let _ = writeln!(text, " {verdict}");
    }
}
