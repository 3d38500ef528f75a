//! nftables: replays the commands of a file to the rule set that stands at its end, then reads each rule.
//!
//! Two passes, because a rule may name a set that is filled further down: the first finds out which tables, chains, sets
//! and rules there are at the end, the second reads the rules.

mod compare;
mod rule;
mod selector;
mod set;
mod value;

use super::{Input, build::Builder};
use crate::{
    model::{Base, ChainId, ChainKind, Hook, Place, Policy, Subject, TableFamily, TableId},
    source::Span,
    syntax::nft::{
        self, Chain, ChainType, Command, CommandKind, Family, File, Item, PolicyKind, Rule, Set,
        Table, TableRef, Verb, values,
    },
};
use rustc_hash::FxHashMap;
use set::NamedSet;

/// Adds what `file` says to the rule set.
pub(super) fn lower(file: &File, input: Input<'_>, builder: &mut Builder) {
    let mut replay = Replay { file, input, tables: Vec::new() };
    for include in &file.includes {
        if let Some(why) = include.unseen {
            let path = replay.text(include.path).to_owned();
            builder.unknown(replay.place(include.span), Subject::Include { path, why });
        }
    }
    for command in &file.commands {
        replay.command(command, builder);
    }
    for table in &replay.tables {
        replay.build(table, builder);
    }
}

/// The rule set while the commands are read.
struct Replay<'f> {
    file: &'f File,
    input: Input<'f>,
    tables: Vec<Standing<'f>>,
}

/// A table as it stands.
struct Standing<'f> {
    family: Family,
    name: &'f str,
    place: Span,
    dormant: bool,
    chains: Vec<StandingChain<'f>>,
    sets: FxHashMap<&'f str, NamedSet<'f>>,
}

/// A chain as it stands.
struct StandingChain<'f> {
    name: &'f str,
    place: Span,
    base: Option<nft::BaseChain>,
    policy: Option<nft::Policy>,
    rules: Vec<&'f Rule>,
}

impl<'f> Replay<'f> {
    fn text(&self, span: Span) -> &'f str {
        values::unquoted(self.input.source.slice(span))
    }

    fn place(&self, span: Span) -> Place {
        Place { file: self.input.file, span }
    }

    fn command(&mut self, command: &'f Command, builder: &mut Builder) {
        let removes = matches!(command.verb, Verb::Delete | Verb::Destroy);
        match &command.kind {
            CommandKind::Table(table) => self.table(command.verb, table),
            CommandKind::Chain { table, chain } if removes => {
                let name = self.text(chain.name);
                if let Some(table) = self.find(*table) {
                    table.chains.retain(|it| it.name != name);
                }
            }
            CommandKind::Chain { table, chain } if command.verb == Verb::Flush => {
                let name = self.text(chain.name);
                if let Some(table) = self.find(*table) {
                    let flushed = table.chains.iter_mut().filter(|it| it.name == name);
                    flushed.for_each(|it| it.rules.clear());
                }
            }
            CommandKind::Chain { table, chain } => self.chain(*table, chain),
            CommandKind::Rule { table, chain, place, rule } => {
                self.rule(command, *table, *chain, *place, rule, builder);
            }
            CommandKind::RuleByPlace { .. } if removes => {
                builder.unknown(self.place(command.span), Subject::Command);
            }
            CommandKind::Set { table, set } => {
                let name = self.text(set.name);
                match command.verb {
                    Verb::Delete | Verb::Destroy => {
                        self.standing(*table).sets.remove(name);
                    }
                    Verb::Flush => {
                        if let Some(set) = self.standing(*table).sets.get_mut(name) {
                            set.elements.clear();
                        }
                    }
                    _ => self.set(*table, set),
                }
            }
            CommandKind::Elements { table, set, elements } => {
                let name = self.text(*set);
                let set = self.standing(*table).sets.entry(name).or_default();
                match command.verb {
                    Verb::Add | Verb::Create => set.elements.push(*elements),
                    // What is left after elements were taken out is not computed.
                    _ => set.changes = true,
                }
            }
            CommandKind::Rename { table, old, new } => {
                let (old, new) = (self.text(*old), self.text(*new));
                let chains = &mut self.standing(*table).chains;
                chains.iter_mut().filter(|it| it.name == old).for_each(|it| it.name = new);
            }
            CommandKind::Broad { subject, family, .. } => {
                let flushes = command.verb == Verb::Flush && *subject == nft::Subject::Ruleset;
                if flushes {
                    self.tables.retain(|table| family.is_some_and(|it| it != table.family));
                }
            }
            CommandKind::Include
            | CommandKind::RuleByPlace { .. }
            | CommandKind::Flowtable { .. }
            | CommandKind::Object { .. }
            | CommandKind::Define(_)
            | CommandKind::Undefine(_)
            | CommandKind::Other
            | CommandKind::Wrong => {}
        }
    }

    fn find(&mut self, table: TableRef) -> Option<&mut Standing<'f>> {
        let name = self.text(table.name);
        self.tables.iter_mut().find(|it| it.family == table.family && it.name == name)
    }

    fn standing(&mut self, table: TableRef) -> &mut Standing<'f> {
        let name = self.text(table.name);
        let known = |it: &Standing<'_>| it.family == table.family && it.name == name;
        let index = self.tables.iter().position(known).unwrap_or_else(|| {
            self.tables.push(Standing {
                family: table.family,
                name,
                place: table.name,
                dormant: false,
                chains: Vec::new(),
                sets: FxHashMap::default(),
            });
            self.tables.len() - 1
        });
        &mut self.tables[index]
    }

    fn table(&mut self, verb: Verb, table: &'f Table) {
        match verb {
            Verb::Delete | Verb::Destroy => {
                let name = self.text(table.table.name);
                self.tables.retain(|it| it.family != table.table.family || it.name != name);
                return;
            }
            Verb::Flush => {
                if let Some(table) = self.find(table.table) {
                    table.chains.iter_mut().for_each(|chain| chain.rules.clear());
                }
                return;
            }
            Verb::Add | Verb::Create => {}
            _ => return,
        }
        let dormant = table.flags.iter().any(|flag| self.text(*flag) == "dormant");
        self.standing(table.table).dormant |= dormant;
        for item in &table.items {
            match item {
                Item::Chain(chain) => self.chain(table.table, chain),
                Item::Set(set) => self.set(table.table, set),
                Item::Include
                | Item::Flowtable(_)
                | Item::Object(_)
                | Item::Define(_)
                | Item::Undefine(_) => {}
            }
        }
    }

    fn set(&mut self, table: TableRef, set: &'f Set) {
        let body = set.body.unwrap_or_default();
        let unseen =
            |it: &nft::Include| !it.known && body.start < it.span.start && it.span.end < body.end;
        let partly = self.file.includes.iter().any(unseen);
        let name = self.text(set.name);
        self.standing(table).set(name, set, partly);
    }

    fn chain(&mut self, table: TableRef, chain: &'f Chain) {
        let rules = self.file.rules(chain.rules).iter();
        let standing = self.named_chain(table, chain.name);
        standing.base = chain.base.as_deref().copied().or(standing.base);
        // A later policy wins, an omitted one keeps what was.
        standing.policy = chain.policy.or(standing.policy);
        standing.rules.extend(rules);
    }

    fn named_chain(&mut self, table: TableRef, name: Span) -> &mut StandingChain<'f> {
        let text = self.text(name);
        let chains = &mut self.standing(table).chains;
        let index = chains.iter().position(|it| it.name == text).unwrap_or_else(|| {
            let (base, policy, rules) = (None, None, Vec::new());
            chains.push(StandingChain { name: text, place: name, base, policy, rules });
            chains.len() - 1
        });
        &mut chains[index]
    }

    fn rule(
        &mut self,
        command: &'f Command,
        table: TableRef,
        chain: Span,
        place: Option<nft::Place>,
        rule: &'f Rule,
        builder: &mut Builder,
    ) {
        let at = match place {
            None => None,
            Some(nft::Place::Index(index)) => usize::try_from(index).ok(),
            Some(nft::Place::Handle(_)) => {
                builder.unknown(self.place(command.span), Subject::Command);
                return;
            }
        };
        let rules = &mut self.named_chain(table, chain).rules;
        match (command.verb, at) {
            (Verb::Insert, at) => rules.insert(at.unwrap_or(0).min(rules.len()), rule),
            (Verb::Replace, Some(at)) if at < rules.len() => rules[at] = rule,
            (_, Some(at)) => rules.insert((at + 1).min(rules.len()), rule),
            (_, None) => rules.push(rule),
        }
    }

    fn build(&self, table: &Standing<'f>, builder: &mut Builder) {
        if table.dormant {
            return;
        }
        let family = model_family(table.family);
        let id = builder.table(family, table.name, self.place(table.place));
        let mut chains: FxHashMap<&str, ChainId> = FxHashMap::default();
        for chain in &table.chains {
            let base = chain.base.map(|base| self.base(chain, base, table.family, builder));
            let place = self.place(chain.place);
            let chain_id = builder.chain(id, chain.name, place, base);
            builder.ruleset.chains[chain_id.0 as usize].declared = true;
            chains.insert(chain.name, chain_id);
        }
        let blocks = Vec::new();
        let mut reader =
            Reader { replay: self, table: id, standing: table, chains, blocks, builder };
        for chain in &table.chains {
            let chain_id = reader.chains[chain.name];
            for rule in &chain.rules {
                reader.rule(chain_id, rule);
            }
        }
    }

    fn base(
        &self,
        chain: &StandingChain<'_>,
        base: nft::BaseChain,
        family: Family,
        builder: &mut Builder,
    ) -> Base {
        let policy = match chain.policy.map(|policy| policy.kind) {
            None | Some(PolicyKind::Accept) => Policy::Accept,
            Some(PolicyKind::Drop) => Policy::Drop,
            Some(PolicyKind::Variable(value)) => match self.word(value) {
                Some("accept") => Policy::Accept,
                Some("drop") => Policy::Drop,
                _ => Policy::Unknown,
            },
        };
        let devices = base.devices.map(|devices| {
            let start = builder.ruleset.devices.len();
            for name in self.file.parts(devices.names) {
                if let Some(name) = self.word(*name) {
                    let (name, prefix) =
                        name.strip_suffix('*').map_or((name, false), |it| (it, true));
                    let number = builder.interface(name, prefix);
                    builder.ruleset.devices.push(number);
                }
            }
            let index = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
            (index(start), index(builder.ruleset.devices.len()))
        });
        Base {
            hook: model_hook(base.hook),
            priority: self.priority(base.priority, family),
            kind: if base.chain_type == ChainType::Nat {
                ChainKind::Nat
            } else {
                ChainKind::Filter
            },
            policy,
            policy_place: chain.policy.map(|policy| self.place(policy.span)),
            devices,
        }
    }

    /// The word behind an expression, variables replaced.
    fn word(&self, id: nft::ExprId) -> Option<&'f str> {
        let id = self.file.resolved(id)?;
        Some(self.text(self.file.expr(id).span))
    }

    /// `enum nf_ip_hook_priorities` and `enum nf_br_hook_priorities`.
    fn priority(&self, priority: nft::Priority, family: Family) -> i32 {
        let word = priority.base.and_then(|base| self.word(base));
        let base: i32 = match (word, family == Family::Bridge) {
            (Some("raw"), _) | (Some("dstnat"), true) => -300,
            (Some("mangle"), _) => -150,
            (Some("dstnat"), false) => -100,
            (Some("filter"), true) => -200,
            (Some("security"), _) => 50,
            (Some("srcnat"), false) | (Some("out"), _) => 100,
            (Some("srcnat"), true) => 300,
            (Some(number), _) => number.parse().unwrap_or(0),
            (None, _) => 0,
        };
        base.saturating_add(priority.offset)
    }
}

/// What reads the rules of one table.
struct Reader<'a, 'f> {
    replay: &'a Replay<'f>,
    table: TableId,
    standing: &'a Standing<'f>,
    chains: FxHashMap<&'a str, ChainId>,
    /// Chains in braces, whose rules are read once the rule around them is.
    blocks: Vec<(ChainId, nft::Ids)>,
    builder: &'a mut Builder,
}

fn model_family(family: Family) -> TableFamily {
    match family {
        Family::Ip => TableFamily::Ip,
        Family::Ip6 => TableFamily::Ip6,
        Family::Inet => TableFamily::Inet,
        Family::Arp => TableFamily::Arp,
        Family::Bridge => TableFamily::Bridge,
        Family::Netdev => TableFamily::Netdev,
    }
}

fn model_hook(hook: nft::Hook) -> Hook {
    match hook {
        nft::Hook::Ingress => Hook::Ingress,
        nft::Hook::Prerouting => Hook::Prerouting,
        nft::Hook::Input => Hook::Input,
        nft::Hook::Forward => Hook::Forward,
        nft::Hook::Output => Hook::Output,
        nft::Hook::Postrouting => Hook::Postrouting,
        nft::Hook::Egress => Hook::Egress,
    }
}
