//! Jumps that lead back to where they came from, which the kernel refuses where a hook leads to them.

use super::Checker;
use crate::{
    source::Span,
    syntax::nft::{
        error::ErrorKind,
        tree::{
            Chain, CommandKind, ExprId, ExprKind, Family, Ids, Item, Jump, StatementKind, TableRef,
            Verb, Verdict,
        },
    },
};
use rustc_hash::FxHashMap;

/// Where a jump stands, and to which chain.
type Edge = (usize, Span);

struct Graph<'f> {
    index: FxHashMap<(Family, &'f str, &'f str), usize>,
    edges: Vec<Vec<(&'f str, Span)>>,
    base: Vec<bool>,
    tables: Vec<(Family, &'f str)>,
}

pub(super) fn check(checker: &mut Checker<'_>) {
    let mut graph = Graph {
        index: FxHashMap::default(),
        edges: Vec::new(),
        base: Vec::new(),
        tables: Vec::new(),
    };
    for command in &checker.file.commands {
        let makes = matches!(command.verb, Verb::Add | Verb::Create | Verb::Insert);
        match &command.kind {
            // What a command takes away again is beyond this.
            CommandKind::RuleByPlace { .. } => return,
            CommandKind::Chain { .. } | CommandKind::Table(_) if !makes => return,
            CommandKind::Table(table) => {
                for item in &table.items {
                    if let Item::Chain(chain) = item {
                        graph.chain(checker, table.table, chain);
                    }
                }
            }
            CommandKind::Chain { table, chain } => graph.chain(checker, *table, chain),
            CommandKind::Rule { table, chain, rule, .. } if makes => {
                let node = graph.node(checker, *table, *chain);
                let mut found = Vec::new();
                collect(checker, rule.statements, &mut found, 0);
                graph.edges[node].extend(found);
            }
            _ => {}
        }
    }
    for span in graph.cycles() {
        checker.add(span, ErrorKind::JumpLoop);
    }
}

impl<'f> Graph<'f> {
    fn node(&mut self, checker: &Checker<'f>, table: TableRef, chain: Span) -> usize {
        let key = (table.family, checker.slice(table.name), checker.slice(chain));
        *self.index.entry(key).or_insert_with(|| {
            self.edges.push(Vec::new());
            self.base.push(false);
            self.tables.push((key.0, key.1));
            self.edges.len() - 1
        })
    }

    fn chain(&mut self, checker: &Checker<'f>, table: TableRef, chain: &Chain) {
        let node = self.node(checker, table, chain.name);
        self.base[node] |= chain.base.is_some();
        let mut found = Vec::new();
        for rule in checker.file.rules(chain.rules) {
            collect(checker, rule.statements, &mut found, 0);
        }
        self.edges[node].extend(found);
    }

    /// The jumps that close a loop, one a loop, from the base chains on.
    fn cycles(&self) -> Vec<Span> {
        let edges: Vec<Vec<Edge>> = self
            .edges
            .iter()
            .zip(&self.tables)
            .map(|(edges, (family, table))| {
                let find = |(name, span): &(&'f str, Span)| {
                    self.index.get(&(*family, *table, *name)).map(|node| (*node, *span))
                };
                edges.iter().filter_map(find).collect()
            })
            .collect();
        let mut found = Vec::new();
        // 0 not seen, 1 on the way, 2 done.
        let mut state = vec![0_u8; edges.len()];
        for start in (0..edges.len()).filter(|node| self.base[*node]) {
            if state[start] != 0 {
                continue;
            }
            let mut stack = vec![(start, 0)];
            state[start] = 1;
            while let Some((node, next)) = stack.last_mut() {
                let Some((target, span)) = edges[*node].get(*next).copied() else {
                    state[*node] = 2;
                    stack.pop();
                    continue;
                };
                *next += 1;
                match state[target] {
                    0 => {
                        state[target] = 1;
                        stack.push((target, 0));
                    }
                    1 => found.push(span),
                    _ => {}
                }
            }
        }
        found
    }
}

/// The jumps in some statements.
fn collect<'f>(
    checker: &Checker<'f>,
    statements: Ids,
    found: &mut Vec<(&'f str, Span)>,
    depth: u32,
) {
    for statement in checker.file.statements(statements) {
        match statement.kind {
            StatementKind::Verdict(verdict) => jump(checker, verdict, found, depth),
            StatementKind::Vmap { map, .. } => {
                let Some(map) = checker.file.resolved(map) else { continue };
                if let ExprKind::Set(elements) = checker.file.expr(map).kind {
                    for data in checker.file.elements(elements).iter().filter_map(|it| it.data) {
                        data_jump(checker, data, found, depth);
                    }
                }
            }
            _ => {}
        }
    }
}

fn data_jump<'f>(
    checker: &Checker<'f>,
    data: ExprId,
    found: &mut Vec<(&'f str, Span)>,
    depth: u32,
) {
    if let ExprKind::Verdict(verdict) = checker.file.expr(data).kind {
        jump(checker, verdict, found, depth);
    }
}

fn jump<'f>(checker: &Checker<'f>, verdict: Verdict, found: &mut Vec<(&'f str, Span)>, depth: u32) {
    let (Verdict::Jump(jump) | Verdict::Goto(jump)) = verdict else { return };
    match jump {
        Jump::Chain(id) => {
            let span = checker.file.expr(id).span;
            found.push((checker.slice(span), span));
        }
        Jump::Block(rules) if depth < 64 => {
            for rule in checker.file.rules(rules) {
                collect(checker, rule.statements, found, depth + 1);
            }
        }
        Jump::Block(_) => {}
    }
}
