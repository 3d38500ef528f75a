//! What cannot be followed, for standard error: a place in a configuration file, or in a packet, with carets.

use super::{
    super::{clean::clean, paint::Paint},
    Shown,
    excerpt::Excerpt,
    handler,
};
use crate::{
    commands::NoPacket,
    lints::{Label, Place},
    settings::{
        Error, Look, Severity,
        config::{Spot, Wrong},
    },
    source::{SourceFile, Span},
    words::{Language, Message},
};
use std::io::{self, Write};

/// Writes why settings cannot be followed.
///
/// # Errors
///
/// The writer's.
pub fn refusal(
    out: &mut dyn Write,
    error: &Error,
    language: Language,
    look: &Look,
) -> io::Result<()> {
    let Error::Config(wrong) = error else {
        let text = error.text(language);
        let lines: Vec<_> = text.lines().map(|line| clean(line, look.unicode)).collect();
        return writeln!(out, "{}: {}", Paint::Strong.on("fwlint", look), lines.join("\n"));
    };
    let Wrong { spot, against, .. } = &**wrong;
    let mut files: Vec<SourceFile> = vec![file(spot)];
    let mut labels = Vec::new();
    if let Some(against) = against {
        if against.file != spot.file {
            files.push(file(against));
        }
        let text = Message { en: "contradicts this".into(), zh: "与此处冲突".into() };
        labels.push(label(files.len() - 1, &against.span, text));
    }
    let primary = label(0, &spot.span, wrong.label());
    let help = wrong.help();
    drawn(out, &files, &wrong.message(), (&primary, &labels), help.as_ref(), language, look)
}

/// Writes why a text is no packet; `path` is what it is called.
///
/// # Errors
///
/// The writer's.
pub fn wrong_packet(
    out: &mut dyn Write,
    path: &str,
    packet: &NoPacket,
    language: Language,
    look: &Look,
) -> io::Result<()> {
    let files = [SourceFile::new(path, packet.text.clone().into_bytes())];
    let primary = label(0, &packet.span, Message { en: "here".into(), zh: "此处".into() });
    drawn(out, &files, &packet.message, (&primary, &[]), None, language, look)
}

fn drawn(
    out: &mut dyn Write,
    files: &[SourceFile],
    message: &Message,
    (primary, labels): (&Label, &[Label]),
    help: Option<&Message>,
    language: Language,
    look: &Look,
) -> io::Result<()> {
    let shown = Shown {
        message: clean(message.get(language), look.unicode).into_owned(),
        severity: Severity::Error,
        excerpt: Excerpt::of(|it| &files[it as usize], primary, labels, language, look),
        help: help.map(|it| it.get(language).to_owned()).unwrap_or_default(),
    };
    let source = &files[primary.place.file as usize];
    let position = source.position(primary.place.span.start);
    let path = clean(&source.path, look.unicode);
    let at = format!("{path}:{}:{}", position.line, position.column);
    let mut text = format!("{}: {at}\n\n", Paint::Strong.on("fwlint", look));
    handler(look, language).render_report(&mut text, &shown).map_err(io::Error::other)?;
    write!(out, "{text}")
}

fn file(spot: &Spot) -> SourceFile {
    SourceFile::new(spot.file.path.clone(), spot.file.text.clone().into_bytes())
}

fn label(file: usize, span: &std::ops::Range<usize>, text: Message) -> Label {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let span = Span::new(offset(span.start), offset(span.end));
    Label { place: Place { file: offset(file), span }, text }
}
