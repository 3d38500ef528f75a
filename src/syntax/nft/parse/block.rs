//! A table's block.

use super::{Kind, Parser, Read, Sign, variables::Common};
use crate::{
    source::Span,
    syntax::nft::{
        error::Wanted,
        tree::{Family, Item, Table, TableRef},
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
        let table = self.table_ref()?;
        let mut table = Table {
            table,
            body: None,
            flags: Vec::new(),
            comment: None,
            items: Vec::new(),
            handle: None,
        };
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
