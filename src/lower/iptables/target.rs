//! What becomes of the packets of a rule: its target.

use super::Replay;

use crate::{
    lower::script,
    model::{Action, Assignment, Field, Log, Sort, Translation, Unserved, Values, Verdict},
    syntax::iptables::{
        Family, Opt, TableKind, extensions,
        values::{self, AddressRange, Mark},
    },
};

/// Targets that leave a trace and go on.
const NOTING: [&str; 11] = [
    "CHECKSUM",
    "CLASSIFY",
    "CLUSTERIP",
    "CONNSECMARK",
    "IDLETIMER",
    "LED",
    "RATEEST",
    "SECMARK",
    "TEE",
    "TRACE",
    "ACCOUNT",
];

/// Where targets that write a line about the packet, and go on, write it.
const LOGGING: [(&str, Log); 5] = [
    ("LOG", Log::Kernel),
    ("LOGMARK", Log::Kernel),
    ("NFLOG", Log::Program),
    ("ULOG", Log::Program),
    ("AUDIT", Log::Program),
];

/// Targets that change header fields or sets that are not modelled, and go on.
const CHANGING: [&str; 8] = ["DSCP", "ECN", "HL", "SET", "TCPMSS", "TCPOPTSTRIP", "TOS", "TTL"];

/// Targets that write another prefix into an address (RFC 6296), and go on.
const REWRITING: [(&str, Field); 2] = [("DNPT", Field::Destination), ("SNPT", Field::Source)];

impl Replay<'_, '_> {
    pub(super) fn jump(&mut self, option: &Opt, goto: bool, target: &[Opt]) {
        let name = self.value(option);
        let name = name.as_ref();
        let last = target.last().map_or(option.value, |it| it.name.to(it.value));
        let span = option.name.to(option.value).to(last);
        if script::unresolved(self.input, ("target", option.value), self.builder).is_some() {
            return self.builder.verdict(span, Verdict::Unknown);
        }
        let verdict = match name {
            _ if goto => None,
            "ACCEPT" => Some(Verdict::Accept),
            "DROP" => Some(Verdict::Drop),
            "RETURN" => Some(Verdict::Return),
            "QUEUE" => Some(Verdict::Queue { bypass: false }),
            _ => None,
        };
        if let Some(verdict) = verdict {
            return self.builder.verdict(span, verdict);
        }
        let named = self.text(option.value);
        if self.chains.contains_key(named) || goto || !is_target(name) {
            let place = self.place(option.value);
            let chain = self.chain(named, place);
            let known = self.builder.ruleset.chain(chain);
            if !known.declared && known.base.is_none() {
                self.pending.push((self.builder.mark(), chain, option.value));
            }
            let verdict = if goto { Verdict::Goto(chain) } else { Verdict::Jump(chain) };
            return self.builder.verdict(option.name.to(option.value), verdict);
        }
        self.target(name, option, target, span);
    }

    fn target(&mut self, name: &str, option: &Opt, target: &[Opt], span: crate::source::Span) {
        let verdict = match name {
            "REJECT" => Verdict::Reject,
            // Holds the connection open and never answers for the service.
            "TARPIT" | "DELUDE" | "CHAOS" => Verdict::Drop,
            "NFQUEUE" => Verdict::Queue { bypass: find(target, "queue-bypass").is_some() },
            "SNAT" => self.snat(target),
            "MASQUERADE" => self.masquerade(target),
            "SYNPROXY" => Verdict::Synproxy,
            "DNAT" => self.dnat(target),
            "REDIRECT" => self.redirect(target, "to-ports", None),
            "TPROXY" => self.redirect(target, "on-port", Some(Unserved::Dropped)),
            "NETMAP" => self.netmap(target),
            "NOTRACK" => return self.builder.assign(span, Assignment::Untracked),
            "CT" if find(target, "notrack").is_some() => {
                return self.builder.assign(span, Assignment::Untracked);
            }
            "CT" => return self.builder.step(span, Action::Note),
            "MARK" | "CONNMARK" | "HMARK" => return self.mark(name, target, span),
            _ if NOTING.contains(&name) => {
                return self.builder.step(span, Action::Note);
            }
            _ if CHANGING.contains(&name) => return self.builder.assign(span, Assignment::Other),
            _ => {
                if let Some((_, field)) = REWRITING.into_iter().find(|it| it.0 == name) {
                    return self.builder.assign(span, Assignment::Header { field, values: None });
                }
                if let Some((_, to)) = LOGGING.iter().find(|(it, _)| *it == name) {
                    return self.builder.step(span, Action::Log(*to));
                }
                self.undefined(Sort::Chain, name, option.value, false);
                Verdict::Unknown
            }
        };
        self.builder.verdict(span, verdict);
    }

    fn dnat(&mut self, target: &[Opt]) -> Verdict {
        let mut translation = Translation { picked: picked(target), ..Translation::default() };
        if let Some(option) = find(target, "to-destination") {
            let words = ("destination", option.value);
            if script::unresolved(self.input, words, self.builder).is_some() {
                let last = if self.ipv6 { u128::MAX } else { u32::MAX.into() };
                translation.addresses = Some(self.builder.one(0, last));
            } else {
                translation = self.becomes(option, translation).unwrap_or(translation);
            }
        }
        self.builder.translation(translation)
    }

    fn snat(&mut self, target: &[Opt]) -> Verdict {
        let Some(option) = find(target, "to-source") else { return Verdict::Snat(None) };
        let words = ("source", option.value);
        if script::unresolved(self.input, words, self.builder).is_some() {
            return Verdict::Snat(None);
        }
        let given = Translation { picked: picked(target), ..Translation::default() };
        let given = self.becomes(option, given);
        Verdict::Snat(given.map(|it| self.builder.translated(it)))
    }

    /// The same translation with the addresses and ports that an option names.
    fn becomes(&mut self, option: &Opt, translation: Translation) -> Option<Translation> {
        let family = if self.ipv6 { Family::V6 } else { Family::V4 };
        let to = values::nat_target(&self.value(option), family).ok()?;
        let addresses = to.addresses.map(|range| match range {
            AddressRange::V4(range) => {
                self.builder.one((*range.start()).into(), (*range.end()).into())
            }
            AddressRange::V6(range) => self.builder.one(*range.start(), *range.end()),
        });
        let ports = to.ports.map(|it| self.builder.one((*it.start()).into(), (*it.end()).into()));
        Some(Translation { addresses, ports, ..translation })
    }

    fn redirect(&mut self, target: &[Opt], option: &str, proxy: Option<Unserved>) -> Verdict {
        let mut translation =
            Translation { local: true, picked: picked(target), proxy, ..Translation::default() };
        translation.ports = self.ports(target, option);
        self.builder.translation(translation)
    }

    fn masquerade(&mut self, target: &[Opt]) -> Verdict {
        let ports = self.ports(target, "to-ports");
        let picked = picked(target);
        let given = Translation { local: true, ports, picked, ..Translation::default() };
        Verdict::Snat(Some(self.builder.translated(given)))
    }

    fn ports(&mut self, target: &[Opt], option: &str) -> Option<Values> {
        let option = find(target, option)?;
        let (ports, _) = values::nat_ports(&self.value(option)).ok()?;
        let range = ((*ports.start()).into(), (*ports.end()).into());
        (range.1 != 0).then(|| self.builder.one(range.0, range.1))
    }

    fn netmap(&mut self, target: &[Opt]) -> Verdict {
        let family = if self.ipv6 { Family::V6 } else { Family::V4 };
        let Some(option) = find(target, "to").filter(|_| self.kind == TableKind::Nat) else {
            return Verdict::Snat(None);
        };
        let value = self.value(option);
        let (network, kept): (u128, u128) = match values::address(&value, family) {
            Ok(values::Address::V4 { address, mask }) => ((address & mask).into(), (!mask).into()),
            Ok(values::Address::V6 { address, mask }) => (address & mask, !mask),
            _ => return Verdict::Unknown,
        };
        let addresses = Some(self.builder.one(network, network | kept));
        self.builder.translation(Translation { addresses, kept, ..Translation::default() })
    }

    fn mark(&mut self, name: &str, target: &[Opt], span: crate::source::Span) {
        let field = if name == "CONNMARK" { Field::ConnectionMark } else { Field::Mark };
        let bits = |mask: u32, value: Option<u32>| Assignment::Bits { field, mask, value };
        let copy = |from: Field, to: Field| match (
            masked(self, target, "nfmask"),
            masked(self, target, "ctmask"),
        ) {
            (nf, ct) if nf == ct => Assignment::Copy {
                from,
                to,
                mask: nf.unwrap_or_else(|| masked(self, target, "mask").unwrap_or(u32::MAX)),
            },
            // Bits are shuffled between the marks.
            _ => Assignment::Bits { field: to, mask: u32::MAX, value: None },
        };
        let assignment = if name == "HMARK" {
            bits(u32::MAX, None)
        } else if find(target, "save-mark").is_some() {
            copy(Field::Mark, Field::ConnectionMark)
        } else if find(target, "restore-mark").is_some() {
            copy(Field::ConnectionMark, Field::Mark)
        } else if let Some(mark) = given(self, target, "set-mark") {
            bits(mark.mask | mark.value, Some(mark.value))
        } else if let Some(mark) = given(self, target, "set-xmark") {
            // The bits of the mask are zeroed, then the value's are flipped: outside the mask that depends on what was.
            if mark.value & !mark.mask == 0 {
                bits(mark.mask, Some(mark.value))
            } else {
                bits(u32::MAX, None)
            }
        } else if let Some(mark) = given(self, target, "or-mark") {
            bits(mark.value, Some(mark.value))
        } else if let Some(mark) = given(self, target, "and-mark") {
            bits(!mark.value, Some(0))
        } else {
            bits(u32::MAX, None)
        };
        self.builder.assign(span, assignment);
    }
}

fn find<'o>(target: &'o [Opt], name: &str) -> Option<&'o Opt> {
    target.iter().find(|it| {
        let extension = extensions::ALL.get(usize::from(it.extension));
        extension
            .and_then(|it_is| it_is.options.get(usize::from(it.option)))
            .is_some_and(|spec| spec.is_called(name))
    })
}

fn given(replay: &Replay<'_, '_>, target: &[Opt], name: &str) -> Option<Mark> {
    find(target, name).and_then(|option| values::mark(&replay.value(option)).ok())
}

fn masked(replay: &Replay<'_, '_>, target: &[Opt], name: &str) -> Option<u32> {
    given(replay, target, name).map(|mark| mark.value)
}

/// Whether somebody's extension bears this name, and no chain of the file does.
fn is_target(name: &str) -> bool {
    let known =
        extensions::ALL.iter().any(|it| it.kind == extensions::Kind::Target && it.name == name);
    let logs = LOGGING.iter().any(|(it, _)| *it == name);
    known
        || logs
        || NOTING.contains(&name)
        || CHANGING.contains(&name)
        || REWRITING.iter().any(|it| it.0 == name)
        || matches!(name, "TARPIT" | "DELUDE" | "CHAOS")
}

/// How one of several addresses or ports is picked, as bits.
fn picked(target: &[Opt]) -> u8 {
    let options = ["random", "random-fully", "persistent"].into_iter().zip([1, 2, 4]);
    options.filter(|(name, _)| find(target, name).is_some()).map(|(_, bit)| bit).sum()
}
