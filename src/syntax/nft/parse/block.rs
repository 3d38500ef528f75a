//! A table's block.

use super::{Kind, Parser, Read, Sign, lexer, variables::Common, wrong};
use crate::{
    source::Span,
    syntax::nft::{
        error::{ErrorKind, Wanted},
        tree::{CommandKind, Family, Item, Table, TableRef, Verb},
    },
};

/// The words that items of a table start with.
pub(super) const WORDS: &[&str] = &[
    "chain",
    "set",
    "map",
    "flowtable",
    "counter",
    "quota",
    "limit",
    "ct",
    "synproxy",
    "secmark",
    "tunnel",
    "flags",
    "comment",
    "include",
    "define",
    "redefine",
    "undefine",
];

impl Parser<'_> {
    // family := "ip" | "ip6" | "inet" | "arp" | "bridge" | "netdev"
    pub(super) fn family(&mut self) -> Option<(Family, Span)> {
        let family = Family::of(self.word())?;
        Some((family, self.bump().span))
    }

    // table_ref := family? name
    pub(super) fn table_ref(&mut self) -> Read<TableRef> {
        let family = self.family();
        let name = self.name()?;
        Ok(TableRef {
            family: family.map_or(Family::Ip, |(family, _)| family),
            family_span: family.map(|(_, span)| span),
            name,
        })
    }

    // table := "table" table_ref ("{" item* "}")?
    pub(super) fn table(&mut self) -> Read<Table> {
        let mut table = Table::of(self.table_ref()?);
        if self.is_sign(Sign::Open) {
            table.handle = self.listed_handle(self.token.span.end);
            table.body = Some(self.scoped(|it| it.block(|it| it.item(&mut table)))?);
        }
        Ok(table)
    }

    /// `{`, items with separators between them, `}`. An item that fails costs itself only.
    // block := "{" (item? (NL | ";"))* "}"
    pub(super) fn block(&mut self, mut item: impl FnMut(&mut Self) -> Read<()>) -> Read<Span> {
        let open = self.expect_sign(Sign::Open, &["{"])?;
        loop {
            self.skip_separators();
            if self.is_sign(Sign::Close) {
                let close = self.bump().span;
                return Ok(open.to(close));
            }
            if self.token.kind == Kind::End {
                // What is open is reported once, by the file.
                return Ok(open.to(self.token.span));
            }
            let marks = self.marks();
            let result = item(self);
            let result = result.and_then(|()| {
                // After a block, nothing need separate it from the next item.
                let closed =
                    self.end > 0 && self.text.as_bytes().get(self.end as usize - 1) == Some(&b'}');
                if self.at_end() || closed { Ok(()) } else { Err(self.unexpected(Wanted::End)) }
            });
            if let Err(error) = result {
                self.recover(error, marks);
            }
        }
    }

    /// Whether an item of a table starts here, with its name and its block.
    pub(super) fn is_inside_of_table(&self) -> bool {
        let mut name = self.second();
        if self.is("ct") {
            name = lexer::token(self.text, name.span.end);
        }
        WORDS.contains(&self.word())
            && name.kind == Kind::Word
            && lexer::token(self.text, name.span.end).kind == Kind::Sign(Sign::Open)
    }

    /// An item of a table where no table is: the inside of a table that another file includes there. Of those in a file,
    /// the first is an error.
    pub(super) fn inside_of_table(&mut self) -> Read<CommandKind> {
        if !self.outside {
            self.outside = true;
            self.errors.add(wrong(self.token.span, ErrorKind::OutsideTable));
        }
        let name = Span::default();
        let table = TableRef { family: Family::Ip, family_span: None, name };
        self.item(&mut Table::of(table))?;
        Ok(CommandKind::Wrong)
    }

    /// Whether a command before this one makes a table of family `ip` with that name.
    pub(super) fn makes_table(&self, name: &str) -> bool {
        self.file.commands.iter().any(|command| {
            let makes = matches!(command.verb, Verb::Add | Verb::Create);
            matches!(&command.kind, CommandKind::Table(block)
                if makes && block.table.family == Family::Ip && self.slice(block.table.name) == name)
        })
    }

    // item := chain | set | map | flowtable | object | "flags" … | comment | common
    fn item(&mut self, table: &mut Table) -> Read<()> {
        let start = self.token.span.start;
        if let Some(common) = self.common() {
            table.items.push(match common? {
                Common::Include => Item::Include,
                Common::Define(id) => Item::Define(id),
                Common::Undefine(name) => Item::Undefine(name),
            });
            return Ok(());
        }
        match self.word() {
            "chain" => {
                self.bump();
                let chain = self.chain(start, true)?;
                table.items.push(Item::Chain(chain));
            }
            "set" | "map" => {
                let is_map = self.is("map");
                self.bump();
                let set = self.set_block(start, is_map, true)?;
                table.items.push(Item::Set(Box::new(set)));
            }
            "flowtable" => {
                self.bump();
                let flowtable = self.flowtable(start, true)?;
                table.items.push(Item::Flowtable(flowtable));
            }
            "flags" => {
                self.bump();
                loop {
                    table.flags.push(self.token.span);
                    self.expect(&["dormant", "owner", "persist"])?;
                    if !self.take_sign(Sign::Comma) {
                        break;
                    }
                }
            }
            "comment" => self.only_comment(&mut table.comment)?,
            _ => match self.object_kind() {
                Some(kind) => {
                    let object = self.object(start, kind?, true)?;
                    table.items.push(Item::Object(object));
                }
                None => return Err(self.unexpected(Wanted::TableItem)),
            },
        }
        Ok(())
    }
}
