//! Counters that change with every packet, under version control.

use super::{
    Context, Edit, Example, Finding, Findings, Fix, Lint, Place, Repair, iptables_file, nft_file,
};
use crate::{
    settings::{Persona, Severity},
    source::Span,
    syntax::{Dialect, iptables::Item, nft::StatementKind},
    words::{Message, Text},
};
use iptables_file::IptablesFile;
use nft_file::NftFile;

pub(super) static LINT: Lint = Lint {
    code: "FW707",
    name: "counters-in-repo",
    severity: Severity::Info,
    fix: Fix::Safe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a file under version control holds packet counters",
        zh: "版本库中的文件含有数据包计数",
    },
    why: Text {
        en: "Every capture has other numbers, so that each line of a diff differs and the one rule that changed is not seen among them.",
        zh: "每次导出的数字都不同，差异中每一行都有变化，真正改动的那条规则便淹没其中。",
    },
    remedy: Text {
        en: "Commit it without numbers: `iptables-save` without `-c`, its policies as `[0:0]`; `nft --stateless list ruleset`.",
        zh: "请提交不含计数的版本：`iptables-save` 不加 `-c`，默认策略写作 `[0:0]`；nftables 用 `nft --stateless list ruleset`。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [1234:567890]
#~^ FW707
-A INPUT -i lo -j ACCEPT
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iif \"lo\" counter packets 1234 bytes 567890 accept
#~^ FW707
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iif \"lo\" counter packets 0 bytes 0 accept
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for file in iptables_file::all(cx).filter(|file| file.source.in_work_tree) {
        let zero = |line: Span| {
            let text = file.source.slice(line);
            let (open, close) = (text.find('[')?, text.find(']')?);
            let at = |at: usize| line.start + u32::try_from(at).unwrap_or(u32::MAX);
            let place = file.place(Span::new(at(open), at(close + 1)));
            (open < close).then(|| Edit::replace(place, "[0:0]"))
        };
        let edits = counted_by_iptables(&file).filter_map(zero);
        report(findings, counted_by_iptables(&file), edits, |span| file.place(span));
    }
    for file in nft_file::all(cx).filter(|file| file.source.in_work_tree) {
        let zero = |span| Edit::replace(file.place(span), "counter packets 0 bytes 0");
        let edits = counted_by_nft(&file).map(zero);
        report(findings, counted_by_nft(&file), edits, |span| file.place(span));
    }
}

/// One finding a file: at the first of its counters.
fn report(
    findings: &mut Findings,
    mut counters: impl Iterator<Item = Span>,
    zeros: impl Iterator<Item = Edit>,
    place: impl Fn(Span) -> Place,
) {
    let Some(first) = counters.next() else { return };
    let message = Message {
        en: "the packet counters in this file change with every capture".into(),
        zh: "本文件中的数据包计数每次导出都会变化".into(),
    };
    let label = match counters.count() {
        0 => Message { en: "counted".into(), zh: "有计数".into() },
        1 => Message {
            en: "counted, and one more in this file".into(),
            zh: "有计数，本文件另有 1 处".into(),
        },
        more => Message {
            en: format!("counted, and {more} more in this file"),
            zh: format!("有计数，本文件另有 {more} 处"),
        },
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let title = Message { en: "set the counters to 0".into(), zh: "将计数清零".into() };
    let fix = Repair::safe(title).edits(zeros);
    findings.add(Finding::new(&LINT, place(first), message, label).help(help).fixed_by([fix]));
}

fn counted_by_iptables(file: &IptablesFile<'_>) -> impl Iterator<Item = Span> {
    let items = file.tree.tables.iter().flat_map(|table| &table.items);
    items.filter_map(|item| {
        let (packets, line) = match item {
            Item::Chain(chain) => (chain.packets, chain.line),
            Item::Rule(rule) => (rule.packets, rule.line),
            _ => return None,
        };
        packets.filter(|it| *it > 0).map(|_| line)
    })
}

fn counted_by_nft(file: &NftFile<'_>) -> impl Iterator<Item = Span> {
    file.tree.statements.iter().filter_map(|it| match it.kind {
        StatementKind::Counter { packets, .. } if packets > 0 => Some(it.span),
        _ => None,
    })
}
