//! What becomes of packets, for people: the verdict, what decides, and what the packet met on its way.

use super::super::{
    clean::clean,
    paint::{Paint, link},
};
use crate::{
    analysis::trace::Verdict,
    commands::{Decider, Traced, Traces},
    settings::Look,
    words::{Language, Message},
};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// Writes what becomes of packets; with their way where `walk` asks for it.
///
/// # Errors
///
/// The writer's.
pub fn traces(
    out: &mut dyn Write,
    traces: &Traces,
    walk: bool,
    language: Language,
    look: &Look,
) -> io::Result<()> {
    let several = traces.hosts.len() > 1;
    for (host, at) in traces.hosts.iter().zip(0..) {
        if several {
            let gap = if at > 0 { "\n" } else { "" };
            let name = clean(&host.name, look.unicode);
            writeln!(out, "{gap}{}", Paint::Heading.on(&name, look))?;
        }
        for (traced, at) in host.traces.iter().zip(0..) {
            if at > 0 {
                writeln!(out)?;
            }
            one(out, traced, walk, language, look)?;
        }
    }
    Ok(())
}

fn one(
    out: &mut dyn Write,
    traced: &Traced,
    walk: bool,
    language: Language,
    look: &Look,
) -> io::Result<()> {
    writeln!(out, "{}", Paint::Strong.on(&clean(&traced.packet, look.unicode), look))?;
    if walk {
        steps(out, traced, look)?;
    }
    let (paint, en, zh) = match traced.verdict {
        Verdict::Accept => (Paint::Info, "ACCEPT", "放行（ACCEPT）"),
        Verdict::Drop => (Paint::Error, "DROP", "丢弃（DROP）"),
        Verdict::Reject => (Paint::Error, "REJECT", "拒绝（REJECT）"),
        Verdict::Maybe => (Paint::Warning, "MAYBE", "不确定（MAYBE）"),
    };
    let word = Message { en: en.to_owned(), zh: zh.to_owned() };
    let by = by(&traced.decided_by, language, look);
    writeln!(out, "  {}{by}", paint.on(word.get(language), look))?;
    let line = |out: &mut dyn Write, label: &Message, text: &str| {
        let label = label.get(language);
        writeln!(out, "  {}{}", Paint::Faint.on(label, look), clean(text, look.unicode))
    };
    let label = |en: &str, zh: &str| Message { en: en.to_owned(), zh: zh.to_owned() };
    if let Some(text) = &traced.decided_by.text {
        line(out, &label("rule: ", "规则："), text)?;
    }
    if let Some(rewritten) = &traced.rewritten {
        line(out, &label("rewritten: ", "改写为："), rewritten)?;
    }
    let join = |all: &[Message]| {
        let words: Vec<_> = all.iter().map(|it| it.get(language)).collect();
        words.join(if language == Language::Zh { "、" } else { ", " })
    };
    if !traced.depends_on.is_empty() {
        line(out, &label("depends on: ", "取决于："), &join(&traced.depends_on))?;
    }
    if !traced.assumptions.is_empty() {
        line(out, &label("assumed: ", "假定："), &join(&traced.assumptions))?;
    }
    if let Some(advice) = traced.advice.as_ref().filter(|_| !look.quiet) {
        writeln!(out, "  {}", clean(advice.get(language), look.unicode))?;
    }
    Ok(())
}

/// What the packet met, in columns.
fn steps(out: &mut dyn Write, traced: &Traced, look: &Look) -> io::Result<()> {
    let rows: Vec<[String; 4]> = traced
        .walk
        .iter()
        .map(|step| {
            let effect = match &step.to {
                Some(chain) => format!("{} {chain}", step.effect),
                None => step.effect.to_owned(),
            };
            let by = step.by.text.as_deref().unwrap_or(step.by.kind);
            let columns = [step.hook, &chain(&step.by), &place(&step.by), &effect, by]
                .map(|it| clean(it, look.unicode).into_owned());
            let [hook, chain, place, effect, by] = columns;
            [hook, chain, format!("{place}  {effect}"), by]
        })
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    for row in &rows {
        let mut text = String::from(" ");
        for (cell, width) in row.iter().zip(widths) {
            text.push(' ');
            text.push_str(cell);
            text.push_str(&" ".repeat(width - cell.width() + 1));
        }
        writeln!(out, "{text} {}", Paint::Faint.on(&row[3], look))?;
    }
    Ok(())
}

fn chain(by: &Decider) -> String {
    let words = [by.family, by.table.as_deref(), by.chain.as_deref()];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn place(by: &Decider) -> String {
    match (&by.path, by.line) {
        (Some(path), Some(line)) => format!("{path}:{line}"),
        _ => String::new(),
    }
}

fn by(by: &Decider, language: Language, look: &Look) -> String {
    let Some(path) = &by.path else {
        let none = Message { en: "  no chain sees it".into(), zh: "  没有链处理它".into() };
        return none.get(language).to_owned();
    };
    let at = clean(&place(by), look.unicode).into_owned();
    let (at, chain) = (link(&at, path, look), clean(&chain(by), look.unicode).into_owned());
    let message = if by.kind == "policy" {
        Message {
            en: format!("  by the policy of {chain}, {at}"),
            zh: format!("  由 {chain} 的默认策略决定，{at}"),
        }
    } else {
        Message {
            en: format!("  by a rule of {chain}, {at}"),
            zh: format!("  由 {chain} 的规则决定，{at}"),
        }
    };
    message.get(language).to_owned()
}
