//! Several rules in a row that become one: what stands in the place of the first, and what goes.

use super::{
    Edit, Place,
    iptables_file::{IptablesFile, is_core},
    nft_file::NftFile,
};
use crate::{
    analysis::Run,
    model::{Action, Condition, RuleId, Ruleset},
    source::{SourceFile, Span},
    syntax::{
        iptables::{Opt, extensions},
        nft::{self, ExprKind, StatementKind},
    },
};

/// `multiport` takes so many ports; a range counts for two.
pub(super) const MOST_PORTS: usize = 15;

/// The rules of a run.
pub(super) fn rules(run: &Run) -> impl Iterator<Item = RuleId> {
    (run.first.0..run.first.0 + run.count).map(RuleId)
}

/// What makes the first nftables rule of a run speak for all, with a set; `None` where they differ in more than values that are
/// apart.
pub(super) fn with_set(file: &NftFile<'_>, ruleset: &Ruleset, run: &Run) -> Option<Edit> {
    let first = ruleset.rule(run.first).place.span;
    if !are_apart(ruleset, run) {
        return None;
    }
    let mut values = Vec::new();
    let mut replaced = None;
    for id in rules(run) {
        let rule = ruleset.rule(id);
        let span = ruleset.steps_of(rule)[run.step].span;
        let right = compared(file, rule.place.span, span)?;
        let text = file.source.slice(right.span).trim_ascii();
        let inner = match right.kind {
            ExprKind::Set(_) => text.strip_prefix('{')?.strip_suffix('}')?.trim_ascii(),
            ExprKind::Variable(_) | ExprKind::SetReference(_) => return None,
            _ => text,
        };
        if text.contains(['$', '@', '#', '\n']) {
            return None;
        }
        values.push(inner);
        replaced.get_or_insert(right.span);
        // All but the value reads the same.
        let others = |rule: Span, value: Span| {
            let part = |from, to| file.source.slice(Span::new(from, to));
            (part(rule.start, value.start), part(value.end, rule.end))
        };
        if others(rule.place.span, right.span) != others(first, replaced?) {
            return None;
        }
    }
    let set = format!("{{ {} }}", values.join(", "));
    Some(Edit::replace(file.place(replaced?), set))
}

/// What makes the first iptables rule of a run speak for all, with `multiport`; `None` where they differ in more than ports, or
/// in too many.
pub(super) fn with_ports(file: &IptablesFile<'_>, ruleset: &Ruleset, run: &Run) -> Option<Edit> {
    let first = ruleset.rule(run.first).place.span;
    if !are_apart(ruleset, run) {
        return None;
    }
    let mut ports = Vec::new();
    let mut replaced = None;
    for id in rules(run) {
        let line = ruleset.rule(id).place.span;
        let (words, value, name) = port_option(file, line)?;
        let value = file.source.slice(value);
        let is_port = |it: char| it.is_ascii_alphanumeric() || matches!(it, ',' | ':' | '-');
        if value.starts_with(':') || value.ends_with(':') || !value.chars().all(is_port) {
            return None;
        }
        ports.push(value);
        let (span, _) = *replaced.get_or_insert((words, name));
        let others = |line: Span, words: Span| {
            let part = |from, to| file.source.slice(Span::new(from, to));
            (part(line.start, words.start), part(words.end, line.end))
        };
        if others(line, words) != others(first, span) {
            return None;
        }
    }
    let ports = ports.join(",");
    if ports.split([',', ':']).count() > MOST_PORTS {
        return None;
    }
    let (span, name) = replaced?;
    let text = format!("-m multiport --{name} {ports}");
    Some(Edit::replace(file.place(span), text))
}

/// The one option of a rule that names ports of one side: all its words, its value, and what `multiport` calls it.
fn port_option(file: &IptablesFile<'_>, line: Span) -> Option<(Span, Span, &'static str)> {
    let options = file.options_within(line);
    let name = |it: &Opt| match extensions::option(it)?.name {
        "destination-port" | "destination-ports" => Some("dports"),
        "source-port" | "source-ports" => Some("sports"),
        "ports" => Some("ports"),
        _ => None,
    };
    let mut found = options.iter().enumerate().filter_map(|(at, it)| Some((at, it, name(it)?)));
    let (at, option, name) = found.next()?;
    if found.next().is_some() || option.negated {
        return None;
    }
    let words = option.name.to(option.value);
    // `-m tcp` is of no use where none of its options is left.
    let alone = options.iter().filter(|it| it.extension == option.extension).count() == 1;
    let loader = at.checked_sub(1).map(|at| &options[at]).filter(|it| {
        let extension = extensions::ALL.get(usize::from(option.extension)).map(|it| it.name);
        is_core(it, "match") && extension == Some(file.source.slice(it.value))
    });
    let words = loader.filter(|_| alone).map_or(words, |it| it.name.to(words));
    Some((words, option.value, name))
}

/// What takes out all rules of a run but the first; `None` where words would be lost that stand between or behind them.
pub(super) fn rest_gone(source: &SourceFile, ruleset: &Ruleset, run: &Run) -> Option<Edit> {
    let mut places = rules(run).map(|id| ruleset.rule(id).place);
    let first = places.next()?;
    let mut end = first.span.end;
    for place in places {
        let between = source.text().get(end as usize..place.span.start as usize)?;
        if place.file != first.file
            || !between.chars().all(|it| it.is_ascii_whitespace() || it == ';')
        {
            return None;
        }
        end = place.span.end;
    }
    let lines = source.whole_lines(Span::new(first.span.start, end));
    let behind = source.slice(Span::new(end, lines.end));
    let gone = Place { span: Span::new(first.span.end, end), ..first };
    (!behind.contains('#')).then(|| Edit::replace(gone, ""))
}

/// Whether no value is asked for by two of the rules: a set with both would be another mistake.
fn are_apart(ruleset: &Ruleset, run: &Run) -> bool {
    let mut ranges = Vec::new();
    let mut names = Vec::new();
    for id in rules(run) {
        let step = ruleset.steps_of(ruleset.rule(id))[run.step];
        match step.action {
            Action::Match(Condition::In { values, .. }) => {
                ranges.extend_from_slice(ruleset.values(values));
            }
            Action::Match(Condition::Interface { name, .. }) => {
                names.push(&ruleset.interfaces[name as usize].name);
            }
            _ => return false,
        }
    }
    ranges.sort_unstable();
    names.sort_unstable();
    ranges.windows(2).all(|pair| pair[0].1 < pair[1].0)
        && names.windows(2).all(|pair| pair[0] != pair[1])
}

/// What a rule compares with, where its words at `span` say so.
fn compared<'f>(file: &NftFile<'f>, rule: Span, span: Span) -> Option<&'f nft::Expr> {
    let rules = &file.tree.rules;
    let rule = rules.iter().find(|it| it.span == rule)?;
    file.tree.statements(rule.statements).iter().find_map(|statement| match statement.kind {
        StatementKind::Match {
            operator: nft::Operator::Implicit | nft::Operator::Equal,
            right,
            ..
        } if statement.span.to(span) == statement.span => Some(file.tree.expr(right)),
        _ => None,
    })
}
