//! A set, object or variable that nothing in its file uses.

use super::{
    Context, Edit, Example, Finding, Findings, Fix, Lint, Repair, nft_file, quote::quoted,
    refusal_nft,
};
use crate::{
    knowledge,
    settings::{Persona, Severity},
    source::Span,
    syntax::{
        Dialect,
        nft::{CommandKind, ExprKind, Set, SetFlags, StatementKind, TableRef, Target},
    },
    words::{Message, Text},
};
use nft_file::NftFile;
use rustc_hash::FxHashSet;

pub(super) static LINT: Lint = Lint {
    code: "FW606",
    name: "unused-object",
    severity: Severity::Info,
    fix: Fix::Safe,
    persona: Persona::Strict,
    since: "0.1.0",
    summary: Text {
        en: "a set, map, object or variable is used nowhere",
        zh: "集合、映射、对象或变量从未被使用",
    },
    why: Text {
        en: "A set that no rule asks blocks and allows nothing, however full it is; often the rule was meant to be there, or \
             a name is misspelt.",
        zh: "没有规则查询的集合无论装了多少元素，都既不拦截也不放行任何流量；往往是漏写了规则，或者写错了名称。",
    },
    remedy: Text {
        en: "Write the rule that was meant to use it, or remove it.",
        zh: "请补上本应使用它的规则，或将其删除。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table inet filter {
	set blocked {
#~^ FW606
		type ipv4_addr
		elements = { 192.0.2.1 }
	}
	set allowed {
		type ipv4_addr
		elements = { 192.0.2.2 }
	}
	chain input {
		type filter hook input priority 0; policy drop;
		ip saddr @allowed icmp type echo-request accept
	}
}
",
        good: "\
table inet filter {
	set allowed {
		type ipv4_addr
		elements = { 192.0.2.2 }
	}
	chain input {
		type filter hook input priority 0; policy drop;
		ip saddr @allowed icmp type echo-request accept
	}
}
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for file in nft_file::all(cx) {
        // What is not read may use anything; and a file without rules is there for another one that takes it in.
        if file.tree.every_rule().next().is_none() || file.includes() {
            continue;
        }
        let used = Used::of(&file);
        let is_managed =
            |table: TableRef| knowledge::manager_of_table(file.text(table.name)).is_some();
        for (table, set) in file.sets().filter(|(table, _)| !is_managed(*table)) {
            if !used.sets(&file, table, set.name) {
                findings.add(unused_set(&file, table, set));
            }
        }
        for (table, object) in file.objects().filter(|(table, _)| !is_managed(*table)) {
            if !object.name.is_empty() && !used.words(&file, table, object.name) {
                let noun = refusal_nft::thing(Target::Object(object.kind));
                let fix = removal(&file, noun, object.name, [object.span], Repair::risky);
                findings.add(unused(&file, noun, object.name).fixed_by([fix]));
            }
        }
        for definition in &file.tree.definitions {
            if !used.variables.contains(file.text(definition.name)) {
                let noun = Text { en: "variable", zh: "变量" };
                let name = definition.name;
                let fix = removal(&file, noun, name, [definition.span], Repair::safe);
                findings.add(unused(&file, noun, name).fixed_by([fix]));
            }
        }
    }
}

fn unused(file: &NftFile<'_>, noun: Text, name: Span) -> Finding {
    let quoted = quoted(file.text(name));
    let message = Message {
        en: format!("nothing uses {} {quoted}", noun.en),
        zh: format!("{} {quoted} 从未被使用", noun.zh),
    };
    finding(file, name, message)
}

/// A set that programs fill is not idle for lack of elements.
fn unused_set(file: &NftFile<'_>, table: TableRef, set: &Set) -> Finding {
    let noun = refusal_nft::thing(if set.is_map { Target::Map } else { Target::Set });
    let filled = set.elements.is_empty()
        || set.flags.contains(SetFlags::DYNAMIC)
        || set.flags.contains(SetFlags::TIMEOUT)
        || set.timeout.is_some();
    // Who fills it would fail where it is gone.
    let repair = if filled { Repair::risky } else { Repair::safe };
    let fix = named_by(file, table, set).map(|all| removal(file, noun, set.name, all, repair));
    if !filled {
        return unused(file, noun, set.name).fixed_by(fix);
    }
    let name = quoted(file.text(set.name));
    let message = Message {
        en: format!(
            "no rule asks {} {name}: what another program puts into it has no effect",
            noun.en
        ),
        zh: format!("没有规则查询{} {name}：其他程序向其中添加的内容不起作用", noun.zh),
    };
    finding(file, set.name, message).fixed_by(fix)
}

/// Where a set is made and elements are added to it; `None` where more is done with it.
fn named_by(file: &NftFile<'_>, table: TableRef, set: &Set) -> Option<Vec<Span>> {
    let key = |table: TableRef, name: Span| (table.family, file.text(table.name), file.text(name));
    let is_it = |of: TableRef, name: Span| key(of, name) == key(table, set.name);
    let mut spans = vec![set.span];
    for command in &file.tree.commands {
        match &command.kind {
            CommandKind::Elements { table, set: name, .. } if is_it(*table, *name) => {
                spans.push(command.span);
            }
            CommandKind::Set { table, set: other } if is_it(*table, other.name) => {
                if !nft_file::makes(command.verb) {
                    return None;
                }
                spans.push(command.span);
            }
            _ => {}
        }
    }
    spans.dedup();
    Some(spans)
}

fn removal(
    file: &NftFile<'_>,
    noun: Text,
    name: Span,
    spans: impl IntoIterator<Item = Span>,
    repair: fn(Message) -> Repair,
) -> Repair {
    let name = quoted(file.text(name));
    let title = Message {
        en: format!("remove {} {name}", noun.en),
        zh: format!("删除{} {name}", noun.zh),
    };
    let edits = spans.into_iter().map(|span| Edit::remove(file.source, file.place(span)));
    repair(title).edits(edits)
}

fn finding(file: &NftFile<'_>, name: Span, message: Message) -> Finding {
    let label =
        Message { en: "used nowhere in this file".into(), zh: "本文件中从未使用".into() };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Finding::new(&LINT, file.place(name), message, label).help(help)
}

/// What the file uses.
#[derive(Default)]
struct Used<'f> {
    /// The sets, by the table whose words name them; `None` where that is any.
    sets: FxHashSet<(Option<Key<'f>>, &'f str)>,
    /// Every word that may be the name of an object.
    words: FxHashSet<(Option<Key<'f>>, &'f str)>,
    variables: FxHashSet<&'f str>,
}

/// A table: its family and its name.
type Key<'f> = (&'static str, &'f str);

impl<'f> Used<'f> {
    fn of(file: &NftFile<'f>) -> Self {
        let mut used = Self::default();
        let tables = Tables::of(file);
        for expr in &file.tree.expressions {
            match expr.kind {
                ExprKind::SetReference(name) => {
                    used.sets.insert((tables.at(name), file.text(name)));
                }
                ExprKind::Variable(Some(id)) => {
                    used.variables.insert(file.text(file.tree.definition(id).name));
                }
                ExprKind::Word | ExprKind::Quoted => {
                    used.words.insert((tables.at(expr.span), file.text(expr.span)));
                }
                _ => {}
            }
        }
        for statement in &file.tree.statements {
            match &statement.kind {
                StatementKind::Update(update) => {
                    used.sets.insert((tables.at(update.set), file.text(update.set)));
                }
                StatementKind::Meter(meter) => {
                    used.sets.insert((tables.at(meter.name), file.text(meter.name)));
                }
                _ => {}
            }
        }
        used
    }

    fn sets(&self, file: &NftFile<'f>, table: TableRef, name: Span) -> bool {
        holds(&self.sets, file, table, name)
    }

    fn words(&self, file: &NftFile<'f>, table: TableRef, name: Span) -> bool {
        holds(&self.words, file, table, name)
    }
}

fn holds<'f>(
    names: &FxHashSet<(Option<Key<'f>>, &'f str)>,
    file: &NftFile<'f>,
    table: TableRef,
    name: Span,
) -> bool {
    let name = file.text(name);
    let key = (table.family.name(), file.text(table.name));
    names.contains(&(Some(key), name)) || names.contains(&(None, name))
}

/// Which table the words of a command are about.
struct Tables<'f>(Vec<(Span, Option<Key<'f>>)>);

impl<'f> Tables<'f> {
    fn of(file: &NftFile<'f>) -> Self {
        let table = |kind: &CommandKind| match kind {
            CommandKind::Table(table) => Some(table.table),
            CommandKind::Chain { table, .. }
            | CommandKind::Rule { table, .. }
            | CommandKind::Set { table, .. }
            | CommandKind::Elements { table, .. }
            | CommandKind::Object { table, .. } => Some(*table),
            _ => None,
        };
        let key = |table: TableRef| (table.family.name(), file.text(table.name));
        let commands = file.tree.commands.iter();
        Self(commands.map(|it| (it.span, table(&it.kind).map(key))).collect())
    }

    /// Commands stand in the order of the file.
    fn at(&self, span: Span) -> Option<Key<'f>> {
        let after = self.0.partition_point(|(command, _)| command.start <= span.start);
        let (command, table) = self.0.get(after.checked_sub(1)?)?;
        (span.end <= command.end).then_some(*table).flatten()
    }
}
