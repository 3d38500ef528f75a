//! Which protocols rules are about: most rules are about other packets than the one that is traced, and a byte tells.

use crate::model::{Action, Assignment, Condition, Field, Ruleset};

/// Some protocols, roughly: one bit for each of those that most rules name, one for all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Protocols(u8);

/// TCP, UDP, ICMP and `ICMPv6`, by their numbers.
const NAMED: [u128; 4] = [6, 17, 1, 58];
const OTHERS: u8 = 1 << NAMED.len();

impl Protocols {
    pub(super) const ALL: Self = Self(OTHERS | (OTHERS - 1));

    /// That of protocol `number`.
    pub(super) fn one(number: u128) -> Self {
        Self(NAMED.iter().position(|it| *it == number).map_or(OTHERS, |at| 1 << at))
    }

    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Those that fulfil a match of the protocol.
    fn fulfilling(ranges: &[(u128, u128)], negated: bool) -> Self {
        let holds =
            |number: u128| ranges.iter().any(|(low, high)| (*low..=*high).contains(&number));
        let named = NAMED.iter().zip(0..).filter(|(number, _)| holds(**number) != negated);
        Self(named.fold(OTHERS, |bits, (_, at)| bits | 1 << at))
    }
}

/// Those that each rule of a rule set may do something to.
pub(super) fn of_rules(ruleset: &Ruleset) -> Vec<Protocols> {
    let rewrites = ruleset.steps.iter().any(|step| {
        matches!(step.action, Action::Assign(Assignment::Header { field: Field::Protocol, .. }))
    });
    if rewrites {
        return vec![Protocols::ALL; ruleset.rules.len()];
    }
    let of = |rule| {
        let mut protocols = Protocols::ALL;
        for step in ruleset.steps_of(rule) {
            match step.action {
                Action::Match(Condition::In { field: Field::Protocol, values, negated }) => {
                    let met = Protocols::fulfilling(ruleset.values(values), negated);
                    protocols = Protocols(protocols.0 & met.0);
                }
                Action::Match(_) | Action::Note | Action::Log(_) => {}
                Action::Assign(_) | Action::Verdict(_) => break,
            }
        }
        protocols
    };
    ruleset.rules.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::Protocols;

    #[test]
    fn what_a_match_of_the_protocol_leaves_out() {
        let (tcp, icmp, gre) = (Protocols::one(6), Protocols::one(1), Protocols::one(47));
        let only_tcp = Protocols::fulfilling(&[(6, 6)], false);
        assert!(only_tcp.meets(tcp) && !only_tcp.meets(icmp));
        let but_tcp = Protocols::fulfilling(&[(6, 6)], true);
        assert!(!but_tcp.meets(tcp) && but_tcp.meets(icmp) && but_tcp.meets(gre));
        let range = Protocols::fulfilling(&[(0, 17)], false);
        assert!(range.meets(tcp) && range.meets(icmp));
    }
}
