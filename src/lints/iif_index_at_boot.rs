//! A rule that needs its interface while the file is loaded.

use super::{
    Context, Edit, Example, Finding, Findings, Fix, Lint, Repair, nft_file, quote::quoted,
};
use crate::{
    knowledge,
    settings::{Persona, Severity},
    source::Span,
    syntax::{
        Dialect,
        nft::{ExprId, ExprKind, File, KeyType, StatementKind, datatype::Datatype},
    },
    words::{Message, Text},
};
use nft_file::NftFile;

pub(super) static LINT: Lint = Lint {
    code: "FW404",
    name: "iif-index-at-boot",
    severity: Severity::Warning,
    fix: Fix::Unsafe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rule does not load while its interface is absent",
        zh: "接口不存在时规则无法加载",
    },
    why: Text {
        en: "`iif` and `oif` compare the number of an interface, which `nft` looks up while it loads. Where a tunnel, bridge \
             or VLAN comes up later, as at boot, the whole file is refused and the host has no rules; where it is made \
             anew, its number changes and the rule matches no more.",
        zh: "`iif` 和 `oif` 比较的是接口编号，由 `nft` 在加载时查出。若隧道、网桥或 VLAN 稍后才出现（例如启动时），\
             整个文件会被拒绝，主机便没有任何规则；若接口重建，编号会改变，规则不再匹配。",
    },
    remedy: Text {
        en: "Match the name with `iifname` and `oifname`, which need no interface; `iif \"lo\"` is safe.",
        zh: "请改用匹配名称的 `iifname` 和 `oifname`，它们不要求接口存在；`iif \"lo\"` 则没有问题。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table inet filter {
	chain input {
		type filter hook input priority 0; policy drop;
		iif \"lo\" accept
		iif \"wg0\" icmp type echo-request accept
#~^ FW404
	}
}
",
        good: "\
table inet filter {
	chain input {
		type filter hook input priority 0; policy drop;
		iif \"lo\" accept
		iifname \"wg0\" icmp type echo-request accept
	}
}
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for file in nft_file::all(cx) {
        // Each interface with where it is named.
        let mut named: Vec<(&str, Vec<Name>)> = Vec::new();
        for it in names(&file) {
            let name = file.text(it.span);
            match named.iter_mut().find(|(known, _)| *known == name) {
                Some((_, all)) => all.push(it),
                None => named.push((name, vec![it])),
            }
        }
        for (name, all) in named {
            let mut places: Vec<Span> = all.iter().map(|it| it.span).collect();
            places.dedup();
            let finding = finding(&file, name, places[0], places.len() - 1);
            findings.add(finding.fixed_by(fix(&file, &all)));
        }
    }
}

fn finding(file: &NftFile<'_>, name: &str, span: Span, more: usize) -> Finding {
    let name = quoted(name);
    let message = Message {
        en: format!("interface {name} has to exist while this file is loaded"),
        zh: format!("加载本文件时接口 {name} 必须已经存在"),
    };
    let label = match more {
        0 => Message { en: "looked up while loading".into(), zh: "加载时查找".into() },
        _ => Message {
            en: format!("looked up while loading, here and in {more} more places"),
            zh: format!("加载时查找，另有 {more} 处相同"),
        },
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Finding::new(&LINT, file.place(span), message, label).help(help)
}

/// Names in the place of numbers wherever the interface is asked for; `None` where a set or a route is.
fn fix(file: &NftFile<'_>, all: &[Name]) -> Option<Repair> {
    let mut words: Vec<Span> = Vec::new();
    for it in all {
        let key = it.key?;
        let start = key.end.checked_sub(3)?;
        let word = Span::new(start, key.end);
        if !matches!(file.source.slice(word), "iif" | "oif") {
            return None;
        }
        words.push(word);
    }
    words.sort_unstable();
    words.dedup();
    let title = Message {
        en: "compare names: `iifname`, `oifname`".into(),
        zh: "改为比较名称：`iifname`、`oifname`".into(),
    };
    let edits = words.into_iter().map(|word| Edit::after(file.place(word), "name"));
    Some(Repair::risky(title).edits(edits))
}

/// Where an interface is named.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Name {
    span: Span,
    /// The words that ask for it, where they stand in a rule and ask for nothing else.
    key: Option<Span>,
}

/// Where the file names interfaces that are looked up while it is loaded, in its order.
fn names(file: &NftFile<'_>) -> Vec<Name> {
    let tree = file.tree;
    let mut names = Vec::new();
    for statement in &tree.statements {
        match statement.kind {
            StatementKind::Match { left, right, .. } => compared(file, left, right, &mut names),
            StatementKind::Vmap { key, map } => compared(file, key, map, &mut names),
            _ => {}
        }
    }
    for expr in &tree.expressions {
        if let ExprKind::Map { key, map } = expr.kind {
            compared(file, key, map, &mut names);
        }
    }
    for (table, set) in file.sets() {
        // What its program loads, its program keeps in step with the interfaces.
        if knowledge::manager_of_table(file.text(table.name)).is_some() {
            continue;
        }
        let by_index: Vec<bool> = match &set.key {
            Some(KeyType::Types(parts)) => {
                parts.iter().map(|part| part.datatype == Datatype::IfIndex).collect()
            }
            Some(KeyType::Typeof(id)) => by_index(tree, *id),
            None => continue,
        };
        for elements in &set.elements {
            constants(file, &by_index, None, *elements, &mut names);
        }
    }
    names.sort_unstable_by_key(|it| (it.span.start, it.key));
    names.dedup();
    names
}

fn compared(file: &NftFile<'_>, left: ExprId, right: ExprId, names: &mut Vec<Name>) {
    let expression = file.tree.expr(left);
    let key = matches!(expression.kind, ExprKind::Meta(_)).then_some(expression.span);
    constants(file, &by_index(file.tree, left), key, right, names);
}

/// Which parts of what is compared are an interface's number.
fn by_index(tree: &File, left: ExprId) -> Vec<bool> {
    let is_index = |id: ExprId| match &tree.expr(id).kind {
        ExprKind::Meta(key) => key.datatype == Datatype::IfIndex,
        ExprKind::Fib { result, .. } => *result == crate::syntax::nft::FibResult::Oif,
        _ => false,
    };
    match tree.expr(left).kind {
        ExprKind::Concat(parts) => tree.parts(parts).iter().map(|part| is_index(*part)).collect(),
        _ => vec![is_index(left)],
    }
}

fn constants(
    file: &NftFile<'_>,
    by_index: &[bool],
    key: Option<Span>,
    right: ExprId,
    names: &mut Vec<Name>,
) {
    if !by_index.contains(&true) {
        return;
    }
    let mut name = |id: ExprId| {
        let Some(id) = file.tree.resolved(id) else { return };
        let expr = file.tree.expr(id);
        let is_word = matches!(expr.kind, ExprKind::Word | ExprKind::Quoted);
        // The loopback is always there, and the words ask whether there is a route, `false` and `true` in JSON.
        let needs_none =
            ["lo", "exists", "missing", "false", "true"].contains(&file.text(expr.span));
        if is_word && !needs_none {
            names.push(Name { span: expr.span, key });
        }
    };
    for constant in file.constants(right) {
        match file.tree.expr(constant).kind {
            ExprKind::Concat(parts) => {
                let parts = file.tree.parts(parts).iter().zip(by_index);
                parts.filter(|(_, by_index)| **by_index).for_each(|(part, _)| name(*part));
            }
            _ if by_index.len() == 1 => name(constant),
            _ => {}
        }
    }
}
