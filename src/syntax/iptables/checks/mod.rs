//! What must hold of a whole rule: which options go together, and where they may stand.

mod value;

pub(super) use value::{refused, refused_pair};

use super::{
    Family, Hook, Opt, TableKind,
    command::{LONGEST_NAME, name_too_long},
    extensions::{self, ALL, Among, CORE, Extension, Facts, Group, Kind},
};
use crate::{
    source::Span,
    syntax::{Error, ErrorKind, iptables::values::unquoted},
};

/// The tables in which packets may be dropped.
pub(super) const NOT_NAT: &[TableKind] =
    &[TableKind::Filter, TableKind::Raw, TableKind::Mangle, TableKind::Security];

/// An extension that a rule has asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loaded {
    /// Its index.
    pub(super) extension: u16,
    /// One bit for each option given.
    pub(super) seen: u64,
    /// Where it was asked for.
    pub(super) name: Span,
}

/// What there is to know about a rule once its line has been read.
#[derive(Debug)]
pub(super) struct Rule<'a> {
    pub(super) text: &'a str,
    pub(super) family: Family,
    pub(super) table: Option<TableKind>,
    pub(super) chain: &'a str,
    pub(super) chain_span: Span,
    /// Whether the file has declared the chain.
    pub(super) declared: bool,
    /// The number and whether it is negated.
    pub(super) protocol: Option<(u8, bool)>,
    pub(super) jump: Option<Span>,
    pub(super) options: &'a [Opt],
}

/// The tables that admit the rule, one bit each; an error where the file's own is not among them.
pub(super) fn rule(rule: &Rule<'_>, loaded: &[Loaded]) -> Result<u8, Error> {
    let hook = match (Hook::of(rule.chain), rule.table) {
        // Another table's built-in chain is an ordinary name here, and must be declared like one.
        (Some(hook), Some(table)) if !table.hooks().contains(&hook) => {
            if !rule.declared {
                let kind = ErrorKind::WrongChain { hooks: table.hooks() };
                return Err(Error { span: rule.chain_span, kind });
            }
            None
        }
        (hook, _) => hook,
    };
    let mut admitting = hook.map_or(!0, tables_at);
    for option in rule.options.iter().filter(|option| option.extension == CORE) {
        hooks(hook, ALL[usize::from(CORE)].options[usize::from(option.option)].hooks, option.name)?;
    }
    for it in loaded {
        admitting &= extension(rule, hook, it)?;
    }
    if let Some(jump) = rule.jump
        && unquoted(rule.text.get(jump.range()).unwrap_or_default()) == "DROP"
    {
        admitting &= table(rule.table, NOT_NAT, jump)?;
    }
    Ok(admitting)
}

fn extension(rule: &Rule<'_>, hook: Option<Hook>, it: &Loaded) -> Result<u8, Error> {
    let spec = &ALL[usize::from(it.extension)];
    let admitting =
        if spec.tables.is_empty() { !0 } else { table(rule.table, spec.tables, it.name)? };
    hooks(hook, spec.hooks, it.name)?;
    options(spec, it)?;
    protocol(rule, spec, it)?;
    for option in rule.options.iter().filter(|option| option.extension == it.extension) {
        hooks(hook, spec.options[usize::from(option.option)].hooks, option.name)?;
    }
    if let Some(check) = spec.check {
        check(&Facts {
            text: rule.text,
            family: rule.family,
            hook,
            protocol: rule.protocol.and_then(|(number, negated)| (!negated).then_some(number)),
            named_protocol: rule.protocol.map(|(number, _)| number),
            extension: it.extension,
            name: it.name,
            options: rule.options,
        })?;
    }
    Ok(admitting)
}

/// Mandatory options, groups, and options that need others.
fn options(spec: &'static Extension, it: &Loaded) -> Result<(), Error> {
    let missing = |options| Error {
        span: it.name,
        kind: ErrorKind::MissingOption { extension: spec.name, options },
    };
    let given = |name: &str| spec.option(name).is_some_and(|option| it.seen & 1 << option != 0);
    for (at, option) in spec.options.iter().enumerate() {
        let seen = it.seen & 1 << at != 0;
        if option.mandatory && !seen {
            return Err(missing(std::slice::from_ref(&option.name)));
        }
        if seen && let Some(other) = option.requires.iter().find(|other| !given(other)) {
            return Err(Error { span: it.name, kind: ErrorKind::Requires { other } });
        }
    }
    for Group { among, options } in spec.groups {
        let count = if options.is_empty() {
            usize::from(it.seen != 0)
        } else {
            options.iter().filter(|name| given(name)).count()
        };
        match (among, count) {
            (Among::ExactlyOne | Among::AtLeastOne, 0) => return Err(missing(options)),
            (Among::ExactlyOne | Among::AtMostOne, 2..) => {
                let other = options.iter().find(|name| given(name)).copied().unwrap_or_default();
                return Err(Error { span: it.name, kind: ErrorKind::Excludes { other } });
            }
            _ => {}
        }
    }
    Ok(())
}

fn protocol(rule: &Rule<'_>, spec: &Extension, it: &Loaded) -> Result<(), Error> {
    if spec.protocols.is_empty() {
        return Ok(());
    }
    match rule.protocol {
        Some((number, negated))
            if spec.protocols.contains(&number) && (!negated || spec.negated_protocol) =>
        {
            Ok(())
        }
        _ => Err(Error {
            span: it.name,
            kind: ErrorKind::RequiresProtocol { extension: spec.name, protocols: spec.protocols },
        }),
    }
}

fn hooks(hook: Option<Hook>, hooks: &'static [Hook], span: Span) -> Result<(), Error> {
    match hook {
        Some(hook) if !hooks.is_empty() && !hooks.contains(&hook) => {
            Err(Error { span, kind: ErrorKind::WrongChain { hooks } })
        }
        _ => Ok(()),
    }
}

fn table(own: Option<TableKind>, tables: &'static [TableKind], span: Span) -> Result<u8, Error> {
    match own {
        Some(own) if !tables.contains(&own) => {
            Err(Error { span, kind: ErrorKind::WrongTable { tables } })
        }
        _ => Ok(tables.iter().fold(0, |bits, kind| bits | bit(*kind))),
    }
}

/// The bit of a table in a set of tables.
pub(super) const fn bit(kind: TableKind) -> u8 {
    1 << kind as u8
}

fn tables_at(hook: Hook) -> u8 {
    TableKind::ALL
        .into_iter()
        .filter(|kind| kind.hooks().contains(&hook))
        .fold(0, |bits, kind| bits | bit(kind))
}

/// Whether a chain may have a policy; the tables that have it, one bit each.
pub(super) fn policy(chain: &str, span: Span, table: Option<TableKind>) -> Result<u8, Error> {
    match (Hook::of(chain), table) {
        (None, _) => Err(Error { span, kind: ErrorKind::PolicyOnUserChain }),
        (Some(hook), Some(table)) if !table.hooks().contains(&hook) => {
            Err(Error { span, kind: ErrorKind::PolicyOnUserChain })
        }
        (Some(hook), _) => Ok(tables_at(hook)),
    }
}

/// Whether a chain may be called so: by `-N`, which looks at the names of targets, or by `-E`, which does not.
pub(super) fn new_chain(name: &str, span: Span, made: bool) -> Result<(), Error> {
    if name.len() > LONGEST_NAME {
        return Err(Error { span, kind: name_too_long("chain name", name) });
    }
    let target = |family| extensions::find(Kind::Target, name, family).is_some();
    let clashes = made && (target(Family::V4) || target(Family::V6));
    let odd = name.is_empty() || name.starts_with(['-', '!']) || name.contains(char::is_whitespace);
    if odd || clashes { Err(Error { span, kind: ErrorKind::InvalidChainName }) } else { Ok(()) }
}
