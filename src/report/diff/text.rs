//! For people: one line a difference, in columns, and the packet that shows it.

use super::phrases::{self, List};
use crate::{
    commands::diff::{Comparison, Entry, Gate, Host},
    report::{clean::clean, paint::Paint, text::cells},
    settings::{Look, Settings},
    words::{Language, Message, Text},
};
use std::io::{self, Write};

/// Differences of one list that are shown without `-v`.
const MOST: usize = 40;
/// What was not compared is named up to this many without `-v`.
const MOST_MODULO: usize = 8;

pub(super) fn write(
    out: &mut dyn Write,
    comparison: &Comparison,
    gate: Gate,
    settings: &Settings,
    look: &Look,
) -> io::Result<()> {
    let page = Page { language: settings.language, look };
    for (host, at) in comparison.hosts.iter().zip(0..) {
        if at > 0 {
            writeln!(out)?;
        }
        page.host(out, host)?;
    }
    if look.quiet {
        return Ok(());
    }
    for (path, line, what) in comparison.unknown.iter().take(page.most(MOST_MODULO)) {
        let known = page.say(Text { en: "not known", zh: "未知" });
        writeln!(out, "{known}: {path}:{line}: {}", what.get(page.language))?;
    }
    page.end(out, comparison, gate)
}

struct Page<'p> {
    language: Language,
    look: &'p Look,
}

impl Page<'_> {
    fn say(&self, text: Text) -> &'static str {
        text.get(self.language)
    }

    fn most(&self, few: usize) -> usize {
        if self.look.verbose { usize::MAX } else { few }
    }

    fn host(&self, out: &mut dyn Write, host: &Host) -> io::Result<()> {
        let name = clean(&host.name, self.look.unicode);
        let verdict = phrases::verdict(host);
        let verdict = verdict.get(self.language);
        writeln!(out, "{}: {verdict}", Paint::Strong.on(&name, self.look))?;
        let rows: Vec<(List, &Entry)> = List::ALL
            .into_iter()
            .flat_map(|list| list.of(host).iter().take(self.most(MOST)).map(move |it| (list, it)))
            .collect();
        if !rows.is_empty() {
            writeln!(out)?;
        }
        let columns: Vec<Vec<String>> = rows.iter().map(|(list, it)| self.row(*list, it)).collect();
        let width = |at: usize| columns.iter().map(|row| cells(&row[at])).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns.first().map_or(0, Vec::len)).map(width).collect();
        for ((list, entry), row) in rows.iter().zip(&columns) {
            self.line(out, *list, row, &widths)?;
            if let Some(witness) = &entry.witness {
                let word = self.say(Text { en: "witness", zh: "例证包" });
                let shown = format!("      {word}: {}", clean(witness, self.look.unicode));
                writeln!(out, "{}", Paint::Faint.on(&shown, self.look))?;
            }
            for (words, what) in [
                (Text { en: "depends on", zh: "取决于" }, depends(entry)),
                (Text { en: "limited by", zh: "受限于" }, limits(entry)),
            ] {
                if !what.is_empty() {
                    let what: Vec<&str> = what.iter().map(|it| it.get(self.language)).collect();
                    let shown = format!("      {}: {}", self.say(words), what.join(", "));
                    writeln!(
                        out,
                        "{}",
                        Paint::Faint.on(&clean(&shown, self.look.unicode), self.look)
                    )?;
                }
            }
        }
        self.hidden(out, host)?;
        if !rows.is_empty() {
            writeln!(out)?;
        }
        if self.look.quiet { Ok(()) } else { self.notes(out, host) }
    }

    fn row(&self, list: List, it: &Entry) -> Vec<String> {
        let text =
            |message: Message| clean(message.get(self.language), self.look.unicode).into_owned();
        let service = it.services.first().map(|(name, _)| format!(" ({name})")).unwrap_or_default();
        let from = if list == List::Other {
            format!("{}: {}", self.say(phrases::class(it.class)), text(phrases::sources(it)))
        } else {
            text(phrases::sources(it))
        };
        vec![
            self.say(list.title()).to_owned(),
            format!("{}{service}", it.what()),
            format!("{from} -> {}", self.target(it)),
            format!("{} -> {}", text(phrases::state(&it.before)), text(phrases::state(&it.after))),
            text(phrases::rules(it)),
        ]
    }

    /// Where they are sent: the way, and the addresses where not all.
    fn target(&self, it: &Entry) -> String {
        let path = self.say(phrases::path(it.path));
        match &it.destinations[..] {
            [] => path.to_owned(),
            [only] => format!("{path} {only}"),
            [first, ..] => format!("{path} {first}, …"),
        }
    }

    fn line(
        &self,
        out: &mut dyn Write,
        list: List,
        row: &[String],
        widths: &[usize],
    ) -> io::Result<()> {
        let paint = match list {
            List::Widened => Paint::Error,
            List::MaybeWidened => Paint::Warning,
            List::Narrowed | List::Other => Paint::Info,
        };
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(widths).enumerate() {
            let padding = " ".repeat(width - cells(cell) + 2);
            let cell = if at == 0 { paint.on(cell, self.look) } else { cell.clone() };
            line.push_str(&cell);
            line.push_str(&padding);
        }
        writeln!(out, "  {} {}", list.sign(), line.trim_end())
    }

    fn hidden(&self, out: &mut dyn Write, host: &Host) -> io::Result<()> {
        let more = |list: List| list.of(host).len().saturating_sub(self.most(MOST));
        let hidden = List::ALL.map(more).iter().sum::<usize>();
        if hidden + host.omitted == 0 {
            return Ok(());
        }
        let message = Message {
            en: format!("  … and {} more (`-v`, `--format json`)", hidden + host.omitted),
            zh: format!("  … 另有 {} 处（`-v`、`--format json`）", hidden + host.omitted),
        };
        writeln!(out, "{}", clean(message.get(self.language), self.look.unicode))
    }

    fn notes(&self, out: &mut dyn Write, host: &Host) -> io::Result<()> {
        let mut notes: Vec<Message> = Vec::new();
        for it in &host.policies {
            let word = |it: Option<&'static str>| it.unwrap_or("-");
            let (before, after) = (word(it.before), word(it.after));
            let (chain, family) = (&it.chain, it.family.name());
            notes.push(Message {
                en: format!("policy of {chain} ({family}, {}): {before} -> {after}", it.hook),
                zh: format!("{chain} 的默认策略（{family}，{}）：{before} -> {after}", it.hook),
            });
        }
        for it in &host.lockout {
            let sources = phrases::sources(it);
            let class = phrases::class(it.class);
            notes.push(Message {
                en: format!(
                    "lockout: {} from {} ({}) is closed now",
                    it.what(),
                    sources.en,
                    class.en
                ),
                zh: format!("失联风险：{} 来自 {}（{}）现已关闭", it.what(), sources.zh, class.zh),
            });
        }
        notes.extend(phrases::changes(host.changes));
        notes.extend(host.alone.iter().map(|(family, side)| phrases::alone(*family, *side)));
        if host.gone.is_none() {
            notes.push(self.modulo(host));
            notes.push(scope(host));
        }
        if !host.complete {
            notes.push(Message {
                en: "not everything was analysed".into(),
                zh: "部分内容未能分析".into(),
            });
        }
        for note in notes {
            writeln!(out, "  {}", clean(note.get(self.language), self.look.unicode))?;
        }
        Ok(())
    }

    fn modulo(&self, host: &Host) -> Message {
        if host.modulo.is_empty() {
            return Message { en: "modulo: nothing".into(), zh: "未比较：无".into() };
        }
        let most = self.most(MOST_MODULO);
        let more = host.modulo.len().saturating_sub(most);
        let list = |get: fn(&Message) -> &str, comma: &str| {
            host.modulo.iter().take(most).map(get).collect::<Vec<_>>().join(comma)
        };
        let (mut en, mut zh) = (list(|it| &it.en, "; "), list(|it| &it.zh, "；"));
        if more > 0 {
            en = format!("{en}; {more} more");
            zh = format!("{zh}；另有 {more} 项");
        }
        Message { en: format!("modulo: {en}"), zh: format!("未比较：{zh}") }
    }

    fn end(&self, out: &mut dyn Write, comparison: &Comparison, gate: Gate) -> io::Result<()> {
        let name = match gate {
            Gate::Never => return Ok(()),
            Gate::Widened => "widened",
            Gate::Any => "any",
        };
        let fails = comparison.fails(gate);
        let [widened, maybe, ..] = phrases::counts(comparison);
        let (en, zh) = if fails { ("FAILED", "未通过") } else { ("passed", "通过") };
        let message = Message {
            en: format!("gate: --fail-on {name} -> {en} ({widened} widened, {maybe} maybe)"),
            zh: format!("门禁：--fail-on {name} -> {zh}（放宽 {widened} 处，可能放宽 {maybe} 处）"),
        };
        let paint = if fails { Paint::Error } else { Paint::Strong };
        writeln!(out, "{}", paint.on(message.get(self.language), self.look))
    }
}

/// What was compared.
fn scope(host: &Host) -> Message {
    let families: Vec<&str> = host.families.iter().map(|it| it.name()).collect();
    if families.is_empty() {
        return Message {
            en: "compared: the rules word by word; no IP packets pass them".into(),
            zh: "比较范围：逐条比对规则；没有 IP 数据包经过这些规则".into(),
        };
    }
    let (en, zh) = if host.output { (", output", "、output") } else { ("", "") };
    Message {
        en: format!(
            "compared: {}; input, forward{en}; all connection states; destinations as translated",
            families.join(", ")
        ),
        zh: format!(
            "比较范围：{}；input、forward{zh}；所有连接状态；含目的地址转换",
            families.join("、")
        ),
    }
}

fn depends(entry: &Entry) -> &[Message] {
    let after = &entry.after.depends_on;
    if after.is_empty() { &entry.before.depends_on } else { after }
}

fn limits(entry: &Entry) -> &[Message] {
    let after = &entry.after.limited_by;
    if after.is_empty() { &entry.before.limited_by } else { after }
}
