//! The options of one rule as steps.

use super::{Replay, meaning, meaning::Meaning};

use crate::{
    lower::script,
    model::{Action, Condition, DestinationKind, Field, OpaqueKind, Sort, State, Subject, Values},
    source::Span,
    syntax::iptables::{
        Family, Opt, extensions,
        values::{self, Address, AddressRange, CtStates, Interface},
    },
};
use std::ops::RangeInclusive;

/// The protocols that have ports: TCP, UDP, DCCP, SCTP and UDP-Lite.
const PORTED: [u128; 5] = [6, 17, 33, 132, 136];

fn asks_port(option: &Opt) -> bool {
    matches!(
        meaning::of(option.extension, option.option),
        Meaning::PortRange(_) | Meaning::PortList(_) | Meaning::EitherPort
    )
}

/// A match some of whose options nobody can compute: they are one condition together.
struct Pending {
    name: String,
    kind: OpaqueKind,
    text: String,
    span: Span,
    /// How many options make it up, and whether the last is negated.
    options: u32,
    negated: bool,
    /// Whether one of them turns the answer round.
    inverted: bool,
}

impl<'f> Replay<'_, 'f> {
    pub(super) fn options(&mut self, options: &[Opt]) {
        let mut pending: Option<Pending> = None;
        let mut jump = None;
        for (index, option) in options.iter().enumerate() {
            let meaning = meaning::of(option.extension, option.option);
            if self.unresolved(option, meaning) {
                if meaning == Meaning::Protocol && options.iter().any(asks_port) {
                    // Whichever it is, it has ports.
                    let values = self.builder.several(PORTED.map(|it| (it, it)));
                    let (field, negated) = (Field::Protocol, false);
                    self.builder.condition(option.name, Condition::In { field, values, negated });
                }
                continue;
            }
            if matches!(meaning, Meaning::MatchName) {
                self.settle_opaque(pending.take());
                pending = self.opening(options, index);
                continue;
            }
            match meaning {
                Meaning::Target => {}
                Meaning::Jump | Meaning::Goto => jump = Some((*option, meaning)),
                Meaning::Opaque(kind) => {
                    let name = self.extension_name(options, index);
                    if pending.as_ref().is_none_or(|it| it.name != name) {
                        self.settle_opaque(pending.take());
                        pending = Some(Pending::new(name, kind, option.name));
                    }
                    if let Some(pending) = &mut pending {
                        pending.add(self, option, kind);
                    }
                }
                _ => self.option(option, meaning),
            }
        }
        self.settle_opaque(pending);
        if let Some((option, meaning)) = jump {
            let of_target = |it: &&Opt| {
                meaning::of(it.extension, it.option) == Meaning::Target
                    || (it.extension == extensions::UNKNOWN && it.name.start > option.name.start)
            };
            let target: Vec<Opt> = options.iter().filter(of_target).copied().collect();
            self.jump(&option, meaning == Meaning::Goto, &target);
        }
    }

    /// Makes a question of an option in whose words something is unknown; `false` where all is known.
    fn unresolved(&mut self, option: &Opt, meaning: Meaning) -> bool {
        if matches!(meaning, Meaning::Jump | Meaning::Goto | Meaning::Target | Meaning::Nothing) {
            return false;
        }
        let words = if option.value.is_empty() { option.name } else { option.value };
        let name = extensions::ALL.get(usize::from(option.extension));
        let name = name.map_or("", |it| it.options[usize::from(option.option)].name);
        let Some(condition) = script::unresolved(self.input, (name, words), self.builder) else {
            return false;
        };
        let condition = match condition {
            Condition::Opaque { opaque, .. } => {
                Condition::Opaque { opaque, negated: option.negated }
            }
            other => other,
        };
        self.builder.condition(option.name.to(option.value), condition);
        true
    }

    /// What `-m name` alone asks for; its options come behind it.
    fn opening(&mut self, options: &[Opt], index: usize) -> Option<Pending> {
        let option = &options[index];
        let name = self.value(option).into_owned();
        let span = option.name.to(option.value);
        match meaning::without_options(&name) {
            Meaning::Opaque(kind) => Some(Pending::new(name, kind, span)),
            // Which of its options stands there decides; alone it says nothing that is not assumed.
            _ => None,
        }
    }

    /// The match that an option belongs to.
    fn extension_name(&self, options: &[Opt], index: usize) -> String {
        let option = &options[index];
        if let Some(extension) = extensions::ALL.get(usize::from(option.extension)) {
            return extension.name.to_owned();
        }
        // Of an unknown match: the last one named before it.
        let named = options[..index]
            .iter()
            .rev()
            .find(|it| meaning::of(it.extension, it.option) == Meaning::MatchName);
        named.map_or_else(String::new, |it| self.value(it).into_owned())
    }

    fn settle_opaque(&mut self, pending: Option<Pending>) {
        let Some(pending) = pending else { return };
        // Before a jump to a foreign target its options look like those of an unknown match.
        if pending.name.is_empty() {
            return;
        }
        let negated = (pending.options == 1 && pending.negated) || pending.inverted;
        let place = self.place(pending.span);
        let text = format!("{}{}", pending.name, pending.text);
        let subject = Subject::Match(pending.name);
        if pending.kind == OpaqueKind::Foreign {
            self.builder.unknown(place, subject.clone());
        }
        let opaque = self.builder.opaque(text, subject, pending.kind, place);
        self.builder.condition(pending.span, Condition::Opaque { opaque, negated });
    }

    fn option(&mut self, option: &Opt, meaning: Meaning) {
        let span = option.name.to(option.value);
        let extension = extensions::ALL.get(usize::from(option.extension)).map_or("", |it| it.name);
        if meaning::asks_connection(extension) && meaning != Meaning::States {
            let tracked = State::Established.value()..=State::New.value();
            let values = self.builder.one(*tracked.start(), *tracked.end());
            self.builder
                .condition(span, Condition::In { field: Field::State, values, negated: false });
        }
        if let Some(condition) = self.meaning(option, meaning, span) {
            self.builder.condition(span, condition);
        } else if meaning == Meaning::Always {
            self.builder.step(span, Action::Note);
        }
    }

    /// The words of an option's value, as the loader passes them on.
    pub(super) fn value(&self, option: &Opt) -> std::borrow::Cow<'f, str> {
        values::unquoted(self.text(option.value))
    }

    fn family(&self) -> Family {
        if self.ipv6 { Family::V6 } else { Family::V4 }
    }

    fn meaning(&mut self, option: &Opt, meaning: Meaning, span: Span) -> Option<Condition> {
        let negated = option.negated;
        let value = self.value(option);
        let within = |field: Field, values: Values| Some(Condition::In { field, values, negated });
        match meaning {
            Meaning::Nothing
            | Meaning::Opaque(_)
            | Meaning::Jump
            | Meaning::Goto
            | Meaning::MatchName
            | Meaning::Target => None,
            Meaning::Always => negated.then_some(Condition::Never),
            Meaning::Addresses(field) => self.addresses(&value, field, negated, span),
            Meaning::AddressRange(field) => {
                let range = values::address_range(&value, self.family()).ok()?;
                let (low, high) = bounds(&range);
                within(field, self.builder.one(low, high))
            }
            Meaning::Protocol => {
                let protocol = values::protocol(&value).ok()?;
                // 0 stands for every protocol.
                if protocol == 0 {
                    return negated.then_some(Condition::Never);
                }
                within(Field::Protocol, self.builder.one(protocol.into(), protocol.into()))
            }
            Meaning::Interface(field) => {
                let (name, prefix) = match values::interface(&value).ok()? {
                    Interface::Any => return negated.then_some(Condition::Never),
                    Interface::Prefix(name) => (name, true),
                    Interface::Exact(name) => (name, false),
                };
                let name = self.builder.interface(name, prefix);
                Some(Condition::Interface { field, name, negated })
            }
            Meaning::Fragment => within(Field::Fragment, self.builder.one(2, 2)),
            Meaning::PortRange(field) => {
                let range = values::port_range(&value).ok()?;
                within(field, self.builder.one((*range.start()).into(), (*range.end()).into()))
            }
            Meaning::PortList(field) => {
                let values = self.port_list(&value);
                within(field, values)
            }
            Meaning::EitherPort => {
                let values = self.port_list(&value);
                let port = |field| vec![Condition::In { field, values, negated: false }];
                let ports = [Field::SourcePort, Field::DestinationPort].map(port);
                Some(self.builder.one_of(ports.into(), negated))
            }
            Meaning::TcpFlags => {
                let mut words = value.split_ascii_whitespace();
                let flags = values::tcp_flags(words.next()?, words.next()?).ok()?;
                let values = self.builder.several([(flags.mask.into(), flags.compare.into())]);
                Some(Condition::Masked { field: Field::TcpFlags, values, negated })
            }
            Meaning::Syn => {
                // FIN, SYN, RST and ACK are looked at, SYN must be the one that is set.
                let values = self.builder.several([(0x17, 0x02)]);
                Some(Condition::Masked { field: Field::TcpFlags, values, negated })
            }
            Meaning::Icmp | Meaning::Icmpv6 => {
                let icmp = if meaning == Meaning::Icmp {
                    values::icmp_type(&value)
                } else {
                    values::icmpv6_type(&value)
                };
                let icmp = icmp.ok()?;
                let Some(kind) = icmp.kind else { return negated.then_some(Condition::Never) };
                let codes = icmp.codes.unwrap_or(0..=0xff);
                let kind = u128::from(kind) << 8;
                within(
                    Field::Icmp,
                    self.builder
                        .one(kind | u128::from(*codes.start()), kind | u128::from(*codes.end())),
                )
            }
            Meaning::States => Some(self.states(values::ct_states(&value).ok()?, negated)),
            Meaning::Direction => {
                let reply = u128::from(value.eq_ignore_ascii_case("REPLY"));
                within(Field::Direction, self.builder.one(reply, reply))
            }
            Meaning::Mark(field) => {
                let mark = values::mark(&value).ok()?;
                let values = self.builder.several([(mark.mask.into(), mark.value.into())]);
                Some(Condition::Masked { field, values, negated })
            }
            Meaning::DestinationKind => {
                let kinds = destination_kinds(&value, self.ipv6);
                let values = self.builder.several(kinds);
                within(Field::DestinationKind, values)
            }
            Meaning::Set => Some(self.set(&value, negated, span)),
        }
    }

    fn port_list(&mut self, value: &str) -> Values {
        let ranges = values::multiport(value).flatten();
        self.builder.several(ranges.map(|range| ((*range.start()).into(), (*range.end()).into())))
    }

    fn addresses(
        &mut self,
        value: &str,
        field: Field,
        negated: bool,
        span: Span,
    ) -> Option<Condition> {
        let family = self.family();
        let mut ranges: Vec<(u128, u128)> = Vec::new();
        let mut other: Vec<Condition> = Vec::new();
        for address in values::addresses(value, family).flatten() {
            let (address, mask, last) = match address {
                Address::V4 { address, mask } => {
                    (address.into(), mask.into(), u128::from(u32::MAX))
                }
                Address::V6 { address, mask } => (address, mask, u128::MAX),
                Address::Name(name) => {
                    let (text, subject) =
                        (format!("host {name}"), Subject::HostName(name.to_owned()));
                    let place = self.place(span);
                    self.builder.unknown(place, subject.clone());
                    let opaque = self.builder.opaque(text, subject, OpaqueKind::Fixed, place);
                    other.push(Condition::Opaque { opaque, negated: false });
                    continue;
                }
            };
            let free = last & !mask;
            // The mask's bits lead if the free ones are all at the end.
            if free & free.wrapping_add(1) == 0 {
                ranges.push((address & mask, (address & mask) | free));
            } else {
                let values = self.builder.several([(mask, address & mask)]);
                other.push(Condition::Masked { field, values, negated: false });
            }
        }
        if other.is_empty() {
            let values = match ranges[..] {
                [] => return None,
                [(low, high)] => self.builder.one(low, high),
                _ => self.builder.several(ranges),
            };
            return Some(Condition::In { field, values, negated });
        }
        if !ranges.is_empty() {
            let values = self.builder.several(ranges);
            other.push(Condition::In { field, values, negated: false });
        }
        match other[..] {
            [Condition::Masked { field, values, .. }] => {
                Some(Condition::Masked { field, values, negated })
            }
            [Condition::Opaque { opaque, .. }] => Some(Condition::Opaque { opaque, negated }),
            _ => Some(self.builder.one_of(other.into_iter().map(|it| vec![it]).collect(), negated)),
        }
    }

    fn states(&mut self, states: CtStates, negated: bool) -> Condition {
        // The five states stand in the order of their numbers; behind them come two that ask about translation.
        let plain =
            (0..5).filter(|state| states.bits() >> state & 1 == 1).map(|state| (state, state));
        let values = self.builder.several(plain);
        let state = Condition::In { field: Field::State, values, negated: false };
        let translated = |field_values: Values| Condition::In {
            field: Field::Translated,
            values: field_values,
            negated: false,
        };
        let mut alternatives = vec![vec![state]];
        if states.contains(CtStates::SNAT) {
            let values = self.builder.several([(1, 1), (3, 3)]);
            alternatives.push(vec![translated(values)]);
        }
        if states.contains(CtStates::DNAT) {
            let values = self.builder.several([(2, 3)]);
            alternatives.push(vec![translated(values)]);
        }
        if alternatives.len() == 1 {
            return Condition::In { field: Field::State, values, negated };
        }
        self.builder.one_of(alternatives, negated)
    }

    fn set(&mut self, value: &str, negated: bool, span: Span) -> Condition {
        let mut words = value.split_ascii_whitespace();
        let name = words.next().unwrap_or_default();
        let directions: Vec<bool> =
            words.next().unwrap_or_default().split(',').map(|it| it == "src").collect();
        if let Some(condition) =
            self.sets.condition(self.builder, name, &directions, self.ipv6, negated)
        {
            let place = self.place(span);
            self.builder.ruleset.named_sets.push(place);
            return condition;
        }
        let place = self.place(span);
        let subject = Subject::Set(name.to_owned());
        if !self.sets.has(name) {
            self.undefined(Sort::Set, name, span, false);
        }
        self.builder.unknown(place, subject.clone());
        let opaque = self.builder.opaque(format!("set {value}"), subject, OpaqueKind::Fixed, place);
        Condition::Opaque { opaque, negated }
    }
}

impl Pending {
    fn new(name: String, kind: OpaqueKind, span: Span) -> Self {
        Self { name, kind, text: String::new(), span, options: 0, negated: false, inverted: false }
    }

    fn add(&mut self, replay: &Replay<'_, '_>, option: &Opt, kind: OpaqueKind) {
        self.span = self.span.to(option.name).to(option.value);
        // A name without its dashes and `!`, so that spellings of one condition read alike.
        let spec = extensions::ALL.get(usize::from(option.extension));
        let name = spec.map_or_else(
            || replay.text(option.name),
            |it| it.options[usize::from(option.option)].name,
        );
        if kind == OpaqueKind::Assumed && name == "invert" {
            self.inverted = true;
            return;
        }
        self.options += 1;
        self.negated = option.negated;
        if option.negated && self.options > 1 {
            self.text.push_str(" !");
        }
        self.text.push(' ');
        self.text.push_str(name);
        if !option.value.is_empty() {
            self.text.push(' ');
            self.text.push_str(replay.text(option.value));
        }
        self.kind = kind;
    }
}

fn bounds(range: &AddressRange) -> (u128, u128) {
    let of = |range: &RangeInclusive<u32>| (u128::from(*range.start()), u128::from(*range.end()));
    match range {
        AddressRange::V4(range) => of(range),
        AddressRange::V6(range) => (*range.start(), *range.end()),
    }
}

/// The kinds of destination that `--dst-type` names. For IPv6 it is the sort of address that is asked for, and this host's
/// own are unicast too (`xt_addrtype.c`).
fn destination_kinds(value: &str, ipv6: bool) -> Vec<(u128, u128)> {
    let own = |kind| ipv6 && kind == DestinationKind::Unicast;
    let kinds = value.split(',').map(destination_kind);
    let kinds = kinds.flat_map(|kind| {
        [Some(kind), own(kind).then_some(DestinationKind::Local)].into_iter().flatten()
    });
    kinds.map(|kind| (kind.value(), kind.value())).collect()
}

fn destination_kind(name: &str) -> DestinationKind {
    match name {
        _ if name.eq_ignore_ascii_case("UNICAST") => DestinationKind::Unicast,
        _ if name.eq_ignore_ascii_case("LOCAL") => DestinationKind::Local,
        _ if name.eq_ignore_ascii_case("BROADCAST") => DestinationKind::Broadcast,
        _ if name.eq_ignore_ascii_case("MULTICAST") => DestinationKind::Multicast,
        _ => DestinationKind::Other,
    }
}
