//! Commands and the other core words that are no part of a rule.

use super::{Cursor, Draft, LONGEST_NAME, Reader, TABLES, Written};
use crate::{
    source::Span,
    syntax::{
        Error, ErrorKind, Expected, Limit,
        error::nearest,
        iptables::{
            Policy, TableKind, checks,
            extensions::{Core, index},
            values,
            words::Word,
        },
    },
};

impl<'t> Reader<'t> {
    pub(super) fn core(
        &mut self,
        draft: &mut Draft<'t>,
        cursor: &mut Cursor<'_, 't>,
        core: Core,
        written: Written<'t>,
    ) -> Result<(), Error> {
        if let Core::Option(option) = core {
            return self.core_option(draft, cursor, option, written);
        }
        if written.negation.is_some() {
            return Err(Error { span: written.span(), kind: ErrorKind::NotNegatable });
        }
        let Written { name: span, inline, .. } = written;
        match core {
            Core::Option(_) | Core::Verbose => Ok(()),
            Core::Family(family) => {
                draft.skipped = family != self.family;
                Ok(())
            }
            Core::Listing => {
                draft.listing_option = Some(span);
                Ok(())
            }
            Core::Table if self.listing => {
                let word = argument(cursor, inline, span, Expected::OneOf(TABLES))?;
                let kind = ErrorKind::UnknownTable {
                    suggestion: nearest(&word.text, TABLES.iter().copied()),
                };
                self.named_table =
                    Some(TableKind::of(&word.text).ok_or(Error { span: word.span, kind })?);
                Ok(())
            }
            Core::Table | Core::Refused => Err(Error { span, kind: ErrorKind::NotWithCommand }),
            Core::Help => {
                draft.skipped = true;
                Ok(())
            }
            Core::Modprobe => {
                let _ = argument(cursor, inline, span, Expected::Text)?;
                Ok(())
            }
            Core::Counters => {
                draft.packets = Some(counters(cursor, inline, span)?);
                Ok(())
            }
            _ => start(draft, cursor, core, span, inline),
        }
    }
}

/// Reads a policy.
pub(in crate::syntax::iptables) fn policy(text: &str, span: Span) -> Result<Policy, Error> {
    match text {
        "ACCEPT" => Ok(Policy::Accept),
        "DROP" => Ok(Policy::Drop),
        _ => {
            let suggestion = nearest(text, ["ACCEPT", "DROP"].into_iter());
            Err(Error { span, kind: ErrorKind::UnknownPolicy { suggestion } })
        }
    }
}

pub(super) fn is_verdict(name: &str) -> bool {
    matches!(name, "ACCEPT" | "DROP" | "RETURN" | "QUEUE")
}

pub(super) fn takes_value(core: Core) -> bool {
    match core {
        Core::Option(option) => option != index::FRAGMENT,
        Core::Family(_) | Core::Verbose | Core::Listing => false,
        _ => true,
    }
}

/// Takes the arguments of a command.
fn start<'t>(
    draft: &mut Draft<'t>,
    cursor: &mut Cursor<'_, 't>,
    command: Core,
    span: Span,
    inline: Option<Word<'t>>,
) -> Result<(), Error> {
    if draft.command.is_some() {
        return Err(Error { span, kind: ErrorKind::SecondCommand });
    }
    draft.command = Some((command, span));
    let optional = matches!(command, Core::Flush | Core::DeleteChain | Core::Zero | Core::List);
    if optional && inline.is_none() && !cursor.argument_follows() {
        return Ok(());
    }
    let chain = argument(cursor, inline, span, Expected::ChainName)?;
    if chain.text.len() > LONGEST_NAME {
        return Err(Error { span: chain.span, kind: name_too_long("chain name", &chain.text) });
    }
    let new = match command {
        Core::Rename | Core::Policy => {
            let expected = if command == Core::Policy {
                Expected::OneOf(&["ACCEPT", "DROP"])
            } else {
                Expected::ChainName
            };
            if !cursor.argument_follows() {
                return Err(Error { span, kind: ErrorKind::MissingValue(expected) });
            }
            draft.second = Some(argument(cursor, None, span, expected)?);
            draft.second.as_ref().filter(|_| command == Core::Rename)
        }
        Core::NewChain => Some(&chain),
        _ => None,
    };
    if let Some(new) = new {
        checks::new_chain(&new.text, new.span, command == Core::NewChain)?;
    }
    let numbered = match command {
        Core::Replace => true,
        Core::Insert | Core::Delete | Core::Zero | Core::List => cursor.argument_follows(),
        _ => false,
    };
    if numbered {
        let word = argument(cursor, None, span, Expected::RuleNumber)?;
        let number = values::number(&word.text, 1, i32::MAX.unsigned_abs().into());
        let bad = ErrorKind::BadValue { expected: Expected::RuleNumber, suggestion: None };
        let number = number.map_err(|_| Error { span: word.span, kind: bad })?;
        draft.number = u32::try_from(number).ok();
    }
    draft.chain = Some(chain);
    Ok(())
}

fn argument<'t>(
    cursor: &mut Cursor<'_, 't>,
    inline: Option<Word<'t>>,
    span: Span,
    expected: Expected,
) -> Result<Word<'t>, Error> {
    match inline {
        Some(word) => Ok(word),
        None => {
            cursor.next().cloned().ok_or(Error { span, kind: ErrorKind::MissingValue(expected) })
        }
    }
}

// counters := packets "," bytes | packets bytes
fn counters<'t>(
    cursor: &mut Cursor<'_, 't>,
    inline: Option<Word<'t>>,
    span: Span,
) -> Result<u64, Error> {
    let word = argument(cursor, inline, span, Expected::Counters)?;
    let (packets, bytes) = match word.text.split_once(',') {
        Some((packets, bytes)) => (packets.to_owned(), bytes.to_owned()),
        None if cursor.argument_follows() => {
            let bytes = argument(cursor, None, span, Expected::Counters)?;
            (word.text.to_string(), bytes.text.into_owned())
        }
        None => return Err(Error { span, kind: ErrorKind::MissingValue(Expected::Counters) }),
    };
    if let (Ok(packets), Ok(_)) = (packets.parse(), bytes.parse::<u64>()) {
        return Ok(packets);
    }
    let kind = ErrorKind::BadValue { expected: Expected::Counters, suggestion: None };
    Err(Error { span: word.span, kind })
}

pub(in crate::syntax::iptables) fn name_too_long(what: &'static str, name: &str) -> ErrorKind {
    let limit = u32::try_from(LONGEST_NAME).unwrap_or(u32::MAX);
    let written = u32::try_from(name.len()).unwrap_or(u32::MAX);
    ErrorKind::LimitExceeded(Limit { what, limit, written, truncated: false })
}
