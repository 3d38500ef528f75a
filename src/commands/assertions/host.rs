use super::{Assertion, Ending, Kind, words};
use crate::{
    analysis::{
        Analysis, Doors, FamilyAnalysis,
        trace::{Decision, Dependence, Trace, Tracer, Verdict},
    },
    commands::packet,
    lints::{self, Place},
    model::{Address, Family, Field, Ruleset},
    packets::{self, Packet},
    settings::{self, ExpectedPacket, ExpectedVerdict, Ports, Settings, config::Spot},
    words::Message,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use words::Open;

/// A host with all that is asked of it.
pub(super) struct Host<'a> {
    pub(super) name: String,
    pub(super) facts: Option<&'a settings::Host>,
    pub(super) ruleset: &'a Ruleset,
    pub(super) analysis: &'a Analysis<'a>,
    pub(super) tracer: Tracer<'a>,
    pub(super) place: &'a dyn Fn(Place) -> (String, u32),
    pub(super) settings: &'a Settings,
}

impl Host<'_> {
    /// Asks everything.
    pub(super) fn ask(&self, all: &mut Vec<Assertion>) {
        let expect = &self.settings.expect;
        all.extend(expect.packets.iter().filter_map(|it| self.packet(it)));
        for group in &expect.groups {
            let Some(zone) = self.settings.zones.get(&group.from) else { continue };
            let spoken = [Family::Ipv4, Family::Ipv6].into_iter();
            let mut spoken: Vec<Family> =
                spoken.filter(|it| zone.speaks(*it) && self.has(*it)).collect();
            // Who is known by an interface alone comes in whatever families there are rules for.
            if zone.sources.is_empty() && spoken.iter().any(|it| self.given(*it).is_none()) {
                spoken.retain(|it| self.given(*it).is_none());
            } else if zone.sources.is_empty() {
                spoken.truncate(1);
            }
            for ports in &group.must_reach {
                all.extend(spoken.iter().map(|it| self.must_reach(group, zone, *ports, *it)));
            }
        }
        if let Some(spot) = expect.public.as_ref().and(expect.public_spot.as_ref()) {
            all.push(self.public(spot));
        }
    }

    /// Whether the host speaks a family, as far as the user says.
    fn has(&self, family: Family) -> bool {
        self.facts.is_none_or(|host| host.families.is_empty() || host.families.contains(&family))
    }

    /// Why nobody knows what becomes of a family's packets: their rules are not among the files.
    fn given(&self, family: Family) -> Option<Message> {
        if self.analysis.is_fragment() {
            return Some(Message {
                en: "nothing in these files leads from a hook to their rules".into(),
                zh: "这些文件中没有任何内容把钩子与其规则连接起来".into(),
            });
        }
        let seen = self.ruleset.tables.iter().any(|table| table.family.sees(family));
        // Who says that the host speaks it, and gives no rules for it, says that it is not filtered.
        let said = self.facts.is_some_and(|host| host.families.contains(&family));
        let name = family.name();
        (!seen && !said).then(|| Message {
            en: format!("no rules for {name} are given"),
            zh: format!("未给出 {name} 的规则"),
        })
    }

    fn assertion(
        &self,
        kind: Kind,
        name: Message,
        spot: &Spot,
        expected: &'static str,
    ) -> Assertion {
        Assertion {
            kind,
            name,
            config: spot.file.path.clone(),
            line: spot.line(),
            host: self.name.clone(),
            ending: Ending::Maybe,
            reason: Message { en: String::new(), zh: String::new() },
            packet: None,
            expected,
            verdict: None,
            decided_by: None,
            depends_on: Vec::new(),
        }
    }

    /// `None` for what is no packet, which settings with one are refused for.
    fn packet(&self, expected: &ExpectedPacket) -> Option<Assertion> {
        let packet = packet(&expected.packet.value).ok()?;
        let name = &expected.name;
        let both = Message { en: name.value.clone(), zh: name.value.clone() };
        let word = expected.verdict.name();
        let own = self.assertion(Kind::Packet, both, &name.spot, word);
        let own = Assertion { packet: Some(packet.to_string()), ..own };
        if let Some(reason) = self.given(family(&packet)) {
            return Some(Assertion { reason, ..own });
        }
        let trace = self.trace(&packet);
        let wanted = match expected.verdict {
            ExpectedVerdict::Accept => Verdict::Accept,
            ExpectedVerdict::Drop => Verdict::Drop,
            ExpectedVerdict::Reject => Verdict::Reject,
        };
        Some(self.judged(own, &trace, wanted))
    }

    /// The verdict on a packet; one for `host` is asked for each of its addresses, where these are known.
    fn trace(&self, packet: &Packet) -> Trace {
        let own = self.facts.map_or(&[][..], |host| &host.addresses);
        let own = own.iter().filter(|it| it.family == family(packet));
        let mut traces: Vec<Trace> = own
            .filter_map(|address| at_home(packet, *address))
            .map(|packet| self.tracer.trace(&packet))
            .collect();
        if traces.is_empty() {
            return self.tracer.trace(packet);
        }
        let mut first = traces.swap_remove(0);
        if traces.iter().any(|it| it.verdict != first.verdict) {
            first.verdict = Verdict::Maybe;
            first.depends_on.push(Dependence::Field(Field::Destination));
        }
        first
    }

    fn judged(&self, own: Assertion, trace: &Trace, wanted: Verdict) -> Assertion {
        let decided_by = self.decided(trace);
        let ending = match trace.verdict {
            Verdict::Maybe => Ending::Maybe,
            verdict if verdict == wanted => Ending::Passed,
            _ => Ending::Failed,
        };
        let depends_on: Vec<Message> = trace.depends_on.iter().map(lints::dependence).collect();
        let verdict = Some(trace.verdict.name());
        let reason = words::reason(trace, decided_by.as_ref(), &depends_on);
        Assertion { ending, reason, verdict, decided_by, depends_on, ..own }
    }

    fn decided(&self, trace: &Trace) -> Option<(String, u32)> {
        match trace.decided_by {
            Decision::Rule(id, _) => Some((self.place)(self.ruleset.rule(id).place)),
            Decision::Policy(id) => {
                let chain = self.ruleset.chain(id);
                let place = chain.base.and_then(|base| base.policy_place).unwrap_or(chain.place);
                Some((self.place)(place))
            }
            Decision::None => None,
        }
    }

    fn must_reach(
        &self,
        group: &settings::Group,
        zone: &settings::Zone,
        ports: Ports,
        family: Family,
    ) -> Assertion {
        let (who, name) = (&group.name.value, family.name());
        let name = Message {
            en: format!("`{who}` reaches {ports} over {name}"),
            zh: format!("`{who}` 可通过 {name} 访问 {ports}"),
        };
        let own = self.assertion(Kind::MustReach, name, &group.name.spot, "accept");
        if let Some(reason) = self.given(family) {
            return Assertion { reason, ..own };
        }
        let passed = |own| Assertion {
            ending: Ending::Passed,
            reason: Message {
                en: format!("all of zone `{}` gets in", zone.name),
                zh: format!("区域 `{}` 的全部来源均可进入", zone.name),
            },
            ..own
        };
        let Some(analysis) = self.family(family) else { return passed(own) };
        let addresses = self.facts.map_or(&[][..], |host| &host.addresses);
        let refused = Doors::of(analysis, addresses).shut_out(zone, ports);
        let traces = refused.into_iter().map(|packet| (self.tracer.trace(&packet), packet));
        let mut traces: Vec<(Trace, Packet)> =
            traces.filter(|(trace, _)| trace.verdict != Verdict::Accept).collect();
        traces.sort_by_key(|(trace, _)| trace.verdict == Verdict::Maybe);
        let Some((trace, packet)) = traces.first() else { return passed(own) };
        let own = Assertion { packet: Some(packet.to_string()), ..own };
        self.judged(own, trace, Verdict::Accept)
    }

    fn family(&self, family: Family) -> Option<&FamilyAnalysis<'_>> {
        self.analysis.families.iter().find(|it| it.space.family == family)
    }

    fn public(&self, spot: &Spot) -> Assertion {
        let name = Message {
            en: "nothing is public but what is declared".into(),
            zh: "除已声明者外没有端口对公网开放".into(),
        };
        let own = self.assertion(Kind::Public, name, spot, "closed");
        let families = [Family::Ipv4, Family::Ipv6].into_iter().filter(|it| self.has(*it));
        let mut missing = families.filter(|it| self.facts.is_some() || self.family(*it).is_some());
        if let Some(reason) = missing.find_map(|family| self.given(family)) {
            return Assertion { reason, ..own };
        }
        let expect = &self.settings.expect;
        let mut open: Vec<Open> = Vec::new();
        for family in &self.analysis.families {
            for exposure in &family.exposures {
                for it in family.undeclared(exposure, expect) {
                    let (protocol, port) = (it.protocol, Some(it.port));
                    let packet = family.witness(exposure, &it.reach, protocol, port);
                    let sure = it.reach.depends_on.is_empty();
                    open.push(Open { protocol, ports: it.ports, sure, packet });
                }
            }
            for (protocol, ports, packet) in Doors::of(family, &[]).undeclared(expect) {
                open.push(Open { protocol, ports, sure: true, packet: Some(packet.to_string()) });
            }
        }
        open.sort_by_key(|it| !it.sure);
        let Some(first) = open.first() else {
            let reason = Message {
                en: "every port that strangers reach is declared".into(),
                zh: "外界可访问的端口均已声明".into(),
            };
            return Assertion { ending: Ending::Passed, reason, ..own };
        };
        let shown = first.packet.clone();
        let own = Assertion { packet: shown.clone(), ..own };
        let ports = words::listed(&open);
        let reason = Message {
            en: format!("{ports} open to strangers"),
            zh: format!("{ports} 对外开放"),
        };
        let ending = if first.sure { Ending::Failed } else { Ending::Maybe };
        let trace = shown.and_then(|it| packet(&it).ok()).map(|it| self.tracer.trace(&it));
        let Some(trace) = trace else { return Assertion { ending, reason, ..own } };
        Assertion {
            ending,
            reason,
            verdict: Some(trace.verdict.name()),
            decided_by: self.decided(&trace),
            depends_on: trace.depends_on.iter().map(lints::dependence).collect(),
            ..own
        }
    }
}

fn family(packet: &Packet) -> Family {
    match packet.family() {
        packets::Family::Ipv4 => Family::Ipv4,
        packets::Family::Ipv6 => Family::Ipv6,
    }
}

/// The packet with `address` where it says `host`; `None` where it does not.
fn at_home(packet: &Packet, address: Address) -> Option<Packet> {
    let own = match address.family {
        Family::Ipv4 => IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(address.bits).ok()?)),
        Family::Ipv6 => IpAddr::V6(Ipv6Addr::from_bits(address.bits)),
    };
    let mut fields: packets::Fields = (**packet).clone();
    let mut changed = false;
    for end in [&mut fields.source, &mut fields.destination] {
        if end.address == packets::Address::Host {
            end.address = packets::Address::Literal(own);
            changed = true;
        }
    }
    changed.then(|| Packet::new(fields).ok()).flatten()
}
