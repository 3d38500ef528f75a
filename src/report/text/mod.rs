//! For people: the source with carets, drawn by miette, under a line of our own that names the finding.

mod assertions;
pub(super) mod clip;
mod excerpt;
mod pages;
mod repeats;
mod summary;
mod trace;
mod wrong;

pub use assertions::assertions;
pub(super) use clip::cells;
pub use pages::{lints, page, ports};
pub use summary::note;
pub use trace::traces;
pub use wrong::{refusal, wrong_packet};

use super::{
    clean::{clean, clean_lines},
    paint::{Paint, link},
    suppressed,
};
use crate::{
    commands::Outcome,
    lints::{Finding, Repair, Safety},
    settings::{Look, Settings, Severity},
    words::Language,
};
use excerpt::Excerpt;
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters,
    ThemeStyles,
};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use repeats::{Repeats, Turn};
use std::{
    fmt,
    io::{self, Write},
};

/// So many findings are drawn before they are written, one beside the other.
const DRAWN_TOGETHER: usize = 1024;

pub(super) fn write(
    out: &mut dyn Write,
    outcome: &Outcome,
    settings: &Settings,
    look: &Look,
) -> io::Result<()> {
    let worse = outcome.findings.iter().any(|it| it.severity > Severity::Info);
    let fold = settings.fold_infos && worse;
    let drawn = outcome.findings.iter().filter(|it| !fold || it.severity > Severity::Info);
    let handler = handler(look, settings.language);
    let mut repeats = Repeats::of(&outcome.findings, settings.fold_infos);
    let turns: Vec<_> = drawn.map(|finding| (finding, repeats.next(finding))).collect();
    let draw = |(finding, turn): &(&Finding, Turn)| -> Result<String, fmt::Error> {
        let mut text = String::new();
        if *turn == Turn::Counted {
            return Ok(text);
        }
        header(&mut text, outcome, finding, look);
        let shown = Shown::new(outcome, finding, settings.language, look);
        handler.render_report(&mut text, &shown)?;
        text.push('\n');
        if let Turn::LastDrawn(count) = turn {
            text.push_str(repeats::more(*count).get(settings.language));
            text.push_str("\n\n");
        }
        Ok(text)
    };
    for batch in turns.chunks(DRAWN_TOGETHER) {
        let texts: Result<Vec<String>, fmt::Error> =
            batch.par_iter().with_min_len(16).map(draw).collect();
        for text in texts.map_err(io::Error::other)? {
            out.write_all(text.as_bytes())?;
        }
    }
    suppressed::lines(out, outcome, settings)?;
    if settings.show_suppressed && !outcome.silenced.is_empty() {
        writeln!(out)?;
    }
    if look.quiet {
        return Ok(());
    }
    let notes = if fold { outcome.count(Severity::Info) } else { 0 };
    summary::write(out, outcome, settings, look, notes)
}

fn handler(look: &Look, language: Language) -> GraphicalReportHandler {
    let theme = GraphicalTheme {
        characters: if look.unicode {
            ThemeCharacters::unicode()
        } else {
            ThemeCharacters::ascii()
        },
        styles: if look.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(look.width)
        .with_links(false)
        .with_context_lines(1)
        .without_cause_chain()
        .without_syntax_highlighting();
    match language {
        // What is written in one word, such as an option or a list of ports, stays in one line.
        Language::En => handler.with_word_separator(textwrap::WordSeparator::AsciiSpace),
        Language::Zh => handler,
    }
}

/// `warning[FW106] legacy-service-open  rules.v4:7:10`
fn header(text: &mut String, outcome: &Outcome, finding: &Finding, look: &Look) {
    let place = finding.primary.place;
    let source = &outcome.files[place.file as usize].source;
    let position = source.position(place.span.start);
    let kind = format!("{}[{}]", finding.severity.name(), finding.lint.code);
    let path = clean(&source.path, look.unicode);
    let at = format!("{path}:{}:{}", position.line, position.column);
    text.push_str(&Paint::of(finding.severity).on(&kind, look));
    text.push(' ');
    text.push_str(&Paint::Strong.on(finding.lint.name, look));
    text.push_str("  ");
    text.push_str(&link(&at, &source.path, look));
    text.push_str("\n\n");
}

/// A finding as miette wants it.
struct Shown {
    message: String,
    severity: Severity,
    excerpt: Excerpt,
    help: String,
}

impl Shown {
    fn new(outcome: &Outcome, finding: &Finding, language: Language, look: &Look) -> Self {
        Self {
            message: clean(finding.message.get(language), look.unicode).into_owned(),
            severity: finding.severity,
            excerpt: Excerpt::of(
                |file| &outcome.files[file as usize].source,
                &finding.primary,
                &finding.labels,
                language,
                look,
            ),
            help: help(finding, language, look),
        }
    }
}

/// What to do, and the packet that proves it unless a sentence shows it already.
fn help(finding: &Finding, language: Language, look: &Look) -> String {
    let mut lines: Vec<_> =
        finding.help.iter().map(|it| clean_lines(it.get(language), look.unicode)).collect();
    let labels = finding.labels.iter().chain([&finding.primary]).map(|it| &it.text);
    let mut sentences = labels.chain(&finding.help).chain([&finding.message]);
    if let Some(witness) = finding.witness.as_deref()
        && !sentences.any(|it| it.get(language).contains(witness))
    {
        let word = if language == Language::Zh { "例证包" } else { "witness" };
        lines.push(format!("{word}: {}", clean(witness, look.unicode)));
    }
    let best = finding.fixes.iter().min_by_key(|it| it.safety);
    lines.extend(best.map(|it| fix(it, language, look)));
    let others = finding.fixes.iter().filter(|it| best.is_some_and(|best| best != *it));
    lines.extend(others.map(|it| other_fix(it, language, look)));
    lines.join("\n")
}

/// What would mend it too, which only its reader can choose.
fn other_fix(fix: &Repair, language: Language, look: &Look) -> String {
    let title = clean(fix.title.get(language), look.unicode);
    match language {
        Language::En => format!("or: {title}"),
        Language::Zh => format!("或者：{title}"),
    }
}

/// What mends it, and how to ask for that.
fn fix(fix: &Repair, language: Language, look: &Look) -> String {
    let title = clean(fix.title.get(language), look.unicode);
    let asked = match fix.safety {
        Safety::Safe | Safety::Loads => "--fix",
        Safety::Unsafe => "--fix --unsafe-fixes",
    };
    match language {
        Language::En => format!("fix: {title} ({asked})"),
        Language::Zh => format!("修复：{title}（{asked}）"),
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.excerpt.labels().into_iter()))
    }
}
