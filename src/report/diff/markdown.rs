//! For a comment under a change.

use super::phrases::{self, List};
use crate::{
    commands::diff::{Comparison, Entry, Host},
    words::{Language, Message, Text},
};
use std::io::{self, Write};

/// Rows of one host; the comment of a code forge is no place for more.
const MOST: usize = 100;

pub(super) fn write(
    out: &mut dyn Write,
    comparison: &Comparison,
    language: Language,
) -> io::Result<()> {
    let [widened, maybe, narrowed, other] = phrases::counts(comparison);
    let title = match comparison.equivalent() {
        Some(true) => Message { en: "unchanged".into(), zh: "无变化".into() },
        _ if widened + maybe + narrowed + other == 0 => {
            Message { en: "not proven to be unchanged".into(), zh: "未能证明无变化".into() }
        }
        _ => Message {
            en: format!(
                "**{widened} widened**, {maybe} maybe widened, {narrowed} narrowed, {other} other"
            ),
            zh: format!(
                "**放宽 {widened} 处**，可能放宽 {maybe} 处，收紧 {narrowed} 处，其他 {other} 处"
            ),
        },
    };
    let head = Text { en: "Firewall exposure", zh: "防火墙暴露面" };
    let (colon, title) = match language {
        Language::En => (": ", &title.en),
        Language::Zh => ("：", &title.zh),
    };
    writeln!(out, "### {}{colon}{title}", head.get(language))?;
    for host in &comparison.hosts {
        self::host(out, host, language)?;
    }
    for it in &comparison.problems {
        writeln!(out, "\n⚠️ {}: {}", code(it.path()), text(it.message().get(language)))?;
    }
    Ok(())
}

fn host(out: &mut dyn Write, host: &Host, language: Language) -> io::Result<()> {
    writeln!(out, "\n{}: {}\n", code(&host.name), text(phrases::verdict(host).get(language)))?;
    let rows: Vec<(List, &Entry)> = List::ALL
        .into_iter()
        .flat_map(|list| list.of(host).iter().map(move |entry| (list, entry)))
        .collect();
    if !rows.is_empty() {
        let head = Text {
            en: "| | What | From | Before | After | Rule | Witness |",
            zh: "| | 内容 | 来源 | 之前 | 之后 | 规则 | 例证包 |",
        };
        writeln!(out, "{}\n|---|---|---|---|---|---|---|", head.get(language))?;
        for (list, entry) in rows.iter().take(MOST) {
            row(out, *list, entry, language)?;
        }
        let more = rows.len().saturating_sub(MOST) + host.omitted;
        if more > 0 {
            let message = Message {
                en: format!("… and {more} more"),
                zh: format!("… 另有 {more} 处"),
            };
            writeln!(out, "\n{}", message.get(language))?;
        }
        writeln!(out)?;
    }
    let lockout = Text { en: "SSH lockout check: passed.", zh: "SSH 失联检查：通过。" };
    let locked = Text {
        en: "**SSH lockout check: look at what is narrowed.**",
        zh: "**SSH 失联检查：请查看收紧的部分。**",
    };
    if host.gone.is_none() {
        let lockout = if host.lockout.is_empty() { lockout } else { locked };
        writeln!(out, "{}", lockout.get(language))?;
    }
    if !host.modulo.is_empty() {
        let list: Vec<&str> = host.modulo.iter().map(|it| it.get(language)).collect();
        let word = Text { en: "Not compared", zh: "未比较" }.get(language);
        writeln!(out, "\n{word}: {}", text(&list.join("; ")))?;
    }
    Ok(())
}

fn row(out: &mut dyn Write, list: List, it: &Entry, language: Language) -> io::Result<()> {
    let sign = match list {
        List::Widened => "🔺",
        List::MaybeWidened => "❓",
        List::Narrowed => "🔻",
        List::Other => "•",
    };
    let service = it.services.first().map(|(name, _)| format!(" {name}")).unwrap_or_default();
    let class = if list == List::Other {
        format!("{}: ", phrases::class(it.class).get(language))
    } else {
        String::new()
    };
    let after = phrases::state(&it.after);
    let after = if list == List::Widened {
        format!("**{}**", text(after.get(language)))
    } else {
        text(after.get(language))
    };
    let rules = phrases::rules(it);
    let rules = rules.get(language);
    writeln!(
        out,
        "| {sign} | {} | {class}{} | {} | {after} | {} | {} |",
        text(&format!("{}{service}", it.what())),
        text(phrases::sources(it).get(language)),
        text(phrases::state(&it.before).get(language)),
        if rules.is_empty() { String::new() } else { code(rules) },
        it.witness.as_deref().map_or_else(String::new, code),
    )
}

/// Words without what a table or a page would take for its own.
fn text(words: &str) -> String {
    let mut safe = String::new();
    for it in words.chars() {
        match it {
            '|' | '<' | '>' | '[' | ']' | '*' | '_' | '`' | '\\' => {
                safe.push('\\');
                safe.push(it);
            }
            it if it.is_control() => safe.push(' '),
            it => safe.push(it),
        }
    }
    safe
}

/// Words as they are.
fn code(words: &str) -> String {
    let safe: String =
        words.chars().map(|it| if it.is_control() || it == '`' { ' ' } else { it }).collect();
    format!("`{}`", safe.replace('|', "\\|"))
}
