//! Every refusal in English.

use super::{
    quote::names,
    refusal::{Misplaced, Said, Subject},
    refusal_nft_in_english as nft,
};
use crate::syntax::{
    ErrorKind, Expected, Limit, ShellError,
    iptables::{Family, Hook, TableKind, values},
};

/// One error in English.
#[expect(clippy::too_many_lines, reason = "one arm an error: the point is that none is missing")]
pub(super) fn said(kind: &ErrorKind, subject: &Subject<'_>) -> Said {
    let word = &subject.word;
    match kind {
        ErrorKind::Template => Said::new("template, not analysed", "only its engine can fill this in")
            .help("Render it, and check the result."),
        ErrorKind::Binary => Said::new("binary data where text should be", "no text from here on")
            .help("Nothing after such a byte reaches the kernel as it is written; restore the file, or remove the byte."),
        ErrorKind::MissingCommit => Said::new(
            format!("table {word} has no `COMMIT`, so nothing of it is loaded"),
            "never committed",
        )
        .help("Write `COMMIT` on a line of its own after the table's last rule."),
        ErrorKind::CarriageReturn => Said::new(
            "lines end in CR LF, and the loader takes the CR for a part of the last word",
            "a carriage return",
        )
        .help("Save the file with LF line ends (`dos2unix` does that), and say `eol=lf` in `.gitattributes`."),
        ErrorKind::LimitExceeded(limit) => exceeded(*limit, word),
        ErrorKind::TooManyErrors { more } => Said::new(
            match more {
                1 => "one more error in this file is not listed".to_owned(),
                _ => format!("{more} more errors in this file are not listed"),
            },
            "the last of them",
        )
        .help("Many errors of one kind mean one cause: mend the first ones and look again."),
        ErrorKind::UnknownTable { .. } if subject.raw.starts_with('*') => {
            Said::new(format!("{word} names no table"), "expected a table such as `*filter`")
        }
        ErrorKind::UnknownTable { suggestion } => {
            Said::new(format!("there is no table {word}"), write_or(*suggestion, "no table of that name"))
                .help("The tables are `filter`, `nat`, `mangle`, `raw` and `security`; rules in any other are not loaded.")
        }
        ErrorKind::OutsideTable => Said::new(format!("{word} stands outside a table"), "no table is open here")
            .help("Every line belongs between a line such as `*filter` and the next `COMMIT`."),
        ErrorKind::NoCommand => Said::new(
            format!("{word} is no rule: it has no command such as `-A INPUT`"),
            "expected `-A` and a chain",
        ),
        ErrorKind::SecondCommand => {
            Said::new(format!("{word} is a second command on this line"), "one command a line")
        }
        ErrorKind::NotWithCommand => Said::new(
            format!("{word} cannot be used on this line"),
            if matches!(subject.raw, "-t" | "--table") { "the `*table` line says which table" } else { "not with this command" },
        ),
        ErrorKind::UnexpectedWord => unexpected(subject),
        ErrorKind::UnknownOption { suggestion } => {
            let owners = subject.owners();
            if !owners.is_empty() {
                let owners = names("", owners.iter().map(String::as_str), ", ", " or ");
                return Said::new(format!("option {word} is not known before {owners}"), format!("write {owners} before it"));
            }
            let suggestion = suggestion.map(|name| format!("--{name}"));
            Said::new(
                format!("unknown option {word}"),
                write_or(suggestion.as_deref(), "no match or target on this line has it"),
            )
        }
        ErrorKind::AmbiguousOption { candidates } => Said::new(
            format!("option {word} can mean {}", names("--", *candidates, ", ", " or ")),
            "write it in full",
        ),
        ErrorKind::MissingValue(expected) => {
            let (_, form) = wanted(*expected, subject.is_ipv6());
            Said::new(format!("{word} lacks its value"), format!("expected {form}"))
        }
        ErrorKind::UnexpectedValue => {
            Said::new(format!("{word} is a value, and the option takes none"), "remove it")
        }
        ErrorKind::BadValue { expected, suggestion } => {
            let (what, form) = wanted(*expected, subject.is_ipv6());
            let form = format!("expected {form}");
            if let Some(option) = subject.option_without_value() {
                return Said::new(format!("{option} lacks its value: {word} follows"), form);
            }
            Said::new(format!("{word} is not {what}"), write_or(*suggestion, &form))
        }
        ErrorKind::ReversedRange => {
            Said::new(format!("range {word} ends before it starts"), "write the smaller end first")
        }
        ErrorKind::NeverMatches => Said::new(
            format!("{word} stands for every protocol, so the condition says nothing or never holds"),
            "refused here",
        ),
        ErrorKind::NotNegatable => Said::new(format!("{word}: this option cannot be negated"), "remove the `!`"),
        ErrorKind::NegatedList => {
            Said::new(format!("list {word} cannot be negated"), "one address only after `!`").help(
                "Each address would become a rule of its own, and every packet would match one of them; use an ipset: \
                 `-m set ! --match-set NAME src`.",
            )
        }
        ErrorKind::DoubleNegation => Said::new("two `!` in a row", "remove one"),
        ErrorKind::DanglingNegation => Said::new("`!` with nothing after it", "expected an option after it"),
        ErrorKind::OldNegation => Said::new(
            "`!` stands behind its option",
            format!("write {}", subject.new_negation()),
        ),
        ErrorKind::OptionTwice => Said::new(format!("{word} is given twice"), "the second time")
            .help("All conditions of a rule must hold; for one or the other, write two rules."),
        ErrorKind::Excludes { other } if subject.raw.starts_with('-') => Said::new(
            format!("{word} and `--{other}` exclude each other"),
            "only one of them",
        ),
        ErrorKind::Excludes { other } => Said::new(
            format!("`--{other}` and another option of {word} exclude each other"),
            "only one of them",
        ),
        ErrorKind::Requires { other } => {
            Said::new(format!("{word} needs `--{other}` here"), format!("add `--{other}`"))
        }
        ErrorKind::MissingOption { extension, options: [] } => Said::new(
            format!("`{extension}` is given without any of its options"),
            "says nothing alone",
        ),
        ErrorKind::MissingOption { extension, options } => {
            let options = names("--", options.iter().copied(), ", ", " or ");
            Said::new(format!("`{extension}` lacks {options}"), format!("add {options}"))
        }
        ErrorKind::RequiresProtocol { extension, protocols } => {
            let protocols = protocols.iter().filter_map(|it| values::protocol_name(*it));
            let protocols = names("-p ", protocols, ", ", " or ");
            Said::new(
                format!("`{extension}` works with {protocols} only"),
                format!("write {protocols} on this line"),
            )
        }
        ErrorKind::WrongTable { tables } => {
            let tables = names("", tables.iter().map(|it| TableKind::name(*it)), ", ", " and ");
            Said::new(format!("{word} cannot be used in this table"), format!("only in {tables}"))
        }
        ErrorKind::WrongChain { hooks } => {
            let hooks = names("", hooks.iter().map(|it| Hook::name(*it)), ", ", " and ");
            Said::new(format!("{word} cannot be used in this chain"), format!("only in {hooks}"))
        }
        ErrorKind::WrongFamily { family: Family::V4 } => {
            Said::new(format!("{word} is for IPv4, and this file is for IPv6"), "IPv4 only")
        }
        ErrorKind::WrongFamily { family: Family::V6 } => {
            Said::new(format!("{word} is for IPv6, and this file is for IPv4"), "IPv6 only")
        }
        ErrorKind::UnknownPolicy { suggestion } => {
            Said::new(format!("{word} is not a policy"), write_or(*suggestion, "expected `ACCEPT` or `DROP`"))
                .help("A policy is `ACCEPT` or `DROP`; anything else, such as `REJECT`, has to be the chain's last rule.")
        }
        ErrorKind::MissingPolicy => Said::new(
            format!("chain line {word} lacks its policy"),
            "write `ACCEPT` or `DROP` after the name, `-` for a chain of your own",
        ),
        ErrorKind::PolicyOnUserChain => {
            Said::new(format!("chain {word} is not built in here and has no policy"), "no policy for this chain")
                .help("Make the verdict the chain's last rule.")
        }
        ErrorKind::InvalidChainName => Said::new(
            format!("{word} cannot be the name of a chain"),
            "not a name that starts with `-` or `!`, holds a blank or is a target's",
        ),
        ErrorKind::BadCounters => Said::new(format!("{word} are no counters"), "expected `[PACKETS:BYTES]`"),
        ErrorKind::DuplicateSet => Said::new(format!("set {word} is created twice"), "the second time")
            .help("`ipset restore` stops here unless it is called with `-exist`."),
        ErrorKind::UnknownSet { suggestion } => {
            Said::new(format!("no set {word} is created in this file"), write_or(suggestion.as_deref(), "no `create` line before names it"))
        }
        ErrorKind::Shell(ShellError::NeverClosed { .. }) => Said::new(
            format!("{word} is never closed"),
            "opened here",
        ),
        ErrorKind::Shell(ShellError::Unexpected) => {
            Said::new(format!("a shell does not expect {word} here"), "out of place")
        }
        ErrorKind::Nft(kind) => nft::said(kind, subject),
    }
}

fn write_or(suggestion: Option<&str>, otherwise: &str) -> String {
    suggestion.map_or_else(|| otherwise.to_owned(), |it| format!("write `{it}`"))
}

fn unexpected(subject: &Subject<'_>) -> Said {
    let word = &subject.word;
    match subject.misplaced() {
        Some(Misplaced::Comment) => {
            Said::new("comment behind a rule", "a comment needs a line of its own")
                .help("Start a line with `#`, or keep the remark with the rule: `-m comment --comment \"…\"`.")
        }
        Some(Misplaced::Indented) => {
            Said::new(format!("{word} is indented"), "must start in the first column")
        }
        Some(Misplaced::Followed) => {
            Said::new(format!("something follows {word} on its line"), "not even a blank may follow")
        }
        Some(Misplaced::Lowercase) => {
            Said::new(format!("{word} is written in capitals"), "write `COMMIT`")
        }
        Some(Misplaced::Program) => Said::new(
            format!("{word} is for a shell, not for a file that is loaded"),
            "remove it: a line starts with its command, such as `-A`",
        ),
        None => Said::new(format!("{word} stands where an option should"), "expected an option")
            .help("A value takes one word; one with blanks needs double quotes: `--comment \"two words\"`."),
    }
}

fn exceeded(it: Limit, word: &str) -> Said {
    let Limit { what, limit, written, truncated } = it;
    if truncated {
        return Said::new(
            format!("{what} {word} is {written} bytes long and cut off after {limit}"),
            format!("{limit} bytes are kept"),
        );
    }
    let label = format!("{limit} is the most");
    match what {
        "multiport slots" => {
            Said::new(format!("list {word} takes {written} multiport slots"), label).help(
                "A range takes two slots; split the rule, or use an ipset of type `bitmap:port`.",
            )
        }
        "words" => Said::new(format!("the line has {written} words"), label),
        "line" => Said::new(format!("the line is {written} bytes long"), label),
        _ => Said::new(format!("{what} {word} is {written} bytes long"), label),
    }
}

/// What a value should have been: as it ends "is not …", and as it ends "expected …".
fn wanted(expected: Expected, ipv6: bool) -> (String, String) {
    let (what, form) = match expected {
        Expected::Number { min, max } => {
            return (format!("a whole number from {min} to {max}"), format!("{min} to {max}"));
        }
        Expected::NumberRange { max } => {
            return (
                "a range of numbers".into(),
                format!("`FROM:TO`, up to {max}, the smaller first"),
            );
        }
        Expected::Probability => ("a probability", "0 to 1, such as `0.5`"),
        Expected::OneOf(words) => {
            return ("a word that this option takes".into(), some(words, " or "));
        }
        Expected::SomeOf(words) => {
            let words = some(words, " and ");
            return (
                "a list of words that this option takes".into(),
                format!("{words}, separated by commas"),
            );
        }
        Expected::Port => ("a port", "0 to 65535, or the name of a service"),
        Expected::PortRange => (
            "a port or a range of ports",
            "`22`, `1024:2047` (the smaller first) or the name of a service",
        ),
        Expected::PortList => ("a list of ports", "up to 15 ports such as `22,80,8000:8100`"),
        Expected::Address if ipv6 => ("an IPv6 address", "one such as `2001:db8::1`"),
        Expected::Address => ("an IPv4 address", "one such as `192.0.2.1`"),
        Expected::Network if ipv6 => {
            ("an IPv6 address or network", "one such as `2001:db8::1` or `2001:db8::/32`")
        }
        Expected::Network => {
            ("an IPv4 address or network", "one such as `192.0.2.1` or `192.0.2.0/24`")
        }
        Expected::Mask if ipv6 => {
            ("a mask", "a prefix length up to 128, or a mask such as `ffff::`")
        }
        Expected::Mask => ("a mask", "a prefix length up to 32, or a mask such as `255.255.255.0`"),
        Expected::AddressRange if ipv6 => (
            "a range of IPv6 addresses",
            "one such as `2001:db8::1-2001:db8::9`, the smaller first",
        ),
        Expected::AddressRange => {
            ("a range of IPv4 addresses", "one such as `192.0.2.1-192.0.2.9`, the smaller first")
        }
        Expected::Protocol => ("a protocol", "a name such as `tcp`, or 0 to 255"),
        Expected::Mark => ("a mark", "`VALUE` or `VALUE/MASK`, 32 bits each"),
        Expected::Tos => ("a type of service", "a byte such as `0x10`, or its name"),
        Expected::Mac => ("a hardware address", "one such as `00:11:22:33:44:55`"),
        Expected::Interface => {
            ("the name of an interface", "one such as `eth0`, or `eth+` for all that start so")
        }
        Expected::Rate => ("a rate", "one such as `3/second`, `3/minute`, `3/hour` or `3/day`"),
        Expected::IcmpType => ("an ICMP type", "a name such as `echo-request`, or `TYPE[/CODE]`"),
        Expected::TcpFlags => (
            "a list of TCP flags",
            "`SYN`, `ACK`, `FIN`, `RST`, `URG`, `PSH` and commas, or `ALL` or `NONE`",
        ),
        Expected::SetDirections => ("a list of directions", "`src` and `dst` separated by commas"),
        Expected::NatTarget => (
            "an address to translate to",
            "`ADDRESS[-ADDRESS][:PORT[-PORT]]` of this file's family",
        ),
        Expected::NatPorts => ("a port to translate to", "`PORT[-PORT]`"),
        Expected::Date => ("a date", "one such as `2030-12-24T18:21`"),
        Expected::TimeOfDay => ("a time of day", "one such as `18:21`"),
        Expected::Weekdays => {
            ("a list of days of the week", "`Mon` to `Sun` or 1 to 7, separated by commas")
        }
        Expected::Monthdays => ("a list of days of the month", "1 to 31, separated by commas"),
        Expected::ChainName => ("the name of a chain", "the name of a chain"),
        Expected::ExtensionName => {
            ("the name of a match or target", "the name of a match or target")
        }
        Expected::RuleNumber => ("the number of a rule", "a number from 1"),
        Expected::Counters => ("a pair of counters", "`PACKETS BYTES`"),
        Expected::Text => ("a text that says anything", "at least one character"),
        Expected::Form(form) => {
            return ("of the form that this option takes".into(), format!("`{form}`"));
        }
    };
    (what.into(), form.into())
}

/// The first few of some words.
fn some(words: &[&str], last: &str) -> String {
    const SHOWN: usize = 8;
    if words.len() <= SHOWN {
        return names("", words.iter().copied(), ", ", last);
    }
    format!("{} …", names("", words[..SHOWN].iter().copied(), ", ", ", "))
}
