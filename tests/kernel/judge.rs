//! The kernel as judge: rules are loaded by their own loaders, packets are sent, and what becomes of them is read back.

use super::{
    connection::Connections,
    frame::Wire,
    log::{GATHERED, Log},
    namespace::{HARDWARE, Namespace, Way},
    places::{Kind, Place, Places, Rules},
    seen::{LAST, Seen, TABLE, UNTRACKED, note, number_of, own_table},
    trace::{self, By, Decision, Traces, Visit},
};
use fwlint::packets::{Packet, Route, State};
use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    net::IpAddr,
    process::{Command, Stdio},
};

/// The files of one host.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files {
    pub(crate) ipset: Option<String>,
    pub(crate) v4: Option<String>,
    pub(crate) v6: Option<String>,
    pub(crate) nft: Option<String>,
}

/// Which iptables loads the restore files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Nft,
    Legacy,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accept,
    Drop,
    /// Dropped, and the sender is told, or the rule that dropped it says that he would be.
    Reject,
}

/// Why nothing can be said about a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unjudged {
    /// No such packet can be made, for this reason.
    CannotBe(&'static str),
    /// There is no such interface here.
    NoInterface,
    /// The kernel threw it away before it came to any rule.
    NeverArrived,
    /// It was lost between two hooks, by routing.
    Lost,
    /// Routing sent it to another hook than its notation says.
    WentElsewhere,
}

/// What the kernel says about a packet.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub(crate) verdict: Result<Verdict, Unjudged>,
    /// What connection tracking made of it, where it came so far.
    pub(crate) state: Option<State>,
    /// The rule that decided: on drop the one that dropped it, else the one that accepted it in the last filter chain of
    /// the hook where it is taken in, let through or sent. Only when asked for, and `None` where it is a policy.
    pub(crate) rule: Option<Place>,
    /// Every decision on its way. Only when asked for.
    pub(crate) walk: Vec<Visit>,
}

/// Words of rules that rewrite destinations.
const REWRITES: [&str; 7] =
    ["DNAT", "dnat", "NETMAP", "REDIRECT", "redirect", "daddr set", "TPROXY"];

/// A loaded rule set, and whatever is needed to send packets through it.
pub(crate) struct Judge {
    namespace: Namespace,
    log: Log,
    connections: Connections,
    traces: Option<Traces>,
    /// Empty until somebody asks for rules.
    rules: Rules,
    places: Places,
    backend: Backend,
    /// Lines of the files that reject.
    rejecting: Vec<Place>,
    /// Addresses that rules rewrite destinations to.
    targets: Vec<(u128, u128)>,
    /// Whether rules rewrite destinations at all, also to an address of this host.
    translates: bool,
    has_ingress: bool,
    /// Whether packets are sent in fragments just now.
    in_pieces: bool,
}

impl Judge {
    /// Loads the files of a host in a namespace of their own, which the thread enters.
    ///
    /// # Errors
    /// The inner one is the loader's, in its own words.
    pub(crate) fn load(files: &Files, backend: Backend) -> io::Result<Result<Self, String>> {
        let namespace = Namespace::enter()?;
        let variant = if backend == Backend::Nft { "nft" } else { "legacy" };
        let (v4, v6) =
            (format!("iptables-{variant}-restore"), format!("ip6tables-{variant}-restore"));
        let loads: [(&str, &[&str], &Option<String>); 4] = [
            ("ipset", &["restore"], &files.ipset),
            (&v4, &[], &files.v4),
            (&v6, &[], &files.v6),
            ("nft", &["-f", "-"], &files.nft),
        ];
        for (program, arguments, text) in loads {
            let Some(text) = text else { continue };
            if let Err(complaint) = run(program, arguments, text)? {
                return Ok(Err(format!("{program}: {complaint}")));
            }
        }
        let mut places = Places::default();
        let mut rejecting = Vec::new();
        let mut targets = Vec::new();
        let mut translates = false;
        for (text, file) in [(&files.v4, Kind::V4), (&files.v6, Kind::V6), (&files.nft, Kind::Nft)]
        {
            let Some(text) = text else { continue };
            match file {
                Kind::Nft => places.read_nft(text),
                Kind::V4 | Kind::V6 => places.read_restore(text, file),
            }
            targets.extend(translations(text, file));
            translates |= REWRITES.iter().any(|it| text.contains(it));
            for (line, number) in text.lines().zip(1..) {
                if line.contains("REJECT") || line.contains("reject") {
                    rejecting.push(Place { file, line: number });
                }
            }
        }
        let has_ingress = files.nft.as_ref().is_some_and(|text| text.contains("ingress"));
        let judge = Self {
            namespace,
            log: Log::open()?,
            connections: Connections::open()?,
            traces: None,
            rules: Rules::default(),
            places,
            backend,
            rejecting,
            targets,
            translates,
            has_ingress,
            in_pieces: false,
        };
        let complaint = run("nft", &["-f", "-"], &own_table(false))?;
        complaint.map_err(io::Error::other)?;
        Ok(Ok(judge))
    }

    /// What becomes of each packet. A reject that nobody is told of is a drop here.
    pub(crate) fn verdicts(&mut self, packets: &[Packet]) -> io::Result<Vec<Judged>> {
        self.judge(packets)
    }

    /// What becomes of each packet if it comes in two fragments.
    pub(crate) fn verdicts_in_pieces(&mut self, packets: &[Packet]) -> io::Result<Vec<Judged>> {
        self.in_pieces = true;
        let judged = self.judge(packets);
        self.in_pieces = false;
        judged
    }

    /// What becomes of each packet, and which rules decide it.
    pub(crate) fn walks(&mut self, packets: &[Packet]) -> io::Result<Vec<Judged>> {
        if self.traces.is_none() {
            for family in ["2", "10"] {
                let path = format!("/proc/sys/net/netfilter/nf_log/{family}");
                std::fs::write(path, "nfnetlink_log\n")?;
            }
            let listed = run("nft", &["-j", "-a", "list", "ruleset"], "")?;
            self.rules = Rules::of(&listed.map_err(io::Error::other)?);
            self.traces = Some(Traces::open()?);
        }
        let table = |is_traced| format!("delete table inet {TABLE}\n{}", own_table(is_traced));
        run("nft", &["-f", "-"], &table(true))?.map_err(io::Error::other)?;
        let judged = self.judge(packets);
        run("nft", &["-f", "-"], &table(false))?.map_err(io::Error::other)?;
        judged
    }

    fn judge(&mut self, packets: &[Packet]) -> io::Result<Vec<Judged>> {
        /// As many as have numbers of their own: see [`UNTRACKED`].
        const MOST: usize = 8_000;
        let mut judged: Vec<Option<Judged>> = vec![None; packets.len()];
        let mut groups = BTreeMap::<_, Vec<(usize, Wire)>>::new();
        for (index, packet) in packets.iter().enumerate() {
            match self.plan(packet) {
                Ok((wire, way, alone)) => {
                    groups.entry((way, alone)).or_default().push((index, wire));
                }
                Err(reason) => judged[index] = Some(Judged::not(reason)),
            }
        }
        for ((way, _), group) in groups {
            for group in group.chunks(MOST) {
                let seen = self.send(&way, group)?;
                for ((index, _), seen) in group.iter().zip(seen) {
                    judged[*index] = Some(self.conclude(&way, seen));
                }
            }
        }
        Ok(judged
            .into_iter()
            .map(|it| it.expect("every packet is in a group or unjudged"))
            .collect())
    }

    /// The packet, its way, and its destination where that must be this host's for nobody else's packets.
    fn plan(&self, packet: &Packet) -> Result<(Wire, Way, Option<IpAddr>), Unjudged> {
        let name = |it: &fwlint::packets::Interface| it.name().to_owned();
        let way = match &packet.route {
            Route::Input { from } => Way { from: Some(name(from)), to: None },
            Route::Forward { from, to } => Way { from: Some(name(from)), to: Some(name(to)) },
            Route::Output { to } => Way { from: None, to: Some(name(to)) },
        };
        if !way.from.iter().chain(&way.to).all(|it| self.namespace.has(it)) {
            return Err(Unjudged::NoInterface);
        }
        let wire = Wire::of(packet).map_err(Unjudged::CannotBe)?;
        let wire = Wire { in_pieces: self.in_pieces, ..wire };
        let bits = number(wire.destination);
        let is_target = self.targets.iter().any(|(low, high)| (*low..=*high).contains(&bits));
        let alone = (way.to.is_none() && is_target).then_some(wire.destination);
        Ok((wire, way, alone))
    }

    fn send(&mut self, way: &Way, group: &[(usize, Wire)]) -> io::Result<Vec<Seen>> {
        const BETWEEN: usize = 32;
        let is_to_host = way.to.as_deref().is_none_or(|it| it == "lo");
        let mut own: Vec<IpAddr> = Vec::new();
        if is_to_host {
            own.extend(group.iter().map(|(_, wire)| wire.destination));
            own.sort_unstable();
            own.dedup();
        }
        self.namespace.route(way, &own)?;
        let (mut tracked, mut untracked) = (0, UNTRACKED);
        let numbers: Vec<u16> = group
            .iter()
            .map(|(_, wire)| {
                let next =
                    if wire.state == State::Untracked { &mut untracked } else { &mut tracked };
                *next += 1;
                *next
            })
            .collect();
        for ((_, wire), number) in group.iter().zip(&numbers) {
            self.connections.know(wire, *number);
        }
        self.connections.settle()?;
        let mut seen: BTreeMap<u16, Seen> = BTreeMap::new();
        let packet_at = |index: usize, namespace: &mut Namespace| {
            let ((_, wire), number) = (&group[index], numbers[index]);
            match &way.from {
                Some(from) => {
                    let to = if from == "lo" { [0; 6] } else { HARDWARE };
                    let mut frames = wire.frames(number, to).into_iter();
                    frames.try_for_each(|frame| namespace.receive(from, &frame))
                }
                None => namespace.send(&wire.packet(number), wire.destination, wire.mark),
            }
        };
        for index in 0..group.len() {
            packet_at(index, &mut self.namespace)?;
            if index % BETWEEN == BETWEEN - 1 {
                self.read(&mut seen)?;
            }
        }
        // What comes in on lo is handed over by another hand, a little later.
        let is_late = way.from.as_deref() == Some("lo");
        for _ in 0..if is_late { 50 } else { 1 } {
            self.flush(&mut seen)?;
            if numbers.iter().all(|it| seen.get(it).is_some_and(|it| it.began)) {
                break;
            }
            if is_late {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        }
        if group.iter().any(|(_, it)| matches!(it.state, State::Established | State::Related)) {
            self.connections.forget()?;
        }
        Ok(numbers.iter().map(|it| seen.remove(it).unwrap_or_default()).collect())
    }

    /// Reads until the log of packets that are sent for that alone has come.
    fn flush(&mut self, seen: &mut BTreeMap<u16, Seen>) -> io::Result<()> {
        for frame in Wire::last().frames(LAST, HARDWARE) {
            for _ in 0..GATHERED {
                self.namespace.receive(super::namespace::ELSEWHERE, &frame)?;
            }
        }
        for _ in 0..1_000_u32 {
            self.read(seen)?;
            if seen.remove(&LAST).is_some() {
                while self.read(seen)? {}
                seen.remove(&LAST);
                return Ok(());
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        Err(io::Error::other("the log does not come to its end"))
    }

    fn read(&mut self, seen: &mut BTreeMap<u16, Seen>) -> io::Result<bool> {
        let mut is_more = false;
        while self.log.read(|line| note(seen, &line))? {
            is_more = true;
        }
        if let Some(traces) = &mut self.traces {
            let visit = |packet: &[u8], visit| {
                if let Some(number) = number_of(packet) {
                    seen.entry(number).or_default().walk.push(visit);
                }
            };
            let mut visit = visit;
            while traces.read(&self.rules, &mut visit)? {
                is_more = true;
            }
        }
        Ok(is_more)
    }

    fn conclude(&self, way: &Way, mut seen: Seen) -> Judged {
        let is_translated = seen.hook == Some('f') && way.to.is_none()
            || seen.hook == Some('i') && way.to.is_some();
        let dropped = if seen.answered { Verdict::Reject } else { Verdict::Drop };
        let verdict = match (seen.began, seen.state, seen.hook, seen.ended) {
            (false, ..) if self.has_ingress => Ok(Verdict::Drop),
            (false, ..) => Err(Unjudged::NeverArrived),
            (_, None, ..) => Ok(dropped),
            (_, _, None, _) if way.from.is_some() => Err(Unjudged::Lost),
            _ if is_translated && !self.translates => Err(Unjudged::WentElsewhere),
            (_, _, _, false) => Ok(dropped),
            (_, _, _, true) => Ok(Verdict::Accept),
        };
        trace::settle(&mut seen.walk, &self.rules, &self.places);
        let decider = match verdict {
            Ok(Verdict::Accept) => last_filter(&seen.walk),
            Ok(_) => seen.walk.last(),
            Err(_) => None,
        };
        let rule = decider.and_then(|it| self.place(it));
        let rejects = rule.is_some_and(|it| self.rejecting.contains(&it));
        let verdict = match verdict {
            Ok(Verdict::Drop) if rejects => Ok(Verdict::Reject),
            verdict => verdict,
        };
        Judged { verdict, state: seen.state, rule, walk: seen.walk }
    }

    /// How many rules the files have, as far as that can be told.
    pub(crate) fn rule_count(&self) -> usize {
        self.places.rule_count()
    }

    /// Where a rule is written that decided.
    pub(crate) fn place(&self, visit: &Visit) -> Option<Place> {
        let By::Rule(Some(index)) = visit.by else { return None };
        // Legacy rules are in no list of nft.
        let rules = (self.backend == Backend::Nft).then_some(&self.rules);
        self.places.of(rules, (visit.family, &visit.table, &visit.chain), index)
    }
}

/// What accepts in the last chain that decides where the packet is taken in, let through or sent.
fn last_filter(walk: &[Visit]) -> Option<&Visit> {
    let decides = |it: &&Visit| {
        let hook = it.hook.as_deref();
        matches!(hook, Some("input" | "forward" | "output")) && !it.is_nat
    };
    let accepts = |it: &&Visit| match (&it.verdict, it.by) {
        (Some(verdict), _) => *verdict == Decision::Accept,
        (None, by) => by != By::Return,
    };
    walk.iter().filter(decides).rfind(accepts)
}

impl Judged {
    fn not(reason: Unjudged) -> Self {
        Self { verdict: Err(reason), state: None, rule: None, walk: Vec::new() }
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(it) => it.to_bits().into(),
        IpAddr::V6(it) => it.to_bits(),
    }
}

/// The addresses in the lines that rewrite destinations. Those of a map may stand anywhere.
fn translations(text: &str, file: Kind) -> Vec<(u128, u128)> {
    const ADDRESSES: [&str; 5] = ["DNAT", "dnat", "NETMAP", "TPROXY", "daddr set"];
    let rewrites = |it: &str| ADDRESSES.iter().any(|word| it.contains(word));
    let has_map = file == Kind::Nft && text.contains("map") && rewrites(text);
    let is_part = |it: char| it.is_ascii_hexdigit() || matches!(it, '.' | ':' | '/' | '-');
    let lines = text.lines().filter(|it| has_map || rewrites(it));
    let mut found: Vec<_> =
        lines.flat_map(|it| it.split(|it| !is_part(it))).filter_map(range).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn range(word: &str) -> Option<(u128, u128)> {
    let one = |text: &str| {
        let whole = text.parse::<IpAddr>().ok();
        whole.or_else(|| text.rsplit_once(':').and_then(|(address, _)| address.parse().ok()))
    };
    if let Some((address, length)) = word.split_once('/') {
        let address = one(address)?;
        let width: u32 = if address.is_ipv4() { 32 } else { 128 };
        let host = width.checked_sub(length.parse().ok()?)?;
        let mask = 1_u128.checked_shl(host).map_or(u128::MAX, |it| it - 1);
        return Some((number(address) & !mask, number(address) | mask));
    }
    let (low, high) = word.split_once('-').unwrap_or((word, word));
    Some((number(one(low)?), number(one(high)?)))
}

/// Runs a program on a text: what it prints, or its complaint.
fn run(program: &str, arguments: &[&str], text: &str) -> io::Result<Result<String, String>> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().expect("it was piped");
    // A loader that has seen enough stops reading.
    let _ = input.write_all(text.as_bytes());
    drop(input);
    let output = child.wait_with_output()?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Ok(if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(format!("{} {}", output.status, text(&output.stderr)))
    })
}
