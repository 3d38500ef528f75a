//! Commands.

use super::{Kind, Parser, Read, rule, variables::Common};
use crate::{
    source::Span,
    syntax::{
        self,
        nft::{
            error::{ErrorKind, Wanted},
            tree::{Command, CommandKind, Family, ObjectKind, Place, Subject, TableRef, Verb},
        },
    },
};

/// The words that commands start with.
pub(super) const WORDS: &[&str] = &[
    "table",
    "chain",
    "rule",
    "set",
    "map",
    "element",
    "flowtable",
    "add",
    "create",
    "insert",
    "replace",
    "delete",
    "destroy",
    "flush",
    "rename",
    "list",
    "get",
    "reset",
    "include",
    "define",
    "redefine",
    "undefine",
    "import",
    "export",
    "monitor",
    "describe",
];

/// What `delete` and its kin take.
pub(in crate::syntax) const OBJECTS: &[&str] = &[
    "table",
    "chain",
    "rule",
    "set",
    "map",
    "element",
    "flowtable",
    "counter",
    "quota",
    "limit",
    "ct",
    "synproxy",
    "secmark",
    "tunnel",
];

impl Parser<'_> {
    // command := common | verb object | object | rule
    pub(super) fn command(&mut self) -> Read<Command> {
        let start = self.token.span.start;
        if let Some(common) = self.common() {
            let kind = match common? {
                Common::Include => CommandKind::Include,
                Common::Define(id) => CommandKind::Define(id),
                Common::Undefine(name) => CommandKind::Undefine(name),
            };
            return Ok(Command { span: self.since(start), verb: Verb::Add, kind });
        }
        let word = self.word();
        let verb = match word {
            "add" => Some(Verb::Add),
            "create" => Some(Verb::Create),
            "insert" => Some(Verb::Insert),
            "replace" => Some(Verb::Replace),
            "delete" => Some(Verb::Delete),
            "destroy" => Some(Verb::Destroy),
            "flush" => Some(Verb::Flush),
            "rename" => Some(Verb::Rename),
            "list" => Some(Verb::List),
            "get" => Some(Verb::Get),
            "reset" => Some(Verb::Reset),
            "import" | "export" | "monitor" | "describe" => Some(Verb::Other),
            _ => None,
        };
        if verb.is_some() {
            self.bump();
        }
        let kind = match verb.unwrap_or(Verb::Add) {
            Verb::Add if verb.is_none() => self.bare(start)?,
            Verb::Add | Verb::Create => self.make(start)?,
            Verb::Insert | Verb::Replace => {
                self.take("rule");
                self.rule_command()?
            }
            Verb::Delete | Verb::Destroy => self.remove(start)?,
            Verb::Flush => self.flush(start)?,
            Verb::Rename => self.rename()?,
            Verb::Get => self.get()?,
            Verb::List | Verb::Reset => self.list_command(start)?,
            Verb::Other => self.other(word)?,
        };
        Ok(Command { span: self.since(start), verb: verb.unwrap_or(Verb::Add), kind })
    }

    // bare := object | rule
    fn bare(&mut self, start: u32) -> Read<CommandKind> {
        if self.is_inside_of_table() {
            return self.inside_of_table();
        }
        if OBJECTS.contains(&self.word()) || Family::of(self.word()).is_some() {
            return self.make(start);
        }
        let error = self.unexpected(Wanted::Command);
        if self.token.kind != Kind::Word || self.second().kind != Kind::Word {
            return Err(error);
        }
        // `filter input tcp dport 22 accept` is a rule, and so it is where the table is called `tables`; `tabel filter {`
        // is a slip of the pen.
        let name = self.word();
        let marks = self.marks();
        let mark = (self.token, self.end);
        let begins =
            self.name().and_then(|_| self.name()).is_ok() && rule::words().any(|it| self.is(it));
        (self.token, self.end) = mark;
        let rule = self.rule_command();
        let suggests = matches!(
            error.kind,
            syntax::ErrorKind::Nft(ErrorKind::Unexpected { suggestion: Some(_), .. })
        );
        if rule.is_ok() || begins || !suggests || self.makes_table(name) {
            return rule;
        }
        self.braces.truncate(marks.braces);
        (self.token, self.end) = mark;
        Err(error)
    }

    // make := "table" table | "chain" … | "rule" … | "set" … | "map" … | "element" … | "flowtable" … | object | rule
    fn make(&mut self, start: u32) -> Read<CommandKind> {
        match self.word() {
            "table" => {
                self.bump();
                Ok(CommandKind::Table(self.table()?))
            }
            "chain" => {
                self.bump();
                let table = self.table_ref()?;
                Ok(CommandKind::Chain { table, chain: self.chain(start, false)? })
            }
            "set" | "map" => {
                let is_map = self.is("map");
                self.bump();
                let table = self.table_ref()?;
                let set = Box::new(self.set_block(start, is_map, false)?);
                Ok(CommandKind::Set { table, set })
            }
            "element" => {
                self.bump();
                self.elements_command()
            }
            "flowtable" => {
                self.bump();
                let table = self.table_ref()?;
                let flowtable = self.flowtable(start, false)?;
                Ok(CommandKind::Flowtable { table, flowtable })
            }
            "rule" => {
                self.bump();
                self.rule_command()
            }
            _ => match self.object_kind() {
                Some(kind) => {
                    let kind = kind?;
                    let table = self.table_ref()?;
                    Ok(CommandKind::Object { table, object: self.object(start, kind, false)? })
                }
                None => self.rule_command(),
            },
        }
    }

    // rule_command := table_ref name place? rule
    fn rule_command(&mut self) -> Read<CommandKind> {
        let table = self.table_ref()?;
        let chain = self.name()?;
        let place = self.place()?;
        let rule = self.rule()?;
        Ok(CommandKind::Rule { table, chain, place, rule })
    }

    // place := ("handle" | "position" | "index") number
    fn place(&mut self) -> Read<Option<Place>> {
        let by_index = self.is("index");
        if !(by_index || self.is("handle") || self.is("position")) {
            return Ok(None);
        }
        self.bump();
        let number = self.number(u64::MAX)?;
        Ok(Some(if by_index { Place::Index(number) } else { Place::Handle(number) }))
    }

    // elements_command := table_ref name (set | variable)
    fn elements_command(&mut self) -> Read<CommandKind> {
        let table = self.table_ref()?;
        let set = self.name()?;
        let elements = self.elements_value()?;
        Ok(CommandKind::Elements { table, set, elements })
    }

    // handle := "handle" number
    fn handle(&mut self) -> Read<Option<u64>> {
        if self.take("handle") { self.number(u64::MAX).map(Some) } else { Ok(None) }
    }

    /// The number that `nft -a list` writes behind things, in a comment that begins at `at`.
    pub(super) fn listed_handle(&self, at: u32) -> Option<u64> {
        let rest = self.text.get(at as usize..)?.trim_start_matches([' ', '\t']);
        let number = rest.strip_prefix("# handle ")?;
        let end = number.find(|it: char| !it.is_ascii_digit()).unwrap_or(number.len());
        number[..end].parse().ok()
    }

    // remove := object table_ref (name | "handle" number) …
    fn remove(&mut self, start: u32) -> Read<CommandKind> {
        let word = self.word();
        if !OBJECTS.contains(&word) {
            let ruleless = self.token.kind == Kind::Word && self.second().kind == Kind::Word;
            return if ruleless && Family::of(word).is_some() {
                self.remove_rule()
            } else {
                Err(self.unexpected(Wanted::OneOf(OBJECTS)))
            };
        }
        match word {
            "rule" => {
                self.bump();
                return self.remove_rule();
            }
            "element" => {
                self.bump();
                return self.elements_command();
            }
            "table" => {
                self.bump();
                return self.remove_table();
            }
            _ => {}
        }
        // `delete set inet t handle 3`
        let subject = self.subject_ahead();
        let mark = (self.token, self.end);
        self.bump();
        if word == "ct" {
            self.bump();
        }
        let table = self.table_ref()?;
        if let Some(handle) = self.handle()? {
            let family = table.family_span.map(|_| table.family);
            let table = Some(table.name);
            return Ok(CommandKind::Broad { subject, family, table, handle: Some(handle) });
        }
        (self.token, self.end) = mark;
        self.make(start)
    }

    fn subject_ahead(&self) -> Subject {
        match self.word() {
            "chain" => Subject::Chains,
            "set" => Subject::Sets,
            "map" => Subject::Maps,
            "flowtable" => Subject::Flowtables,
            "counter" => Subject::Objects(ObjectKind::Counter),
            "quota" => Subject::Objects(ObjectKind::Quota),
            "limit" => Subject::Objects(ObjectKind::Limit),
            "synproxy" => Subject::Objects(ObjectKind::Synproxy),
            "secmark" => Subject::Objects(ObjectKind::Secmark),
            "tunnel" => Subject::Objects(ObjectKind::Tunnel),
            _ => match self.slice(self.second().span) {
                "timeout" => Subject::Objects(ObjectKind::Timeout),
                "expectation" => Subject::Objects(ObjectKind::Expectation),
                _ => Subject::Objects(ObjectKind::Helper),
            },
        }
    }

    // remove_rule := table_ref name place
    fn remove_rule(&mut self) -> Read<CommandKind> {
        let table = self.table_ref()?;
        let chain = self.name()?;
        let place = self.place()?;
        if place.is_none() {
            return Err(self.unexpected(Wanted::OneOf(&["handle", "index"])));
        }
        Ok(CommandKind::RuleByPlace { table, chain, place })
    }

    // remove_table := family? (name | "handle" number)
    fn remove_table(&mut self) -> Read<CommandKind> {
        let mark = (self.token, self.end);
        let family = self.family().map(|(family, _)| family);
        if let Some(handle) = self.handle()? {
            let subject = Subject::Tables;
            return Ok(CommandKind::Broad { subject, family, table: None, handle: Some(handle) });
        }
        (self.token, self.end) = mark;
        Ok(CommandKind::Table(self.table()?))
    }

    // flush := "ruleset" family? | ("table" | "chain" | "set" | "map" | "meter" | "flow" "table") …
    fn flush(&mut self, start: u32) -> Read<CommandKind> {
        const WORDS: &[&str] = &["ruleset", "table", "chain", "set", "map", "meter", "flow"];
        match self.word() {
            "ruleset" => {
                self.bump();
                let family = self.family().map(|(family, _)| family);
                let subject = Subject::Ruleset;
                Ok(CommandKind::Broad { subject, family, table: None, handle: None })
            }
            "table" | "chain" | "set" | "map" => self.make(start),
            "meter" | "flow" => {
                if self.bump().span.len() == 4 {
                    self.expect(&["table"])?;
                }
                let table = self.table_ref()?;
                let set = Box::new(self.set_block(start, false, false)?);
                Ok(CommandKind::Set { table, set })
            }
            _ => Err(self.unexpected(Wanted::OneOf(WORDS))),
        }
    }

    // rename := "chain" table_ref name name
    fn rename(&mut self) -> Read<CommandKind> {
        self.expect(&["chain"])?;
        let table = self.table_ref()?;
        let old = self.name()?;
        let new = self.name()?;
        Ok(CommandKind::Rename { table, old, new })
    }

    // get := "element" table_ref name set
    fn get(&mut self) -> Read<CommandKind> {
        self.expect(&["element"])?;
        self.elements_command()
    }

    // list := many family? ("table" table_ref)? | one table_ref name? …
    fn list_command(&mut self, start: u32) -> Read<CommandKind> {
        const WORDS: &[&str] = &[
            "ruleset",
            "tables",
            "table",
            "chains",
            "chain",
            "sets",
            "set",
            "maps",
            "map",
            "counters",
            "counter",
            "quotas",
            "quota",
            "limits",
            "limit",
            "flowtables",
            "flowtable",
            "flow",
            "meters",
            "meter",
            "ct",
            "synproxys",
            "synproxy",
            "secmarks",
            "secmark",
            "hooks",
            "rules",
            "rule",
            "element",
            "tunnels",
            "tunnel",
        ];
        let subject = match self.word() {
            "ruleset" => Subject::Ruleset,
            "tables" => Subject::Tables,
            "chains" => Subject::Chains,
            "rules" => Subject::Rules,
            "sets" => Subject::Sets,
            "maps" => Subject::Maps,
            "meters" | "flow" => Subject::Meters,
            "flowtables" => Subject::Flowtables,
            "hooks" => Subject::Hooks,
            "counters" => Subject::Objects(ObjectKind::Counter),
            "quotas" => Subject::Objects(ObjectKind::Quota),
            "limits" => Subject::Objects(ObjectKind::Limit),
            "synproxys" => Subject::Objects(ObjectKind::Synproxy),
            "secmarks" => Subject::Objects(ObjectKind::Secmark),
            "tunnels" => Subject::Objects(ObjectKind::Tunnel),
            "ct" => self.subject_ahead(),
            "table" | "chain" | "set" | "map" | "counter" | "quota" | "limit" | "flowtable"
            | "synproxy" | "secmark" | "tunnel" => return self.make(start),
            "meter" => {
                self.bump();
                let table = self.table_ref()?;
                let set = Box::new(self.set_block(start, false, false)?);
                return Ok(CommandKind::Set { table, set });
            }
            "rule" => {
                self.bump();
                return self.remove_rule();
            }
            "element" => {
                self.bump();
                return self.elements_command();
            }
            _ => return Err(self.unexpected(Wanted::OneOf(WORDS))),
        };
        let first = self.bump();
        if matches!(self.slice(first.span), "ct" | "flow") {
            self.bump();
        }
        let family = self.family().map(|(family, _)| family);
        let mut table: Option<TableRef> = None;
        if self.take("table") {
            table = Some(self.table_ref()?);
        }
        let mut name: Option<Span> = table.map(|table| table.name);
        let named = matches!(subject, Subject::Rules | Subject::Hooks | Subject::Meters)
            || matches!(self.slice(first.span), "ct" | "flow");
        while named && matches!(self.token.kind, Kind::Word | Kind::Quoted) {
            let span = self.bump().span;
            name = name.or(Some(span));
        }
        let family = family.or(table.and_then(|table| table.family_span.map(|_| table.family)));
        Ok(CommandKind::Broad { subject, family, table: name, handle: None })
    }

    // other := ("import" | "export") "ruleset"? format | "monitor" event? object? format? | "describe" …
    fn other(&mut self, verb: &str) -> Read<CommandKind> {
        const OBJECTS: &[&str] =
            &["tables", "chains", "rules", "sets", "maps", "elements", "ruleset", "trace"];
        match verb {
            "describe" => {
                if self.at_end() {
                    return Err(self.unexpected(Wanted::Selector));
                }
                while !self.at_end() {
                    self.bump();
                }
            }
            "monitor" => {
                // The event is any word to the grammar.
                if !OBJECTS.contains(&self.word()) && !matches!(self.word(), "json" | "vm" | "xml")
                {
                    self.take_word();
                }
                if OBJECTS.contains(&self.word()) {
                    self.bump();
                }
                self.format(&["json", "xml"])?;
            }
            "import" => {
                self.take("ruleset");
                self.format(&["json", "xml"])?;
            }
            _ => {
                self.take("ruleset");
                self.format(&["json"])?;
            }
        }
        Ok(CommandKind::Other)
    }

    fn take_word(&mut self) {
        if self.token.kind == Kind::Word {
            self.bump();
        }
    }

    // format := ("vm"? word)?
    fn format(&mut self, formats: &'static [&'static str]) -> Read<()> {
        self.take("vm");
        if !self.at_end() {
            self.expect(formats)?;
        }
        Ok(())
    }
}
