//! What a reviewer asks and one packet answers: can I still get in, do sessions survive, does IPv6 work.

use super::{HostContext, exposures::Decided, exposures::Source};
use crate::{
    analysis::{
        FamilyAnalysis, Path, Transport,
        trace::{Decision, Dependence, Trace, Verdict},
    },
    lints::subject,
    model::{Family, Field, Subject},
    packets::{Address, Direction, End, Fields, Icmp, Interface, Packet, Route, State},
    words::{Message, Text},
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const SSH: u16 = 22;
const TCP: u8 = 6;
/// So many ways to log in are tried before one that is only perhaps open is shown.
const MOST_ATTEMPTS: usize = 16;

/// A question that a packet answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Can somebody log in?
    Login,
    /// Does a session go on when the rules are loaded again?
    Established,
    /// Do answers of this host leave?
    Replies,
    /// May this host speak with itself?
    Loopback,
    /// Can neighbours find this host?
    Neighbours,
    /// Does it learn that packets are too large?
    PacketTooBig,
}

impl Question {
    /// Whether its answer is about being locked out.
    pub const fn is_lockout(self) -> bool {
        matches!(self, Self::Login | Self::Established | Self::Replies)
    }

    /// The word of JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Established => "established",
            Self::Replies => "replies",
            Self::Loopback => "loopback",
            Self::Neighbours => "neighbour-discovery",
            Self::PacketTooBig => "packet-too-big",
        }
    }

    /// The question, as a clause that is true where the answer is yes.
    pub const fn text(self) -> Text {
        match self {
            Self::Login => {
                Text { en: "somebody can log in over ssh", zh: "可以通过 ssh 登录" }
            }
            Self::Established => Text {
                en: "that session survives a reload",
                zh: "重新加载规则后该会话不中断",
            },
            Self::Replies => {
                Text { en: "its replies leave the host", zh: "其应答能够离开主机" }
            }
            Self::Loopback => Text { en: "loopback works", zh: "回环可用" },
            Self::Neighbours => Text { en: "neighbour discovery works", zh: "邻居发现可用" },
            Self::PacketTooBig => {
                Text { en: "path MTU discovery works", zh: "路径 MTU 发现可用" }
            }
        }
    }
}

/// A question with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What was asked.
    pub question: Question,
    /// About which family.
    pub family: Family,
    /// The packet that was followed.
    pub witness: String,
    /// What becomes of it.
    pub verdict: Verdict,
    /// What decided.
    pub decided_by: Option<Decided>,
    /// What a *maybe* depends on.
    pub depends_on: Vec<Message>,
}

/// The answers about each family. A part of a rule set gives none: nobody knows what leads to it.
pub(super) fn answers(cx: &HostContext<'_>, sources: &[Source<'_>]) -> Vec<Answer> {
    if cx.analysis.is_fragment() {
        return Vec::new();
    }
    let mut answers = Vec::new();
    for family in &cx.analysis.families {
        let asker = Asker { cx, family };
        let Some(login) = asker.login(sources) else { continue };
        asker.add(Question::Login, &[Some(login.clone())], &mut answers);
        let (session, reply) = (session(&login), reply(&login));
        asker.add(Question::Established, &[session], &mut answers);
        asker.add(Question::Replies, &[reply], &mut answers);
        asker.add(Question::Loopback, &[asker.loopback()], &mut answers);
        if family.space.family == Family::Ipv6 {
            asker.add(Question::Neighbours, &asker.neighbours(), &mut answers);
        }
        asker.add(Question::PacketTooBig, &[asker.too_big()], &mut answers);
    }
    answers.sort_by_key(|it| (it.question, it.family));
    answers
}

/// Whether messages that tell this host another way are let in from anybody on the link: redirects, and router
/// advertisements of IPv6.
pub(super) fn is_rerouted(cx: &HostContext<'_>) -> Vec<(Family, u8)> {
    if cx.analysis.is_fragment() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for family in &cx.analysis.families {
        let asker = Asker { cx, family };
        let (types, state): (&[u8], State) = match family.space.family {
            Family::Ipv4 => (&[5], State::Invalid),
            // Connection tracking does not look at what is said between neighbours.
            Family::Ipv6 => (&[134, 137], State::Untracked),
        };
        for kind in types {
            let packet = asker.icmp(*kind, 0, asker.neighbour(), Address::Host, state);
            let trace = packet.map(|packet| cx.tracer.trace(&packet));
            if trace.is_some_and(|it| it.verdict == Verdict::Accept) {
                found.push((family.space.family, *kind));
            }
        }
    }
    found
}

/// Whether connections that known ones announce are let in.
pub(super) fn takes_related(cx: &HostContext<'_>) -> bool {
    cx.analysis.families.iter().any(|family| {
        let asker = Asker { cx, family };
        let end = |address, port| End { address, port: Some(port) };
        let (from, to) = (end(asker.stranger(), 20), end(Address::Host, 50_000));
        let packet = asker.packet(TCP, from, to, State::Related, None);
        packet.is_some_and(|packet| cx.tracer.trace(&packet).verdict == Verdict::Accept)
    })
}

struct Asker<'a, 'c> {
    cx: &'a HostContext<'c>,
    family: &'a FamilyAnalysis<'c>,
}

impl Asker<'_, '_> {
    /// Adds the answer: that of the first packet that does not pass, else that of the first.
    fn add(&self, question: Question, packets: &[Option<Packet>], answers: &mut Vec<Answer>) {
        let traced = packets.iter().flatten().map(|packet| (packet, self.trace(packet)));
        let traced: Vec<(&Packet, Trace)> = traced.collect();
        let stopped = traced.iter().find(|(_, trace)| trace.verdict != Verdict::Accept);
        let Some((packet, trace)) = stopped.or_else(|| traced.first()) else { return };
        answers.push(Answer {
            question,
            family: self.family.space.family,
            witness: packet.to_string(),
            verdict: trace.verdict,
            decided_by: self.decided_by(trace.decided_by),
            depends_on: trace.depends_on.iter().map(dependence).collect(),
        });
    }

    /// Follows a packet. One that neighbours send has the hop limit that rules ask of it, which packets do not say.
    fn trace(&self, packet: &Packet) -> Trace {
        let mut trace = self.cx.tracer.trace(packet);
        let is_hops = |it: &Dependence| match it {
            Dependence::Subject(Subject::Match(name)) => name == "hl" || name.contains("hoplimit"),
            _ => false,
        };
        let near = packet.icmp.is_some_and(|it| matches!(it.kind, 133..=137));
        let words = match trace.decided_by {
            Decision::Rule(rule, _) => self.cx.words(self.cx.analysis.ruleset.rule(rule).place),
            Decision::Policy(_) | Decision::None => "",
        };
        let asked = words.split_whitespace().any(|word| word == "255");
        if near && asked && !trace.depends_on.is_empty() && trace.depends_on.iter().all(is_hops) {
            trace.verdict = Verdict::Accept;
            trace.depends_on.clear();
        }
        trace
    }

    fn decided_by(&self, decision: Decision) -> Option<Decided> {
        let ruleset = self.cx.analysis.ruleset;
        match decision {
            Decision::Rule(rule, _) => Some(Decided::Rule(ruleset.rule(rule).place)),
            Decision::Policy(chain) => {
                let chain = ruleset.chain(chain);
                let place = chain.base.and_then(|it| it.policy_place).unwrap_or(chain.place);
                Some(Decided::Policy(place))
            }
            Decision::None => None,
        }
    }

    /// An attempt to log in that gets in, if there is one; else one that a stranger would make.
    fn login(&self, sources: &[Source<'_>]) -> Option<Packet> {
        let own = |it: &&Source<'_>| {
            it.family.space.family == self.family.space.family && it.path == Path::Input
        };
        let takes = |it: &&Source<'_>, port: u16| {
            let store = &self.family.space.store;
            match it.part.transport {
                Transport::Any => true,
                Transport::Protocol(TCP) => store.contains(it.part.ports, port.into()),
                Transport::Protocol(_) | Transport::Other => false,
            }
        };
        let ports = [SSH].into_iter().chain(self.other_ports());
        for port in ports {
            let open = sources.iter().filter(own).filter(|it| takes(it, port));
            let mut open: Vec<&Source<'_>> = open.collect();
            open.sort_by_key(|it| (!it.part.depends_on.is_empty(), it.part.class));
            let attempts = open
                .into_iter()
                .take(MOST_ATTEMPTS)
                .filter_map(|it| self.family.part_witness(&it.part, it.path, TCP, Some(port)));
            let attempts: Vec<Packet> = attempts.collect();
            let passes = |it: &&Packet| self.cx.tracer.trace(it).verdict == Verdict::Accept;
            if let Some(best) = attempts.iter().find(passes).or_else(|| attempts.first()) {
                return Some(best.clone());
            }
        }
        let source = End { address: self.stranger(), port: Some(40_000) };
        let destination = End { address: Address::Host, port: Some(SSH) };
        self.packet(TCP, source, destination, State::New, None)
    }

    /// Other ports that ssh is known to listen at.
    fn other_ports(&self) -> Vec<u16> {
        let knowledge = self.cx.knowledge;
        let ssh = knowledge.services().filter(|id| knowledge.facts(*id).service == "ssh");
        let ports = ssh.flat_map(|id| knowledge.facts(id).ports.to_vec());
        let mut ports: Vec<u16> = ports.map(|it| it.first).filter(|port| *port != SSH).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    fn loopback(&self) -> Option<Packet> {
        let own = match self.family.space.family {
            Family::Ipv4 => Address::Literal(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            Family::Ipv6 => Address::Literal(IpAddr::V6(Ipv6Addr::LOCALHOST)),
        };
        let end = |port| End { address: own, port: Some(port) };
        let lo = Interface::new("lo")?;
        self.packet(TCP, end(40_000), end(50_000), State::New, Some(lo))
    }

    fn neighbours(&self) -> Vec<Option<Packet>> {
        let asked = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00, 1);
        let asked = Address::Literal(IpAddr::V6(asked));
        let from = self.neighbour();
        vec![
            self.icmp(135, 0, from, asked, State::Untracked),
            self.icmp(136, 0, from, Address::Host, State::Untracked),
        ]
    }

    fn too_big(&self) -> Option<Packet> {
        let (kind, code) = match self.family.space.family {
            Family::Ipv4 => (3, 4),
            Family::Ipv6 => (2, 0),
        };
        self.icmp(kind, code, self.stranger(), Address::Host, State::Related)
    }

    fn icmp(&self, kind: u8, code: u8, from: Address, to: Address, state: State) -> Option<Packet> {
        let protocol = match self.family.space.family {
            Family::Ipv4 => 1,
            Family::Ipv6 => 58,
        };
        let end = |address| End { address, port: None };
        let packet = self.packet(protocol, end(from), end(to), state, None)?;
        let icmp = Some(Icmp { kind, code: Some(code) });
        Packet::new(Fields { icmp, ..Fields::clone(&packet) }).ok()
    }

    fn packet(
        &self,
        protocol: u8,
        source: End,
        destination: End,
        state: State,
        from: Option<Interface>,
    ) -> Option<Packet> {
        let outside = || Interface::new(&self.family.outside_interface()?);
        let from = from.or_else(outside).or_else(|| Interface::new("eth0"))?;
        Packet::new(Fields {
            protocol,
            source,
            destination,
            route: Route::Input { from },
            state,
            direction: Direction::Original,
            flags: None,
            icmp: None,
            mark: 0,
        })
        .ok()
    }

    fn stranger(&self) -> Address {
        Address::Literal(match self.family.space.family {
            Family::Ipv4 => IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7)),
            Family::Ipv6 => IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7)),
        })
    }

    fn neighbour(&self) -> Address {
        Address::Literal(match self.family.space.family {
            Family::Ipv4 => IpAddr::V4(Ipv4Addr::new(192, 168, 0, 7)),
            Family::Ipv6 => IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 7)),
        })
    }
}

/// A packet of the connection that a login opens.
fn session(login: &Packet) -> Option<Packet> {
    let fields = Fields { state: State::Established, flags: None, ..Fields::clone(login) };
    Packet::new(fields).ok()
}

/// The answer to it.
fn reply(login: &Packet) -> Option<Packet> {
    let to = login.route.from()?.clone();
    Packet::new(Fields {
        source: login.destination,
        destination: login.source,
        route: Route::Output { to },
        state: State::Established,
        direction: Direction::Reply,
        flags: None,
        ..Fields::clone(login)
    })
    .ok()
}

fn dependence(it: &Dependence) -> Message {
    match it {
        Dependence::Subject(it) => subject(it),
        Dependence::Field(field) => {
            let name = field_name(*field);
            Message { en: name.en.into(), zh: name.zh.into() }
        }
        Dependence::FirstOfItsKind => Message {
            en: "whether it is the first packet of its connection".into(),
            zh: "它是否为连接的首个数据包".into(),
        },
    }
}

fn field_name(field: Field) -> Text {
    match field {
        Field::Protocol => Text { en: "the protocol", zh: "协议" },
        Field::Source | Field::OriginalSource => Text { en: "the source", zh: "源地址" },
        Field::Destination | Field::OriginalDestination => {
            Text { en: "the destination", zh: "目的地址" }
        }
        Field::SourcePort | Field::OriginalSourcePort => {
            Text { en: "the source port", zh: "源端口" }
        }
        Field::DestinationPort | Field::OriginalDestinationPort => {
            Text { en: "the destination port", zh: "目的端口" }
        }
        Field::In => Text { en: "the interface it comes in on", zh: "入接口" },
        Field::Out => Text { en: "the interface it goes out on", zh: "出接口" },
        Field::State => Text { en: "the state of the connection", zh: "连接状态" },
        Field::Icmp => Text { en: "the type of ICMP", zh: "ICMP 类型" },
        Field::TcpFlags => Text { en: "the TCP flags", zh: "TCP 标志" },
        Field::DestinationKind => Text {
            en: "whether the destination is this host's",
            zh: "目的地址是否属于本机",
        },
        Field::Fragment => Text { en: "whether it is a fragment", zh: "是否为分片" },
        Field::Direction => Text { en: "the direction", zh: "连接方向" },
        Field::Translated => Text { en: "address translation", zh: "地址转换" },
        Field::Mark => Text { en: "the mark", zh: "数据包标记" },
        Field::ConnectionMark => Text { en: "the connection mark", zh: "连接标记" },
    }
}
