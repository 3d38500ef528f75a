//! What can be asked about a packet.

use super::{Kind, Parser, Read, Sign, expression::Side};
use crate::{
    source::Span,
    syntax::error::nearest,
    syntax::nft::{
        error::{ErrorKind, Wanted},
        fields::{self, Header, Key},
        tree::{Direction, ExprId, ExprKind, FibFlags, FibResult, Hash, OptionField, Selector},
    },
};

/// The words that selectors start with, headers aside.
pub(super) const WORDS: &[&str] = &[
    "meta", "ct", "fib", "rt", "socket", "osf", "numgen", "jhash", "symhash", "ipsec", "tunnel",
    "exthdr",
];

/// The keys of `meta` that stand without it.
pub(super) const BARE_META: &[&str] = &[
    "mark",
    "iif",
    "iifname",
    "iiftype",
    "oif",
    "oifname",
    "oiftype",
    "skuid",
    "skgid",
    "nftrace",
    "rtclassid",
    "ibriport",
    "obriport",
    "ibridgename",
    "obridgename",
    "ibrname",
    "obrname",
    "pkttype",
    "cpu",
    "iifgroup",
    "oifgroup",
    "cgroup",
    "time",
    "day",
    "hour",
];

const TCP_OPTIONS: &[&str] = &[
    "eol",
    "nop",
    "noop",
    "maxseg",
    "mss",
    "window",
    "sack-permitted",
    "sack-perm",
    "sack",
    "sack0",
    "sack1",
    "sack2",
    "sack3",
    "timestamp",
    "echo",
    "echo-reply",
    "md5sig",
    "mptcp",
    "fastopen",
];

const IP_OPTIONS: &[&str] = &["lsrr", "rr", "ssrr", "ra"];

const SCTP_CHUNKS: &[&str] = &[
    "data",
    "init",
    "init-ack",
    "sack",
    "heartbeat",
    "heartbeat-ack",
    "abort",
    "shutdown",
    "shutdown-ack",
    "error",
    "cookie-echo",
    "cookie-ack",
    "ecne",
    "cwr",
    "shutdown-complete",
    "asconf-ack",
    "forward-tsn",
    "asconf",
];

/// The fields of options and chunks, and how long they are.
const OPTION_FIELDS: &[(Header, &str, Selector)] = &[
    (Header::TcpOption, "kind", Selector::Integer(8)),
    (Header::TcpOption, "length", Selector::Integer(8)),
    (Header::TcpOption, "size", Selector::Integer(16)),
    (Header::TcpOption, "count", Selector::Integer(8)),
    (Header::TcpOption, "left", Selector::Integer(32)),
    (Header::TcpOption, "right", Selector::Integer(32)),
    (Header::TcpOption, "tsval", Selector::Integer(32)),
    (Header::TcpOption, "tsecr", Selector::Integer(32)),
    (Header::TcpOption, "subtype", Selector::Integer(4)),
    (Header::IpOption, "type", Selector::Integer(8)),
    (Header::IpOption, "length", Selector::Integer(8)),
    (Header::IpOption, "value", Selector::Integer(16)),
    (Header::IpOption, "ptr", Selector::Integer(8)),
    (Header::IpOption, "addr", Selector::Address),
    (Header::SctpChunk, "type", Selector::Integer(8)),
    (Header::SctpChunk, "flags", Selector::Integer(8)),
    (Header::SctpChunk, "length", Selector::Integer(16)),
    (Header::SctpChunk, "tsn", Selector::Integer(32)),
    (Header::SctpChunk, "stream", Selector::Integer(16)),
    (Header::SctpChunk, "ssn", Selector::Integer(16)),
    (Header::SctpChunk, "ppid", Selector::Integer(32)),
    (Header::SctpChunk, "init-tag", Selector::Integer(32)),
    (Header::SctpChunk, "a-rwnd", Selector::Integer(32)),
    (Header::SctpChunk, "num-outbound-streams", Selector::Integer(16)),
    (Header::SctpChunk, "num-inbound-streams", Selector::Integer(16)),
    (Header::SctpChunk, "initial-tsn", Selector::Integer(32)),
    (Header::SctpChunk, "cum-tsn-ack", Selector::Integer(32)),
    (Header::SctpChunk, "num-gap-ack-blocks", Selector::Integer(16)),
    (Header::SctpChunk, "num-dup-tsns", Selector::Integer(16)),
    (Header::SctpChunk, "lowest-tsn", Selector::Integer(32)),
    (Header::SctpChunk, "seqno", Selector::Integer(32)),
    (Header::SctpChunk, "new-cum-tsn", Selector::Integer(32)),
];

impl Parser<'_> {
    /// A selector, where the word begins one; on the left it must, so that a wrong field is an error there and a value elsewhere.
    // selector := meta | ct | fib | rt | socket | osf | numgen | jhash | symhash | ipsec | tunnel | exthdr | option | field
    pub(super) fn selector(&mut self, must: bool) -> Option<Read<ExprId>> {
        let start = self.token.span.start;
        let kind = match self.word() {
            "meta" => self.meta(),
            "ct" => self.ct(),
            "fib" => self.fib(),
            "rt" if !self.rt_is_header() => self.rt(),
            "socket" => self.socket(),
            "osf" => self.osf(),
            "numgen" => self.numgen(),
            "jhash" => self.jhash(),
            "symhash" => self.symhash(),
            "ipsec" if self.second_is("in") || self.second_is("out") => self.ipsec(),
            "ipsec" => self.key(fields::META_KEYS).map(ExprKind::Meta),
            "tunnel" => self.tunnel(),
            "exthdr" => self.exthdr(),
            word => {
                if BARE_META.contains(&word) && (must || !matches!(word, "time" | "day" | "hour")) {
                    self.key(fields::META_KEYS).map(ExprKind::Meta)
                } else {
                    let header = Header::of(word)?;
                    let next = self.second();
                    let next = if next.kind == Kind::Word { self.slice(next.span) } else { "" };
                    if !must && !is_field(header, next) {
                        return None;
                    }
                    self.field(header)
                }
            }
        };
        Some(kind.map(|kind| self.push(self.since(start), kind)))
    }

    // field := header name
    fn field(&mut self, header: Header) -> Read<ExprKind> {
        self.bump();
        match (header, self.word()) {
            (Header::Tcp, "option") => return self.option(Header::TcpOption),
            (Header::Ip, "option") => return self.option(Header::IpOption),
            (Header::Sctp, "chunk") => return self.option(Header::SctpChunk),
            (Header::Dccp, "option") => return self.option(Header::DccpOption),
            (Header::Arp, side @ ("saddr" | "daddr")) => {
                let part = match (side, self.slice(self.second().span)) {
                    ("saddr", "ip") => "saddr ip",
                    ("saddr", "ether") => "saddr ether",
                    ("daddr", "ip") => "daddr ip",
                    ("daddr", "ether") => "daddr ether",
                    _ => {
                        self.bump();
                        return Err(self.unexpected(Wanted::OneOf(&["ip", "ether"])));
                    }
                };
                self.bump();
                self.bump();
                let field = header.field(part).map(ExprKind::Payload);
                return field.ok_or_else(|| self.unexpected(Wanted::FieldOf(header)));
            }
            (Header::Vxlan | Header::Geneve | Header::Gre | Header::Gretap, word)
                if header.field(word).is_none() && Header::of(word).is_some() =>
            {
                let field = self.deeper(|it| match it.selector(true) {
                    Some(selector) => selector,
                    None => Err(it.unexpected(Wanted::Selector)),
                })?;
                return Ok(ExprKind::Inner { tunnel: header, field });
            }
            _ => {}
        }
        let word = match (header, self.word()) {
            (Header::Tcp | Header::Ah | Header::Esp | Header::Icmp | Header::Icmp6, "seq") => {
                "sequence"
            }
            (_, word) => word,
        };
        let Some(field) = header.field(word) else {
            return Err(self.unexpected(Wanted::FieldOf(header)));
        };
        self.bump();
        if self.take_sign(Sign::OpenBracket) {
            self.number(16)?;
            self.expect_sign(Sign::CloseBracket, &["]"])?;
        }
        Ok(ExprKind::Payload(field))
    }

    // option := ("option" | "chunk") (kind field? | "@" number "," number "," number)
    fn option(&mut self, header: Header) -> Read<ExprKind> {
        self.bump();
        let mut option = OptionField {
            header,
            option: Span::default(),
            field: Span::default(),
            raw: None,
            selector: Selector::Presence,
        };
        if self.take_sign(Sign::At) {
            option.option = self.token.span;
            self.number(255)?;
            self.expect_sign(Sign::Comma, &[","])?;
            let offset = self.number32()?;
            self.expect_sign(Sign::Comma, &[","])?;
            let length = self.number32()?;
            option.raw = Some((offset, length));
            option.selector = Selector::Integer(u16::try_from(length).unwrap_or(u16::MAX));
            return Ok(ExprKind::Option(Box::new(option)));
        }
        let names: &'static [&'static str] = match header {
            Header::TcpOption => TCP_OPTIONS,
            Header::IpOption => IP_OPTIONS,
            Header::SctpChunk => SCTP_CHUNKS,
            _ => &[],
        };
        option.option = self.token.span;
        if self.token.kind == Kind::Number {
            self.number(255)?;
        } else {
            self.expect(names)?;
        }
        let name = self.slice(option.option);
        let fields = tcp_fields(name);
        let field = OPTION_FIELDS.iter().find(|(it, name, _)| {
            *it == header && self.is(name) && (header != Header::TcpOption || fields.contains(name))
        });
        if let Some((.., selector)) = field {
            option.field = self.bump().span;
            option.selector = *selector;
        }
        Ok(ExprKind::Option(Box::new(option)))
    }

    fn key(&mut self, keys: &'static [Key]) -> Read<&'static Key> {
        if let Some(key) = fields::find(keys, self.word()) {
            self.bump();
            return Ok(key);
        }
        let mut error = self.unexpected(Wanted::Selector);
        if let crate::syntax::ErrorKind::Nft(ErrorKind::Unexpected { suggestion, .. }) =
            &mut error.kind
        {
            let names = keys.iter().map(|key| key.name);
            *suggestion = Some(self.word())
                .filter(|word| !word.is_empty() && !self.errors.is_full())
                .and_then(|word| nearest(word, names));
        }
        Err(error)
    }

    // meta := "meta" key
    fn meta(&mut self) -> Read<ExprKind> {
        self.bump();
        self.key(fields::META_KEYS).map(ExprKind::Meta)
    }

    // ct := "ct" ("original" | "reply")? ("ip" | "ip6")? key
    fn ct(&mut self) -> Read<ExprKind> {
        self.bump();
        let direction = match self.word() {
            "original" => Some(Direction::Original),
            "reply" => Some(Direction::Reply),
            _ => None,
        };
        if direction.is_some() {
            self.bump();
        }
        let family = self.layer3();
        let key = self.key(fields::CT_KEYS)?;
        Ok(ExprKind::Ct { key, direction, family })
    }

    // fib := "fib" flag ("." flag)* ("oif" | "oifname" | "type" | "check")
    fn fib(&mut self) -> Read<ExprKind> {
        self.bump();
        let mut flags = FibFlags::default();
        loop {
            flags.0 |= match self.expect(&["saddr", "daddr", "mark", "iif", "oif"])? {
                "saddr" => FibFlags::SADDR,
                "daddr" => FibFlags::DADDR,
                "mark" => FibFlags::MARK,
                "iif" => FibFlags::IIF,
                _ => FibFlags::OIF,
            };
            if !self.take_sign(Sign::Dot) {
                break;
            }
        }
        let result = match self.expect(&["oif", "oifname", "type", "check"])? {
            "oif" => FibResult::Oif,
            "oifname" => FibResult::OifName,
            "type" => FibResult::Type,
            _ => FibResult::Check,
        };
        Ok(ExprKind::Fib { flags, result })
    }

    fn rt_is_header(&self) -> bool {
        Header::Rt.field(self.slice(self.second().span)).is_some()
    }

    // rt := "rt" ("ip" | "ip6")? key
    fn rt(&mut self) -> Read<ExprKind> {
        self.bump();
        let family = self.layer3();
        let key = self.key(fields::RT_KEYS)?;
        Ok(ExprKind::Rt { key, family })
    }

    // socket := "socket" key ("level" number)?
    fn socket(&mut self) -> Read<ExprKind> {
        self.bump();
        let key = self.key(fields::SOCKET_KEYS)?;
        let level = if self.take("level") { Some(self.number32()?) } else { None };
        Ok(ExprKind::Socket { key, level })
    }

    // osf := "osf" ("ttl" word)? ("name" | "version")
    fn osf(&mut self) -> Read<ExprKind> {
        self.bump();
        let mut ttl = None;
        if self.take("ttl") {
            ttl = Some(self.token.span);
            self.expect(&["loose", "skip"])?;
        }
        let version = self.expect(&["name", "version"])? == "version";
        Ok(ExprKind::Osf { ttl, version })
    }

    // numgen := "numgen" ("inc" | "random") "mod" number ("offset" number)?
    fn numgen(&mut self) -> Read<ExprKind> {
        self.bump();
        let random = self.expect(&["inc", "random"])? == "random";
        let modulus = self.modulus()?;
        let offset = self.offset()?;
        Ok(ExprKind::Hash(Box::new(Hash::Numgen { random, modulus, offset })))
    }

    // jhash := "jhash" expression "mod" number ("seed" number)? ("offset" number)?
    fn jhash(&mut self) -> Read<ExprKind> {
        self.bump();
        let key = self.deeper(|it| it.expression(Side::Left))?;
        let modulus = self.modulus()?;
        let seed = if self.take("seed") { Some(self.number(u64::MAX)?) } else { None };
        let offset = self.offset()?;
        Ok(ExprKind::Hash(Box::new(Hash::Jhash { key, modulus, seed, offset })))
    }

    // symhash := "symhash" "mod" number ("offset" number)?
    fn symhash(&mut self) -> Read<ExprKind> {
        self.bump();
        let modulus = self.modulus()?;
        let offset = self.offset()?;
        Ok(ExprKind::Hash(Box::new(Hash::Symhash { modulus, offset })))
    }

    fn modulus(&mut self) -> Read<u64> {
        self.expect(&["mod"])?;
        self.number(u64::from(u32::MAX))
    }

    fn offset(&mut self) -> Read<u64> {
        if self.take("offset") { self.number(u64::from(u32::MAX)) } else { Ok(0) }
    }

    // ipsec := "ipsec" ("in" | "out") ("spnum" number)? ("ip" | "ip6")? key
    fn ipsec(&mut self) -> Read<ExprKind> {
        self.bump();
        let inbound = self.expect(&["in", "out"])? == "in";
        let number = if self.take("spnum") { self.number(255)? } else { 0 };
        let family = self.layer3();
        let key = self.key(fields::IPSEC_KEYS)?;
        let number = u8::try_from(number).unwrap_or(u8::MAX);
        Ok(ExprKind::Ipsec { key, inbound, number, family })
    }

    // tunnel := "tunnel" key
    fn tunnel(&mut self) -> Read<ExprKind> {
        self.bump();
        self.key(fields::TUNNEL_KEYS).map(ExprKind::Tunnel)
    }

    // exthdr := "exthdr" header
    fn exthdr(&mut self) -> Read<ExprKind> {
        self.bump();
        self.expect(&["hbh", "rt", "frag", "dst", "mh"])
            .map(|name| ExprKind::Whole(Header::of(name).unwrap_or(Header::Hbh)))
    }
}

/// The fields that an option of TCP has.
fn tcp_fields(option: &str) -> &'static [&'static str] {
    match option {
        "eol" | "nop" | "noop" => &["kind"],
        "maxseg" | "mss" => &["kind", "length", "size"],
        "window" => &["kind", "length", "count"],
        "sack" | "sack0" | "sack1" | "sack2" | "sack3" => &["kind", "length", "left", "right"],
        "timestamp" => &["kind", "length", "tsval", "tsecr"],
        "mptcp" => &["kind", "length", "subtype"],
        _ => &["kind", "length"],
    }
}

/// Whether `word` after the header's name makes a selector.
fn is_field(header: Header, word: &str) -> bool {
    match (header, word) {
        (Header::Tcp | Header::Ip | Header::Dccp, "option")
        | (Header::Sctp, "chunk")
        | (Header::Arp, "saddr" | "daddr") => true,
        (Header::Vxlan | Header::Geneve | Header::Gre | Header::Gretap, _) => {
            header.field(word).is_some() || Header::of(word).is_some()
        }
        _ => header.field(word).is_some(),
    }
}

/// How the field of an option or chunk compares.
pub(in crate::syntax::nft) fn option_field(header: Header, name: &str) -> Selector {
    let field = OPTION_FIELDS.iter().find(|(it, field, _)| *it == header && *field == name);
    field.map_or(Selector::Presence, |(.., selector)| *selector)
}
