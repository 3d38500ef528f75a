//! Options of the core and of extensions, with their values.

use super::{
    Cursor, Draft, Reader, Written,
    arguments::{is_verdict, takes_value},
};
use crate::{
    source::Span,
    syntax::{
        Error, ErrorKind,
        iptables::{
            Family, Opt,
            checks::{Loaded, refused, refused_pair},
            extensions::{self, ALL, CORE, Kind, OptionSpec, UNKNOWN, Value, index},
            lookup::{self, Found},
            values,
            words::Word,
        },
    },
};

impl<'t> Reader<'t> {
    // long := "--" name ("=" value)?
    pub(super) fn long(
        &mut self,
        draft: &mut Draft<'t>,
        cursor: &mut Cursor<'_, 't>,
        (negation, span): (Option<Span>, Span),
        name: &str,
    ) -> Result<(), Error> {
        let (name, inline) = match name.split_once('=') {
            Some((name, value)) => {
                let at = span.end - u32::try_from(value.len()).unwrap_or(0);
                (
                    name,
                    Some(Word {
                        text: value.to_owned().into(),
                        span: Span::new(at.max(span.start), span.end),
                    }),
                )
            }
            None => (name, None),
        };
        let mut found = lookup::long(name, &self.loaded, !self.errors.is_full());
        if matches!(found, Err(ErrorKind::UnknownOption { .. }))
            && let Some(extension) = self.match_of_protocol(draft)
        {
            self.load(extension, span);
            found = lookup::long(name, &self.loaded, !self.errors.is_full());
        }
        let written = Written { negation, name: span, inline };
        match found {
            Ok(Found::Core(core)) => self.core(draft, cursor, core, written),
            Ok(Found::Loaded { instance, option }) => {
                self.extension(cursor, (instance, option), written)
            }
            Err(_) if self.may_be_unknown(draft) => {
                self.unknown(cursor, &written);
                Ok(())
            }
            Err(kind) => Err(Error { span, kind }),
        }
    }

    // cluster := "-" letter+ value?
    pub(super) fn cluster(
        &mut self,
        draft: &mut Draft<'t>,
        cursor: &mut Cursor<'_, 't>,
        (negation, span): (Option<Span>, Span),
        text: &str,
    ) -> Result<(), Error> {
        for (at, letter) in text.bytes().enumerate().skip(1) {
            let Some(core) = lookup::short(letter) else {
                if at == 1 && self.may_be_unknown(draft) {
                    self.unknown(cursor, &Written { negation, name: span, inline: None });
                    return Ok(());
                }
                return Err(Error { span, kind: ErrorKind::UnknownOption { suggestion: None } });
            };
            let attached = &text[at + 1..];
            if attached.is_empty() || !takes_value(core) {
                self.core(draft, cursor, core, Written { negation, name: span, inline: None })?;
                continue;
            }
            let start = span.end - u32::try_from(attached.len()).unwrap_or(0);
            let value = Word { text: attached.to_owned().into(), span: Span::new(start, span.end) };
            let name = Span::new(span.start, start);
            return self.core(draft, cursor, core, Written { negation, name, inline: Some(value) });
        }
        Ok(())
    }

    /// The match that `-p` would load if an option is not known without it.
    fn match_of_protocol(&self, draft: &mut Draft<'t>) -> Option<u16> {
        let name = draft.to_load.take()?;
        let extension = extensions::find(Kind::Match, name, self.family)?;
        (!self.loaded.contains(&extension)).then_some(extension)
    }

    fn may_be_unknown(&self, draft: &Draft<'t>) -> bool {
        draft.unknown
            || draft.jump.is_some_and(|span| {
                let name = values::unquoted(self.text.get(span.range()).unwrap_or_default());
                let known = is_verdict(&name)
                    || extensions::find(Kind::Target, &name, self.family).is_some();
                !known && !self.chains.contains(name.as_ref())
            })
    }

    /// The extension of that name; an error where the other family alone has it.
    fn find(&self, kind: Kind, name: &str, span: Span) -> Result<Option<u16>, Error> {
        let found = extensions::find(kind, name, self.family);
        let other = if self.family == Family::V4 { Family::V6 } else { Family::V4 };
        if found.is_none() && extensions::find(kind, name, other).is_some() {
            return Err(Error { span, kind: ErrorKind::WrongFamily { family: other } });
        }
        Ok(found)
    }

    fn load(&mut self, extension: u16, name: Span) {
        self.loaded.push(extension);
        self.details.push(Loaded { extension, seen: 0, name });
    }

    // unknown := "!"? name value* ; up to the next word that starts with "-", or "!"
    fn unknown(&mut self, cursor: &mut Cursor<'_, 't>, written: &Written<'t>) {
        let mut value = written.inline.as_ref().map(|word| word.span);
        while let Some(word) = cursor.peek() {
            if word.text == "!" || (word.text.len() > 1 && word.text.starts_with('-')) {
                break;
            }
            value = Some(value.map_or(word.span, |value| value.to(word.span)));
            cursor.at += 1;
        }
        self.options.push(Opt {
            extension: UNKNOWN,
            option: 0,
            negated: written.negation.is_some(),
            name: written.span(),
            value: value.unwrap_or(Span::new(written.name.end, written.name.end)),
        });
    }

    fn extension(
        &mut self,
        cursor: &mut Cursor<'_, 't>,
        (instance, option): (usize, u16),
        written: Written<'t>,
    ) -> Result<(), Error> {
        let extension = self.loaded[instance];
        let spec = &ALL[usize::from(extension)].options[usize::from(option)];
        may_stand(spec, self.family, &written)?;
        let bit = 1 << option;
        if self.details[instance].seen & bit != 0 && !spec.repeatable {
            return Err(Error { span: written.name, kind: ErrorKind::OptionTwice });
        }
        self.details[instance].seen |= bit;
        self.push(cursor, (extension, option), spec, written).map(drop)
    }

    /// Takes the value and keeps the option; returns where the value stands.
    fn push(
        &mut self,
        cursor: &mut Cursor<'_, 't>,
        (extension, option): (u16, u16),
        spec: &OptionSpec,
        written: Written<'t>,
    ) -> Result<Span, Error> {
        let (name, negated) = (written.span(), written.negation.is_some());
        let value = self.value(cursor, spec, written)?;
        self.options.push(Opt { extension, option, negated, name, value });
        Ok(value)
    }

    /// Takes the words of a value and checks them.
    fn value(
        &mut self,
        cursor: &mut Cursor<'_, 't>,
        spec: &OptionSpec,
        Written { name, inline, .. }: Written<'t>,
    ) -> Result<Span, Error> {
        let (value, negatable) = (&spec.value, spec.negatable);
        if let Value::Optional(_, accepts) = value {
            let Some(word) = cursor.peek().filter(|word| accepts(&word.text)) else {
                return Ok(Span::new(name.end, name.end));
            };
            let span = word.span;
            cursor.at += 1;
            return Ok(span);
        }
        let words = value.words();
        if words == 0 {
            return match inline {
                Some(inline) => Err(Error { span: inline.span, kind: ErrorKind::UnexpectedValue }),
                None => Ok(Span::new(name.end, name.end)),
            };
        }
        let family = self.family;
        let missing = |cursor: &Cursor<'_, 't>| Error {
            span: if name.is_empty() { cursor.end } else { name },
            kind: ErrorKind::MissingValue(value.expected(family)),
        };
        let word = match inline {
            Some(word) => word,
            None => cursor.next().cloned().ok_or_else(|| missing(cursor))?,
        };
        if negatable
            && word.text == "!"
            && cursor.peek().is_some_and(|next| !next.text.starts_with('-'))
        {
            return Err(Error { span: word.span, kind: ErrorKind::OldNegation });
        }
        let unresolved = self.is_unresolved(word.span);
        if words == 2 {
            if unresolved && self.is_open(word.span) && !cursor.argument_follows() {
                return Ok(word.span);
            }
            if !cursor.argument_follows() {
                return Err(missing(cursor));
            }
            let second = cursor.next().cloned().ok_or_else(|| missing(cursor))?;
            let known = !unresolved && !self.is_unresolved(second.span);
            if known && let Some(error) = refused_pair(value, &word, &second) {
                return Err(error);
            }
            return Ok(word.span.to(second.span));
        }
        if unresolved {
            return Ok(word.span);
        }
        match refused(value, &word.text, family, !self.errors.is_full()) {
            Some(ErrorKind::LimitExceeded(limit)) if limit.truncated => {
                self.errors.add(Error { span: word.span, kind: ErrorKind::LimitExceeded(limit) });
            }
            Some(kind) => return Err(Error { span: word.span, kind }),
            None => {}
        }
        Ok(word.span)
    }

    pub(super) fn core_option(
        &mut self,
        draft: &mut Draft<'t>,
        cursor: &mut Cursor<'_, 't>,
        option: u16,
        written: Written<'t>,
    ) -> Result<(), Error> {
        let spec = &ALL[usize::from(CORE)].options[usize::from(option)];
        may_stand(spec, self.family, &written)?;
        // `-g` is a jump, too.
        let bit = 1u16 << if option == index::GOTO { index::JUMP } else { option };
        if draft.seen & bit != 0 && !spec.repeatable {
            return Err(Error { span: written.name, kind: ErrorKind::OptionTwice });
        }
        draft.seen |= bit;
        draft.rule_option.get_or_insert(written.name);
        let negation = written.negation;
        let value = self.push(cursor, (CORE, option), spec, written)?;
        let word = values::unquoted(self.text.get(value.range()).unwrap_or_default());
        match option {
            index::SOURCE | index::DESTINATION if negation.is_some() && word.contains(',') => {
                Err(Error { span: value, kind: ErrorKind::NegatedList })
            }
            // The ports of every protocol that has some are asked for by the same names.
            index::PROTOCOL if self.is_unresolved(value) => {
                draft.to_load = Some("tcp");
                Ok(())
            }
            index::PROTOCOL => {
                let number = values::protocol(&word).unwrap_or(0);
                if number == 0 && negation.is_some() {
                    return Err(Error { span: value, kind: ErrorKind::NeverMatches });
                }
                draft.protocol = Some((number, negation.is_some()));
                draft.to_load = match values::protocol_name(number) {
                    Some("ipv6-icmp") => Some("icmp6"),
                    name => name,
                };
                Ok(())
            }
            index::MATCH if !self.is_unresolved(value) => {
                match self.find(Kind::Match, &word, value)? {
                    Some(extension) => self.load(extension, value),
                    None => draft.unknown = true,
                }
                Ok(())
            }
            index::MATCH | index::JUMP if self.is_unresolved(value) => {
                draft.unknown = true;
                Ok(())
            }
            index::JUMP => {
                draft.jump = Some(value);
                if !is_verdict(&word)
                    && !self.chains.contains(word.as_ref())
                    && let Some(extension) = self.find(Kind::Target, &word, value)?
                {
                    self.load(extension, value);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Whether the option belongs to the family and, negated, may be.
fn may_stand(spec: &OptionSpec, own: Family, written: &Written<'_>) -> Result<(), Error> {
    match spec.family {
        Some(family) if family != own => {
            Err(Error { span: written.name, kind: ErrorKind::WrongFamily { family } })
        }
        _ if written.negation.is_some() && !spec.negatable => {
            Err(Error { span: written.span(), kind: ErrorKind::NotNegatable })
        }
        _ => Ok(()),
    }
}
