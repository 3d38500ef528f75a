//! Pages to read: a lint, a port, the catalogue, the knowledge base.

use super::super::{clean::clean, paint::Paint};
use super::clip::{cells, wrap};
use crate::{
    commands::{Page, ServiceView},
    lints::{Example, Fix, Lint},
    settings::Look,
    words::{Language, Message, Text},
};
use std::io::{self, Write};

/// Writes the page of `fwlint explain`.
///
/// # Errors
///
/// The writer's.
pub fn page(out: &mut dyn Write, page: &Page, language: Language, look: &Look) -> io::Result<()> {
    match page {
        Page::Lint(lint) => lint_page(out, lint, language, look),
        Page::Services(services) => {
            for (index, service) in services.iter().enumerate() {
                if index > 0 {
                    writeln!(out)?;
                }
                service_page(out, service, language, look)?;
            }
            Ok(())
        }
    }
}

fn lint_page(out: &mut dyn Write, lint: &Lint, language: Language, look: &Look) -> io::Result<()> {
    let code = Paint::of(lint.severity).on(lint.code, look);
    writeln!(out, "{code} {}", Paint::Strong.on(lint.name, look))?;
    writeln!(out, "{}", wrap(lint.summary.get(language), look.width))?;
    writeln!(out, "{}", Paint::Faint.on(facts(lint).get(language), look))?;
    let why = Text { en: "Why", zh: "原因" };
    let remedy = Text { en: "What to do", zh: "处理办法" };
    for (title, text) in [(why, lint.why), (remedy, lint.remedy)] {
        writeln!(out, "\n{}", Paint::Heading.on(title.get(language), look))?;
        indented(out, text.get(language), look)?;
    }
    for example in lint.examples {
        example_page(out, example, language, look)?;
    }
    let title = Text { en: "Silencing it", zh: "抑制方法" };
    writeln!(out, "\n{}", Paint::Heading.on(title.get(language), look))?;
    writeln!(out, "  fwlint --ignore {}", lint.code)
}

fn facts(lint: &Lint) -> Message {
    let (en, zh) = match lint.fix {
        Fix::None => ("no fix", "无自动修复"),
        Fix::Safe => ("safe fix", "安全修复"),
        Fix::Unsafe => ("unsafe fix", "不安全修复"),
    };
    let (severity, persona, since) = (lint.severity.name(), lint.persona.name(), lint.since);
    Message {
        en: format!("{severity}, persona {persona}, {en}, since {since}"),
        zh: format!("{severity}，persona {persona}，{zh}，始于 {since}"),
    }
}

fn example_page(
    out: &mut dyn Write,
    example: &Example,
    language: Language,
    look: &Look,
) -> io::Result<()> {
    if !example.settings.is_empty() {
        let title = Text { en: "Configuration", zh: "配置" };
        writeln!(out, "\n{}", Paint::Heading.on(title.get(language), look))?;
        for line in example.settings.lines() {
            writeln!(out, "  {}", clean(line, look.unicode))?;
        }
    }
    let bad = Text { en: "Bad", zh: "错误示例" };
    let good = Text { en: "Good", zh: "正确示例" };
    for (title, text) in [(bad, example.bad), (good, example.good)] {
        let title = format!("{} ({})", title.get(language), example.dialect.name());
        writeln!(out, "\n{}", Paint::Heading.on(&title, look))?;
        for (line, marked) in marked_lines(text) {
            let sign = if marked { Paint::Error.on(">", look) } else { " ".to_owned() };
            writeln!(out, "{sign} {}", clean(line, look.unicode))?;
        }
    }
    Ok(())
}

/// The lines of an example without its marks, each with whether a mark is about it.
fn marked_lines(text: &'static str) -> Vec<(&'static str, bool)> {
    let mut lines = Vec::new();
    for line in text.lines() {
        if !line.trim_start().starts_with("#~") {
            lines.push((line, false));
        } else if let Some(last) = lines.last_mut() {
            last.1 = true;
        }
    }
    lines
}

fn indented(out: &mut dyn Write, text: &str, look: &Look) -> io::Result<()> {
    for line in wrap(text, look.width - 2).lines() {
        writeln!(out, "  {}", clean(line, look.unicode))?;
    }
    Ok(())
}

fn service_page(
    out: &mut dyn Write,
    service: &ServiceView,
    language: Language,
    look: &Look,
) -> io::Result<()> {
    let title = format!("{}  {}", service.place(), service.name);
    let class = format!("{}, {}", service.severity, service.category);
    writeln!(out, "{}  {}", Paint::Strong.on(&title, look), Paint::Faint.on(&class, look))?;
    indented(out, service.note.get(language), look)?;
    let remedy = Text { en: "What to do: ", zh: "处理办法：" }.get(language);
    indented(out, &format!("{remedy}{}", service.mitigation.get(language)), look)?;
    if let Some(correction) = &service.correction {
        let title = Text { en: "Often said wrongly: ", zh: "常见误解：" }.get(language);
        indented(out, &format!("{title}{}", correction.get(language)), look)?;
    }
    if !service.software.is_empty() {
        let title = Text { en: "Software: ", zh: "软件：" }.get(language);
        indented(out, &format!("{title}{}", service.software.join(", ")), look)?;
    }
    for reference in &service.references {
        indented(out, reference, look)?;
    }
    Ok(())
}

/// Writes the catalogue, one line a lint.
///
/// # Errors
///
/// The writer's.
pub fn lints(
    out: &mut dyn Write,
    lints: &[&'static Lint],
    language: Language,
    look: &Look,
) -> io::Result<()> {
    let longest = lints.iter().map(|lint| lint.name.len()).max().unwrap_or(0);
    for lint in lints {
        let severity = format!("{:7}", lint.severity.name());
        writeln!(
            out,
            "{} {:longest$}  {} {:7}  {}",
            lint.code,
            lint.name,
            Paint::of(lint.severity).on(&severity, look),
            lint.persona.name(),
            lint.summary.get(language),
        )?;
    }
    Ok(())
}

/// Writes entries of the knowledge base, one line each.
///
/// # Errors
///
/// The writer's.
pub fn ports(
    out: &mut dyn Write,
    services: &[ServiceView],
    language: Language,
    look: &Look,
) -> io::Result<()> {
    for service in services {
        let place = padded(&service.place(), 16);
        let name = padded(&service.name, 20);
        let start = format!("{place} {name} {:8} ", service.severity);
        let room = look.width.saturating_sub(cells(&start)).max(20);
        let note = clean(service.note.get(language), look.unicode);
        let wrapped = wrap(&note, room);
        let mut lines = wrapped.lines();
        writeln!(out, "{start}{}", lines.next().unwrap_or_default())?;
        for line in lines {
            writeln!(out, "{}{line}", " ".repeat(cells(&start)))?;
        }
    }
    Ok(())
}

/// `text` with blanks up to `width` cells.
fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(cells(text))))
}
