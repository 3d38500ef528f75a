//! Every refusal of an nftables file in English.

use super::{
    quote::{names, quoted},
    refusal::{Said, Subject},
    refusal_nft::{
        FEW, chain_type, declaration, examples, is_early, meant, nat_chain, noun, swapped, thing,
        translation,
    },
};
use crate::{
    source::Refusal,
    syntax::nft::{ErrorKind, Family, Hook, Wanted, datatype::Datatype, fields::Header},
};

const BASE_CHAIN: &str =
    "A base chain starts so: `type filter hook input priority 0; policy drop;`.";

/// One error in English.
#[expect(clippy::too_many_lines, reason = "one arm an error: the point is that none is missing")]
pub(super) fn said(kind: &ErrorKind, subject: &Subject<'_>) -> Said {
    let (word, raw) = (&subject.word, subject.raw);
    match kind {
        ErrorKind::UnexpectedCharacter => {
            Said::new(format!("{word} starts no word of nft"), "remove it, or put the text in double quotes")
        }
        ErrorKind::UnterminatedString => Said::new(
            format!("{word} opens a string that nothing closes"),
            "no `\"` after it closes it",
        ),
        ErrorKind::Include(refusal) => include(refusal, word),
        ErrorKind::UnterminatedBlock => Said::new(format!("{word} is never closed"), "the `}` of this block is missing")
            .help("All the rest of the file was read as a part of this block; look for the `}` that is missing on the way."),
        ErrorKind::TooDeep { limit } => {
            Said::new(format!("{word} is nested more than {limit} levels deep"), "not read any further")
        }
        ErrorKind::Unexpected { wanted, suggestion } => unexpected(*wanted, *suggestion, subject),
        ErrorKind::ReservedName => Said::new(
            format!("{word} is a word of nft and cannot be a name"),
            format!("choose another name, such as {}", quoted(&format!("my_{raw}"))),
        ),
        ErrorKind::OutOfRange { max } => {
            Said::new(format!("{word} is more than {max}"), format!("{max} is the most"))
        }
        ErrorKind::UndefinedVariable { suggestion } => {
            let variable = quoted(&format!("${raw}"));
            let suggestion = suggestion.as_ref().map(|name| format!("${name}"));
            Said::new(
                format!("nothing before this line defines {variable}"),
                write_or(suggestion.as_deref(), "has no value here"),
            )
            .help(format!("Write `define {raw} = …` above; a definition in a block holds in that block only."))
        }
        ErrorKind::Redefined { .. } => {
            Said::new(format!("variable {} is defined already", quoted(&format!("${raw}"))), "the second time")
                .help(format!("Write `redefine {raw} = …` to change its value."))
        }
        ErrorKind::Undefined { target, suggestion } => Said::new(
            format!("there is no {} {word} in this table", thing(*target).en),
            write_or(suggestion.as_deref(), "not in this table"),
        )
        .help(format!("It has to be declared in the same table: {}.", declaration(*target, raw))),
        ErrorKind::Duplicate { .. } => Said::new(format!("{word} is there already"), "the second of this name")
            .help("Give it another name, or merge the two."),
        ErrorKind::SaidTwice => Said::new(format!("{word} is said a second time"), "once only")
            .help("Remove one of the two: only one can hold."),
        ErrorKind::AfterVerdict { .. } => Said::new(
            format!("no packet reaches {word}: it stands behind {}", subject.earlier_or("the verdict")),
            "write it before the verdict",
        )
        .help("A verdict ends its rule: put it last, or start another rule on a line of its own."),
        ErrorKind::WrongHook { chain_type: it, family, hooks } => Said::new(
            format!("`{}` chains of a table of family `{}` have no hook {word}", chain_type(*it), family.name()),
            format!("expected {}", hook_names(hooks, " or ")),
        ),
        ErrorKind::WrongChainType { family } => Said::new(
            format!("a table of family `{}` has no chains of type {word}", family.name()),
            "only `filter` chains",
        )
        .help("Chains of type `nat` and `route` belong into a table of family `ip`, `ip6` or `inet`."),
        ErrorKind::WrongPriority { .. } if is_early(raw) => {
            Said::new(format!("priority {word} is too early for a `nat` chain"), "must be more than -200")
                .help("Addresses are translated after connection tracking, which has priority -200; `dstnat` is -100, `srcnat` is 100.")
        }
        ErrorKind::WrongPriority { suggestion } => Said::new(
            format!("this hook of this family has no priority {word}"),
            write_or(*suggestion, "not here"),
        )
        .help("`dstnat` is for `prerouting` and `srcnat` for `postrouting`; a number, as in `priority 0`, is taken everywhere."),
        ErrorKind::MissingDevice => Said::new(format!("hook {word} lacks its device"), "write `device \"eth0\"` after it")
            .help("Such a chain sees one device: `type filter hook ingress device \"eth0\" priority 0;`."),
        ErrorKind::UnexpectedDevice => {
            Said::new(format!("{word} in a hook that has no device"), "only with `ingress` and `egress`")
                .help("Match the interface in the rules: `iifname \"eth0\"`.")
        }
        ErrorKind::PolicyOnRegularChain => Said::new(
            format!("policy {word} in a chain that no hook leads into"),
            "no policy for this chain",
        )
        .help(
            "Only a base chain has a policy: write `type filter hook input priority 0; policy drop;`, or make the verdict \
             the chain's last rule.",
        ),
        ErrorKind::WrongPolicy => Said::new(format!("policy {word} cannot be used in this chain"), "expected `accept`")
            .help("Drop packets in a chain of type `filter`."),
        ErrorKind::NeedsChainType { chain_type: it } => {
            let said = Said::new(
                format!("{word} works in chains of type `{}` only", chain_type(*it)),
                "not in a chain of this type",
            );
            match nat_chain(raw) {
                Some(chain) => said.help(format!("Put the rule into a chain that starts with {chain}.")),
                None => said,
            }
        }
        ErrorKind::NeedsHook { hooks } => Said::new(
            format!("{word} does not work in a chain of this hook"),
            format!("only in {}", hook_names(hooks, " and ")),
        )
        .help(match nat_chain(raw) {
            Some(chain) => format!("Put the rule into a chain that starts with {chain}."),
            None => "Move the rule to a chain whose hook is one of these.".to_owned(),
        }),
        ErrorKind::NeedsFamily { families } => needs_family(families, subject),
        ErrorKind::MissingTransport => Said::new(
            format!("{word} needs a protocol with ports before it"),
            "for which protocol",
        )
        .help("Match the port first, as in `tcp dport 80`, or the protocol alone: `meta l4proto tcp`."),
        ErrorKind::MissingInterval => Said::new(
            format!("{word} is more than one value, and the set has no `flags interval`"),
            "a range, a prefix or a wildcard",
        )
        .help("Add `flags interval;` to the set, and `auto-merge;` if its elements may overlap."),
        ErrorKind::Overlap { .. } => Said::new(
            format!("element {word} overlaps {}", subject.earlier_or("another one")),
            "some values are in both",
        )
        .help("Remove one of them, or add `auto-merge;` to the set; the elements of a map may not overlap."),
        ErrorKind::MissingType => Said::new(format!("{word} does not say what it holds"), "no `type` in its block")
            .help("Add `type ipv4_addr;` or `typeof ip saddr;`, for a map `type ipv4_addr : verdict;`."),
        ErrorKind::MissingData => {
            Said::new(format!("element {word} of a map lacks its data"), "expected `KEY : DATA`")
                .help("For keys alone use a set: `tcp dport { 22, 80 } accept`.")
        }
        ErrorKind::UnexpectedData => {
            Said::new(format!("{word} is data, and nothing here is a map"), "remove it, with its `:`")
                .help("Keys with data belong into a map: `map m { type ipv4_addr : verdict; }`, or `vmap { … }` in a rule.")
        }
        ErrorKind::TypeMismatch { expected, found } => Said::new(
            format!("{word} is of type `{}`, and type `{}` is needed here", found.name(), expected.name()),
            format!("expected {}", noun(*expected).en),
        ),
        ErrorKind::UnknownSymbol { datatype, suggestion } => {
            Said::new(format!("{word} is not {}", noun(*datatype).en), write_or(*suggestion, &form(*datatype)))
        }
        ErrorKind::BadValue { datatype } => bad_value(*datatype, subject),
        ErrorKind::NotFlags { datatype } => {
            let set = raw.split(',').map(str::trim).collect::<Vec<_>>().join(", ");
            Said::new(
                format!("list {word} stands where {} should", noun(*datatype).en),
                format!("write {}", quoted(&format!("{{ {set} }}"))),
            )
            .help("Commas without braces join flags, as in `ct state established,related`; values to choose from stand in braces.")
        }
        ErrorKind::PrefixTooLong { max } => {
            Said::new(format!("the prefix of {word} is longer than {max} bits"), format!("at most `/{max}`"))
        }
        ErrorKind::ReversedRange => Said::new(
            format!("range {word} ends before it starts"),
            swapped(raw).map_or_else(|| "write the smaller end first".into(), |it| format!("write {it}")),
        ),
        ErrorKind::ConflictingProtocols { header, .. } => conflict(*header, subject),
        ErrorKind::JumpLoop => Said::new(format!("the jump to {word} leads back to this chain"), "a loop")
            .help("The kernel refuses chains that lead back to themselves; take one of the jumps out."),
        ErrorKind::ConstantOnTheLeft => {
            Said::new(format!("{word} is a value, not a part of the packet"), "what should be equal to it")
                .help("Name the part of the packet first, as in `tcp dport 22`.")
        }
        ErrorKind::NoOperator => Said::new(format!("{word} is no operator of nft"), "remove it: the set comes next")
            .help("What is in a set reads `tcp dport { 22, 80 }` or `ip saddr @NAME`, and what is not in it `ip saddr != @NAME`."),
        ErrorKind::MissingOptions { missing } => {
            let missing = names("", missing.iter().copied(), ", ", " and ");
            Said::new(format!("the block that {word} opens does not say {missing}"), "must be said in this block")
        }
        ErrorKind::OutsideTable => Said::new(format!("block {word} stands outside of a table"), "no table is around it")
            .help(
                "This file is the inside of a table: check the file that includes it between the braces of \
                 `table inet NAME { … }`, or write that table around it.",
            ),
    }
}

fn write_or(suggestion: Option<&str>, otherwise: &str) -> String {
    suggestion.map_or_else(|| otherwise.to_owned(), |it| format!("write `{it}`"))
}

fn hook_names(hooks: &[Hook], last: &str) -> String {
    names("", hooks.iter().map(|it| it.name()), ", ", last)
}

fn form(datatype: Datatype) -> String {
    match &examples(datatype)[..] {
        [] => format!("expected {}", noun(datatype).en),
        examples => {
            format!("expected one such as {}", names("", examples.iter().copied(), ", ", " or "))
        }
    }
}

fn bad_value(datatype: Datatype, subject: &Subject<'_>) -> Said {
    let word = &subject.word;
    let said = Said::new(format!("{word} is not {}", noun(datatype).en), form(datatype));
    match datatype {
        Datatype::Ipv4 if subject.is_address_of(Family::Ip6) => said
            .help("IPv6 addresses need `ip6 saddr` or `ip6 daddr`, and sets of type `ipv6_addr`."),
        Datatype::Ipv6 if subject.is_address_of(Family::Ip) => {
            said.help("IPv4 addresses need `ip saddr` or `ip daddr`, and sets of type `ipv4_addr`.")
        }
        _ => said,
    }
}

fn needs_family(families: &[Family], subject: &Subject<'_>) -> Said {
    let (word, raw) = (&subject.word, subject.raw);
    if let (Some(verb), [Family::Ip, Family::Ip6]) = (translation(raw), families) {
        return Said::new(
            format!("{word} does not say of which family its address is"),
            format!("write `{verb} ip to …` or `{verb} ip6 to …`"),
        )
        .help("A table of family `inet` sees IPv4 and IPv6, and an address is of one of them.");
    }
    let families = names("", families.iter().map(|it| it.name()), ", ", " or ");
    let said = Said::new(
        format!("{word} cannot be used in a table of this family"),
        format!("only in family {families}"),
    );
    if raw.starts_with("ct ") {
        return said.help("In other tables say which family is meant: `ct original ip saddr`.");
    }
    if raw.starts_with("rt ") {
        return said.help("In other tables say which family is meant: `rt ip nexthop`.");
    }
    said
}

fn conflict(header: Header, subject: &Subject<'_>) -> Said {
    let (word, name) = (&subject.word, header.name());
    let Some(earlier) = &subject.earlier else {
        return Said::new(
            format!("{word} needs `{name}`, which no packet of this table has"),
            "not in a table of this family",
        )
        .help("A table of family `inet` sees IPv4 and IPv6; `ip`, `ip6` and `arp` see one protocol each.");
    };
    let said = Said::new(
        format!("{word} needs `{name}`, and {earlier} before it another protocol"),
        "no packet is both",
    );
    match header {
        Header::Tcp | Header::Udp => {
            said.help("Write two rules, or one for both: `meta l4proto { tcp, udp } th dport 53`.")
        }
        _ => said.help("All matches of a rule must hold; for one or the other, write two rules."),
    }
}

fn include(refusal: &Refusal, word: &str) -> Said {
    match refusal {
        Refusal::Missing => Said::new(format!("{word} names a file that is not there"), "no such file").help(
            "A relative name is looked for in the folder of the file and in every `-I DIR`, an absolute one below `--sysroot DIR`.",
        ),
        Refusal::NotAFile => {
            Said::new(format!("{word} names no regular file"), "a device, a pipe or a socket")
        }
        Refusal::Cycle => {
            Said::new(format!("{word} leads back to a file that is being read"), "this would never end")
        }
        Refusal::TooDeep { limit } => Said::new(
            format!("{word} stands more than {limit} files deep"),
            format!("the loader reads {limit} files in each other"),
        ),
        Refusal::TooLarge { limit } => Said::new(
            format!("{word} pulls in more than is read"),
            format!("with it there are more than {limit} bytes"),
        ),
        Refusal::Unreadable { why } => {
            Said::new(format!("{word} cannot be read"), format!("the system says: {why}"))
        }
    }
}

fn unexpected(wanted: Wanted, suggestion: Option<&str>, subject: &Subject<'_>) -> Said {
    let (word, raw) = (&subject.word, subject.raw);
    let (what, form) = wanted_words(wanted);
    let blank = raw.trim().is_empty();
    let message = match wanted {
        Wanted::OneOf(words) if words.len() > FEW && !blank => {
            format!("{word} is none of the words that can stand here")
        }
        Wanted::OneOf(words) if words.len() > FEW => "the line ends where a word is missing".into(),
        Wanted::Name if suggestion.and_then(Datatype::of).is_some() => {
            format!("there is no type {word}")
        }
        _ if blank => format!("the line ends where {what} should stand"),
        Wanted::End => format!("{word} stands where {what}"),
        Wanted::FieldOf(_) => format!("{word} is not {what}"),
        _ => format!("{word} stands where {what} should"),
    };
    let meant = meant(wanted, raw);
    let said = if wanted == Wanted::End && raw == "policy" {
        Said::new(message, "write `;` before it")
    } else if meant.is_empty() {
        Said::new(message, write_or(suggestion, &format!("expected {form}")))
    } else {
        Said::new(message, format!("write {}", names("", meant.iter().copied(), ", ", " or ")))
    };
    match wanted {
        Wanted::Command => {
            said.help("Rules stand in a chain, and chains in a table: `table inet filter { chain input { … } }`.")
        }
        Wanted::TableItem => said.help(
            "Rules stand in a chain of the table: `chain input { type filter hook input priority 0; policy drop; … }`.",
        ),
        Wanted::Statement if raw.starts_with('-') => said.help("Options with dashes are for iptables; `iptables-translate` turns such a rule into one of nft."),
        Wanted::End if raw == "policy" => said.help(BASE_CHAIN),
        Wanted::End => said.help("A rule ends with its line or with `;`, and its comment comes last."),
        Wanted::OneOf([",", "}"]) => said.help("Commas separate the elements: `{ 22, 80 }`."),
        Wanted::OneOf(["accept", "drop"]) => said.help(
            "A policy is `accept` or `drop`; anything else, such as `reject`, has to be the chain's last rule.",
        ),
        Wanted::OneOf(["to"]) => {
            said.help("A translation reads `dnat to 192.0.2.1:8080`, in a table of family `inet` `dnat ip to …`.")
        }
        Wanted::OneOf(["hook" | "priority" | "filter" | "prerouting", ..]) => {
            said.help(BASE_CHAIN)
        }
        _ => said,
    }
}

/// What should have stood at a place: in a sentence, and behind "expected".
fn wanted_words(wanted: Wanted) -> (String, String) {
    let (what, form) = match wanted {
        Wanted::Command => ("a command", "`table`, `add`, `flush`, `define` or `include`"),
        Wanted::TableItem => {
            ("a part of the table", "`chain`, `set`, `map` or the kind of an object")
        }
        Wanted::Statement => (
            "a match, a statement or a verdict",
            "one such as `tcp dport 22`, `counter` or `accept`",
        ),
        Wanted::Selector => {
            ("a part of the packet", "one such as `tcp dport`, `ip saddr` or `iifname`")
        }
        Wanted::FieldOf(header) => {
            let fields = header.fields().iter().map(|field| field.name);
            let what = format!("a field of `{}`", header.name());
            return (what, some(&fields.collect::<Vec<_>>()));
        }
        Wanted::Value => ("a value", "a number, an address, a name or a set in braces"),
        Wanted::Name => ("a name", "a name of letters, digits, `_` and `-`"),
        Wanted::Number => ("a number", "a whole number such as `5`"),
        Wanted::Text => ("a text", "a text in double quotes"),
        Wanted::Time => ("a time", "a time with its unit, such as `30s`, `5m` or `1h30m`"),
        Wanted::End => ("the line should end", "the end of the line, or `;`"),
        Wanted::OneOf(words) => return (some(words), some(words)),
    };
    (what.into(), form.into())
}

/// The first few of some words.
fn some(words: &[&str]) -> String {
    const SHOWN: usize = 8;
    if words.len() <= SHOWN {
        return names("", words.iter().copied(), ", ", " or ");
    }
    format!("{} …", names("", words[..SHOWN].iter().copied(), ", ", ", "))
}
