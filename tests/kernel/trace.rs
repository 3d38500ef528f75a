//! The reader of the kernel's own account of which rules a packet passes (`NFTRACE`).

use super::{
    netlink::{Socket, attributes, messages},
    places::{Places, Rules},
};
use nix::sys::socket::SockProtocol;
use std::io;

/// A decision on a packet's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Visit {
    /// The family of the table as the loader names it: `ip`, `ip6`, `inet`, `netdev`.
    pub(crate) family: &'static str,
    pub(crate) table: String,
    pub(crate) chain: String,
    /// What decided.
    pub(crate) by: By,
    /// What was decided; of legacy rules the kernel does not say.
    pub(crate) verdict: Option<Decision>,
    /// The hook of the base chain that it belongs to, where that is known.
    pub(crate) hook: Option<String>,
    /// Whether that base chain translates addresses.
    pub(crate) is_nat: bool,
    /// Whether the base chain is entered here.
    pub(crate) is_first: bool,
    /// How many rules before it the kernel has counted in its chain, of legacy rules.
    counted: Option<usize>,
}

impl Visit {
    fn of(
        family: &'static str,
        (table, chain): (String, String),
        by: By,
        verdict: Option<Decision>,
    ) -> Self {
        Self {
            family,
            table,
            chain,
            by,
            verdict,
            hook: None,
            is_nat: false,
            is_first: false,
            counted: None,
        }
    }
}

/// Says of each decision which hook it belongs to, and of which rule it is.
pub(crate) fn settle(walk: &mut [Visit], rules: &Rules, places: &Places) {
    const BUILT_IN: [&str; 5] = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"];
    let mut current: Option<(String, String, String, bool)> = None;
    for it in walk {
        // The kernel names no hooks of legacy rules, but their chains are named after them.
        let is_legacy = it.verdict.is_none() && rules.is_empty();
        let same = |(table, chain, ..): &(String, String, String, bool)| {
            *table == it.table && *chain == it.chain
        };
        if is_legacy {
            // A rule without conditions looks like the end of its chain to the kernel (`get_chainname_rulenum`).
            let is_rule = |at: &usize| places.has((it.family, &it.table, &it.chain), *at);
            if let Some(at) = it.counted.filter(is_rule) {
                it.by = By::Rule(Some(at));
            }
            let is_built_in = BUILT_IN.contains(&it.chain.as_str());
            it.is_first = is_built_in && !current.as_ref().is_some_and(same);
        }
        if it.is_first {
            let base = if is_legacy {
                Some((it.chain.to_lowercase(), it.table == "nat"))
            } else {
                rules.base(it.family, &it.table, &it.chain)
            };
            current = base.map(|(hook, is_nat)| (it.table.clone(), it.chain.clone(), hook, is_nat));
        }
        if let Some((_, _, hook, is_nat)) = &current {
            it.hook = Some(hook.clone());
            it.is_nat = *is_nat;
        }
    }
}

/// What decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// The rule that stands there in its chain, from 0; `None` where it is not in the list.
    Rule(Option<usize>),
    Policy,
    /// The end of a chain that was called.
    Return,
}

/// What a rule decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    Accept,
    Drop,
    /// On to the next rule.
    Continue,
    Return,
    Jump(String),
    Goto(String),
    /// Away from the rules, into the hands of somebody else.
    Stolen,
}

/// The traces of a namespace.
pub(crate) struct Traces {
    socket: Socket,
    /// The number of a trace, and the packet that it is of.
    current: Option<(Vec<u8>, Vec<u8>)>,
}

impl Traces {
    pub(crate) fn open() -> io::Result<Self> {
        const TRACE_GROUP: u32 = 1 << (9 - 1);
        let socket = Socket::open(SockProtocol::NetlinkNetFilter, TRACE_GROUP)?;
        Ok(Self { socket, current: None })
    }

    /// Hands over what is waiting, each with the packet from its network header on; whether there was something.
    pub(crate) fn read(
        &mut self,
        rules: &Rules,
        mut visit: impl FnMut(&[u8], Visit),
    ) -> io::Result<bool> {
        const TRACE: u16 = (10 << 8) + 17;
        let received = self.socket.waiting()?;
        let is_more = !received.is_empty();
        for (kind, body) in messages(received) {
            if kind != TRACE || body.len() < 4 {
                continue;
            }
            let Some(found) = read(body[0], &body[4..], rules) else { continue };
            if let Some(header) = found.header {
                self.current = Some((found.id.to_vec(), header.to_vec()));
            }
            let Some((id, header)) = &self.current else { continue };
            if let Some(mut of) = found.visit.filter(|_| id == found.id) {
                of.is_first = found.header.is_some();
                visit(header, of);
            }
        }
        Ok(is_more)
    }
}

struct Found<'a> {
    id: &'a [u8],
    header: Option<&'a [u8]>,
    visit: Option<Visit>,
}

fn read<'a>(family: u8, body: &'a [u8], rules: &Rules) -> Option<Found<'a>> {
    const TABLE: u16 = 1;
    const CHAIN: u16 = 2;
    const HANDLE: u16 = 3;
    const TYPE: u16 = 4;
    const VERDICT: u16 = 5;
    const ID: u16 = 6;
    const NETWORK: u16 = 8;
    const POLICY: u16 = 16;
    let family = match family {
        1 => "inet",
        2 => "ip",
        5 => "netdev",
        10 => "ip6",
        _ => return None,
    };
    let (mut table, mut chain) = (String::new(), String::new());
    let (mut handle, mut kind, mut verdict, mut policy) = (None, 0, None, None);
    let (mut id, mut header) = (&[][..], None);
    for (number, value) in attributes(body) {
        match number {
            TABLE => table = text(value),
            CHAIN => chain = text(value),
            HANDLE => handle = value.try_into().ok().map(u64::from_be_bytes),
            TYPE => kind = u32::from_be_bytes(value.try_into().ok()?),
            VERDICT => verdict = decision(value),
            POLICY => policy = code(u32::from_be_bytes(value.try_into().ok()?).cast_signed(), None),
            ID => id = value,
            NETWORK => header = Some(value),
            _ => {}
        }
    }
    let by = match kind {
        1 => By::Policy,
        2 => By::Return,
        3 => By::Rule(handle.and_then(|handle| rules.index(family, &table, &chain, handle))),
        _ => return None,
    };
    let verdict = if by == By::Policy { policy } else { verdict };
    let visit =
        (table != super::seen::TABLE).then(|| Visit::of(family, (table, chain), by, verdict));
    Some(Found { id, header, visit })
}

/// `NFTA_VERDICT_*`
fn decision(nested: &[u8]) -> Option<Decision> {
    let (mut number, mut chain) = (None, None);
    for (kind, value) in attributes(nested) {
        match kind {
            1 => number = Some(u32::from_be_bytes(value.try_into().ok()?).cast_signed()),
            2 => chain = Some(text(value)),
            _ => {}
        }
    }
    code(number?, chain)
}

/// `NF_*` and `NFT_*`
fn code(number: i32, chain: Option<String>) -> Option<Decision> {
    Some(match number {
        -1 => Decision::Continue,
        -3 => Decision::Jump(chain.unwrap_or_default()),
        -4 => Decision::Goto(chain.unwrap_or_default()),
        -5 => Decision::Return,
        0 => Decision::Drop,
        1 => Decision::Accept,
        2 | 3 => Decision::Stolen,
        _ => return None,
    })
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value.strip_suffix(&[0]).unwrap_or(value)).into_owned()
}

/// What the kernel says of a rule of iptables-legacy: `TRACE: filter:INPUT:rule:2 `.
pub(crate) fn legacy(prefix: &str, is_four: bool) -> Option<Visit> {
    let mut parts = prefix.strip_prefix("TRACE: ")?.trim_end().split(':');
    let (table, chain, kind) = (parts.next()?, parts.next()?, parts.next()?);
    let number: usize = parts.next()?.parse().ok()?;
    let by = match kind {
        "policy" => By::Policy,
        "return" => By::Return,
        "rule" => By::Rule(number.checked_sub(1)),
        _ => return None,
    };
    let family = if is_four { "ip" } else { "ip6" };
    let visit = Visit::of(family, (table.to_owned(), chain.to_owned()), by, None);
    Some(Visit { counted: number.checked_sub(1), ..visit })
}
