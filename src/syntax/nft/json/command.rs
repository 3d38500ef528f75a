//! Commands, and the things a dump lists as if each were added.

use super::{Node, Read, Reader, Value, wrong};
use crate::{
    source::Span,
    syntax::nft::{
        error::Wanted,
        tree::{
            BaseChain, Chain, ChainType, Command, CommandKind, Devices, ExprKind, Family, Hook,
            Ids, ObjectKind, Place, Policy, PolicyKind, Priority, Rule, Subject, Table, TableRef,
            Verb,
        },
    },
};

impl Reader<'_> {
    // file := { "nftables": [ command … ] }
    pub(super) fn commands(&mut self, node: &Node) {
        let Some(list) = self.get(node, "nftables") else {
            self.errors.add(wrong(node.span, Wanted::OneOf(&["nftables"])));
            return;
        };
        for node in list.list() {
            match self.command(node) {
                Ok(command) => self.file.commands.push(command),
                Err(error) => {
                    self.errors.add(error);
                    let kind = CommandKind::Wrong;
                    self.file.commands.push(Command { span: node.span, verb: Verb::Other, kind });
                }
            }
        }
    }

    // command := { verb: object } | object
    fn command(&mut self, node: &Node) -> Read<Command> {
        let Some((name, inner)) = node.only() else {
            return Err(wrong(node.span, Wanted::Command));
        };
        let verb = match self.slice(name) {
            "add" => Verb::Add,
            "create" => Verb::Create,
            "insert" => Verb::Insert,
            "replace" => Verb::Replace,
            "delete" => Verb::Delete,
            "destroy" => Verb::Destroy,
            "flush" => Verb::Flush,
            "rename" => Verb::Rename,
            "list" => Verb::List,
            "reset" => Verb::Reset,
            "metainfo" => {
                return Ok(Command {
                    span: node.span,
                    verb: Verb::Other,
                    kind: CommandKind::Other,
                });
            }
            _ => {
                let mut kind = self.subject(Verb::Add, name, inner)?;
                if let CommandKind::Rule { place, rule, .. } = &mut kind {
                    // In a listing, the handle is the rule's own.
                    let handle = self.number_at(inner, "handle");
                    (*place, rule.handle) = (None, handle.and_then(|it| it.try_into().ok()));
                }
                return Ok(Command { span: node.span, verb: Verb::Add, kind });
            }
        };
        let Some((name, inner)) = inner.only() else {
            return Err(wrong(inner.span, Wanted::Command));
        };
        Ok(Command { span: node.span, verb, kind: self.subject(verb, name, inner)? })
    }

    fn subject(&mut self, verb: Verb, name: Span, node: &Node) -> Read<CommandKind> {
        let makes = matches!(verb, Verb::Add | Verb::Create | Verb::Insert | Verb::Replace);
        let word = self.slice(name);
        let broad = match word {
            "ruleset" => Some(Subject::Ruleset),
            "tables" => Some(Subject::Tables),
            "chains" => Some(Subject::Chains),
            "rules" => Some(Subject::Rules),
            "sets" => Some(Subject::Sets),
            "maps" => Some(Subject::Maps),
            "meters" | "meter" => Some(Subject::Meters),
            "flowtables" => Some(Subject::Flowtables),
            "counters" => Some(Subject::Objects(ObjectKind::Counter)),
            "quotas" => Some(Subject::Objects(ObjectKind::Quota)),
            "limits" => Some(Subject::Objects(ObjectKind::Limit)),
            "ct helpers" => Some(Subject::Objects(ObjectKind::Helper)),
            _ => None,
        };
        if let Some(subject) = broad {
            let family = Family::of(self.word_at(node, "family"));
            let table = self.text_at(node, "table");
            return Ok(CommandKind::Broad { subject, family, table, handle: None });
        }
        Ok(match word {
            "table" => self.table(node)?,
            "chain" => self.chain(verb, node)?,
            "rule" if makes => {
                let table = self.table_ref(node)?;
                let chain = self.need_text(node, &["chain"])?;
                let rule = self.rule(node)?;
                // Adding goes by index only, and ignores a handle.
                let place = if verb == Verb::Add {
                    self.number_at(node, "index").map(Place::Index)
                } else {
                    self.place(node)
                };
                CommandKind::Rule { table, chain, place, rule }
            }
            "rule" => CommandKind::RuleByPlace {
                table: self.table_ref(node)?,
                chain: self.need_text(node, &["chain"])?,
                place: self.place(node),
            },
            "set" | "map" => {
                let set = Box::new(self.set(word == "map", makes, node)?);
                CommandKind::Set { table: self.table_ref(node)?, set }
            }
            "element" => {
                let elem = self.need(node, &["elem"])?;
                let ids = self.elements(elem)?;
                let elements = self.push(elem.span, ExprKind::Set(ids));
                let set = self.need_text(node, &["name"])?;
                CommandKind::Elements { table: self.table_ref(node)?, set, elements }
            }
            "flowtable" => {
                let flowtable = self.flowtable(node)?;
                CommandKind::Flowtable { table: self.table_ref(node)?, flowtable }
            }
            _ => {
                let object = self.object(name, makes, node)?;
                CommandKind::Object { table: self.table_ref(node)?, object }
            }
        })
    }

    fn table_ref(&self, node: &Node) -> Read<TableRef> {
        let family_span = self.text_at(node, "family");
        let family = match family_span {
            None => Family::Ip,
            Some(span) => Family::of(self.slice(span)).ok_or_else(|| {
                wrong(span, Wanted::OneOf(&["ip", "ip6", "inet", "arp", "bridge", "netdev"]))
            })?,
        };
        Ok(TableRef { family, family_span, name: self.need_text(node, &["table"])? })
    }

    fn table(&mut self, node: &Node) -> Read<CommandKind> {
        let family_span = self.text_at(node, "family");
        let family = family_span.map_or(Some(Family::Ip), |span| Family::of(self.slice(span)));
        let family = family.ok_or_else(|| wrong(node.span, Wanted::OneOf(&["family"])))?;
        let Some(name) = self.text_at(node, "name") else {
            let handle = self.number_at(node, "handle");
            if handle.is_none() {
                return Err(wrong(node.span, Wanted::OneOf(&["name"])));
            }
            let (subject, family) = (Subject::Tables, Some(family));
            return Ok(CommandKind::Broad { subject, family, table: None, handle });
        };
        let flags = self.get(node, "flags");
        let flags =
            flags.map_or(Vec::new(), |it| it.list().iter().filter_map(Node::string).collect());
        Ok(CommandKind::Table(Table {
            table: TableRef { family, family_span, name },
            body: None,
            flags,
            comment: self.text_at(node, "comment"),
            items: Vec::new(),
            handle: self.number_at(node, "handle"),
        }))
    }

    fn place(&self, node: &Node) -> Option<Place> {
        let handle = self.number_at(node, "handle").map(Place::Handle);
        handle.or_else(|| self.number_at(node, "index").map(Place::Index))
    }

    fn rule(&mut self, node: &Node) -> Read<Rule> {
        let mut statements = Vec::new();
        for statement in self.need(node, &["expr"])?.list() {
            statements.push(self.statement(statement)?);
        }
        let statements = self.statements(statements);
        let comment = self.text_at(node, "comment");
        Ok(Rule { span: node.span, statements, comment, handle: None })
    }

    fn chain(&mut self, verb: Verb, node: &Node) -> Read<CommandKind> {
        let table = self.table_ref(node)?;
        let handle = self.number_at(node, "handle");
        let name = self.text_at(node, "name");
        let name = match name {
            Some(name) => name,
            None if handle.is_some() => Span::default(),
            None => return Err(wrong(node.span, Wanted::OneOf(&["name"]))),
        };
        if verb == Verb::Rename {
            let new = self.need_text(node, &["newname"])?;
            return Ok(CommandKind::Rename { table, old: name, new });
        }
        let mut base = None;
        if let (Some(hook), true) =
            (self.text_at(node, "hook"), matches!(verb, Verb::Add | Verb::Create))
        {
            base = Some(Box::new(self.base(node, hook)?));
        }
        let policy = match self.text_at(node, "policy") {
            None => None,
            Some(span) => Some(Policy {
                span,
                kind: match self.slice(span) {
                    "accept" => PolicyKind::Accept,
                    "drop" => PolicyKind::Drop,
                    _ => return Err(wrong(span, Wanted::OneOf(&["accept", "drop"]))),
                },
            }),
        };
        let chain = Chain {
            span: node.span,
            name,
            body: None,
            base,
            policy,
            offload: self.words_at(node, "flags").contains(&"offload"),
            comment: self.text_at(node, "comment"),
            rules: Ids::default(),
            handle,
        };
        Ok(CommandKind::Chain { table, chain })
    }

    fn base(&mut self, node: &Node, hook_span: Span) -> Read<BaseChain> {
        let hook = Hook::of(self.slice(hook_span)).ok_or_else(|| {
            const HOOKS: &[&str] =
                &["prerouting", "input", "forward", "output", "postrouting", "ingress", "egress"];
            wrong(hook_span, Wanted::OneOf(HOOKS))
        })?;
        let type_span = self.need_text(node, &["type"])?;
        let chain_type = match self.slice(type_span) {
            "filter" => ChainType::Filter,
            "nat" => ChainType::Nat,
            "route" => ChainType::Route,
            _ => return Err(wrong(type_span, Wanted::OneOf(&["filter", "nat", "route"]))),
        };
        let priority = self.priority(node)?;
        let devices = self.devices(node)?;
        Ok(BaseChain { span: node.span, chain_type, type_span, hook, hook_span, devices, priority })
    }

    pub(super) fn priority(&mut self, node: &Node) -> Read<Priority> {
        let it = self.need(node, &["prio"])?;
        match it.value {
            Value::String(span) => {
                let base = self.push(span, ExprKind::Word);
                Ok(Priority { span, base: Some(base), offset: 0 })
            }
            Value::Number(_) => {
                let number = self.slice(it.span).parse();
                let offset = number.map_err(|_| wrong(it.span, Wanted::Number))?;
                Ok(Priority { span: it.span, base: None, offset })
            }
            _ => Err(wrong(it.span, Wanted::Number)),
        }
    }

    pub(super) fn devices(&mut self, node: &Node) -> Read<Option<Devices>> {
        let Some(it) = self.get(node, "dev") else { return Ok(None) };
        let mut names = Vec::new();
        for name in it.list() {
            if name.string().is_none() {
                return Err(wrong(name.span, Wanted::Name));
            }
            names.push(self.push(name.span, ExprKind::Quoted));
        }
        Ok(Some(Devices { span: it.span, names: self.parts(names) }))
    }
}
