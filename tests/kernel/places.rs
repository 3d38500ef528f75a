//! Where in the files the rules of the kernel are written.
//!
//! The kernel knows a rule by a handle, its list gives the place of a handle in its chain, and the same chain is looked
//! for in the file. Nothing of `fwlint` reads the files here; where the numbers of rules differ, nothing is said.

use super::seen::TABLE;
use std::collections::BTreeMap;

/// A file of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// For `iptables-restore`.
    V4,
    /// For `ip6tables-restore`.
    V6,
    /// For `nft -f`.
    Nft,
}

/// A line of a file, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) file: Kind,
    pub(crate) line: u32,
}

/// Family, table and name of a chain.
type Chain = (String, String, String);

fn chain(family: &str, table: &str, name: &str) -> Chain {
    (family.to_owned(), table.to_owned(), name.to_owned())
}

/// What the kernel lists.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// The handles of each chain's rules, in their order.
    handles: BTreeMap<Chain, Vec<u64>>,
    /// The hook of each base chain, and whether it translates addresses.
    bases: BTreeMap<Chain, (String, bool)>,
}

impl Rules {
    /// From what `nft -j -a list ruleset` prints.
    pub(crate) fn of(json: &str) -> Self {
        let mut rules = Self::default();
        let value: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
        let is_ours = |it: &serde_json::Value| it["table"].as_str() == Some(TABLE);
        for object in value["nftables"].as_array().into_iter().flatten() {
            if is_ours(&object["chain"]) {
                continue;
            }
            let rule = &object["rule"];
            let text = |key: &str| rule[key].as_str().unwrap_or_default();
            if let Some(handle) = rule["handle"].as_u64() {
                let chain = chain(text("family"), text("table"), text("chain"));
                rules.handles.entry(chain).or_default().push(handle);
            }
            let base = &object["chain"];
            let text = |key: &str| base[key].as_str().unwrap_or_default();
            if !text("hook").is_empty() {
                let chain = chain(text("family"), text("table"), text("name"));
                rules.bases.insert(chain, (text("hook").to_owned(), text("type") == "nat"));
            }
        }
        rules
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bases.is_empty()
    }

    /// The hook of a base chain, and whether it translates addresses.
    pub(crate) fn base(&self, family: &str, table: &str, name: &str) -> Option<(String, bool)> {
        self.bases.get(&chain(family, table, name)).cloned()
    }

    /// How many rules before that one its chain has.
    pub(crate) fn index(
        &self,
        family: &str,
        table: &str,
        name: &str,
        handle: u64,
    ) -> Option<usize> {
        self.handles.get(&chain(family, table, name))?.iter().position(|it| *it == handle)
    }

    fn count(&self, chain: &Chain) -> Option<usize> {
        self.handles.get(chain).map(Vec::len)
    }
}

/// The lines of each chain's rules, in their order; `None` where that cannot be told from the text alone.
#[derive(Debug, Default)]
pub(crate) struct Places(BTreeMap<Chain, Option<Vec<Place>>>);

impl Places {
    /// The place of a rule. `rules`, where the kernel lists them, must have as many in that chain.
    pub(crate) fn of(
        &self,
        rules: Option<&Rules>,
        (family, table, name): (&str, &str, &str),
        index: usize,
    ) -> Option<Place> {
        let chain = chain(family, table, name);
        let places = self.0.get(&chain)?.as_ref()?;
        let is_all = rules.is_none_or(|rules| rules.count(&chain) == Some(places.len()));
        places.get(index).copied().filter(|_| is_all)
    }

    pub(crate) fn rule_count(&self) -> usize {
        self.0.values().flatten().map(Vec::len).sum()
    }

    /// Whether the file has that many rules in a chain, and one more.
    pub(crate) fn has(&self, (family, table, name): (&str, &str, &str), index: usize) -> bool {
        let places = self.0.get(&chain(family, table, name)).and_then(Option::as_ref);
        places.is_some_and(|it| index < it.len())
    }

    /// Reads a restore file.
    pub(crate) fn read_restore(&mut self, text: &str, file: Kind) {
        let family = if file == Kind::V4 { "ip" } else { "ip6" };
        let mut table = "";
        for (line, number) in text.lines().zip(1..) {
            let mut words = line.split_whitespace().skip_while(|word| word.starts_with('['));
            let Some(first) = words.next() else { continue };
            if let Some(name) = first.strip_prefix('*') {
                table = name;
                continue;
            }
            if !first.starts_with('-') {
                continue;
            }
            let rest: Vec<&str> = words.collect();
            let Some(name) = rest.first() else { continue };
            let place = Place { file, line: number };
            let entry =
                self.0.entry(chain(family, table, name)).or_insert_with(|| Some(Vec::new()));
            let Some(places) = entry else { continue };
            let count = expansions(&rest);
            match first {
                "-A" => places.extend(vec![place; count]),
                "-I" => {
                    let at = rest.get(1).and_then(|it| it.parse::<usize>().ok()).unwrap_or(1);
                    for _ in 0..count {
                        places.insert((at - 1).min(places.len()), place);
                    }
                }
                "-N" | "-P" => {}
                _ => *entry = None,
            }
        }
    }

    /// Reads a file of nft.
    pub(crate) fn read_nft(&mut self, text: &str) {
        let mut blocks: Vec<String> = Vec::new();
        for (statement, line, opens) in statements(text) {
            let words: Vec<&str> = statement.split_whitespace().collect();
            match (words.first().copied(), opens) {
                (Some("}"), _) => drop(blocks.pop()),
                (_, true) => blocks.push(statement.clone()),
                (None | Some("type" | "policy" | "comment" | "devices" | "device"), _) => {}
                (Some(verb), false) => self.rule(&blocks, verb, &words, line),
            }
        }
    }

    fn rule(&mut self, blocks: &[String], verb: &str, words: &[&str], line: u32) {
        let place = Place { file: Kind::Nft, line };
        let mut push = |chain: Chain, at_front: bool, is_plain: bool| {
            let entry = self.0.entry(chain).or_insert_with(|| Some(Vec::new()));
            match entry {
                Some(places) if is_plain && at_front => places.insert(0, place),
                Some(places) if is_plain => places.push(place),
                _ => *entry = None,
            }
        };
        if let [table, name] = blocks {
            let (table, name): (Vec<&str>, Vec<&str>) =
                (table.split_whitespace().collect(), name.split_whitespace().collect());
            if let (Some((family, table)), Some(["chain", name])) =
                (named(table.get(1..).unwrap_or_default()), name.get(..2))
            {
                push(chain(family, table, name), false, true);
            }
            return;
        }
        let object = if verb == "rule" { words } else { words.get(1..).unwrap_or_default() };
        if !blocks.is_empty() || object.first() != Some(&"rule") {
            return;
        }
        let rest = &object[1..];
        let Some((family, table)) = named(rest) else { return };
        let rest = &rest[if FAMILIES.contains(&rest[0]) { 2 } else { 1 }..];
        let Some(name) = rest.first() else { return };
        let is_placed = matches!(rest.get(1), Some(&("index" | "position" | "handle")));
        let is_plain = !is_placed && matches!(verb, "rule" | "add" | "insert");
        push(chain(family, table, name), verb == "insert", is_plain);
    }
}

/// Into how many rules a line of iptables is made.
fn expansions(words: &[&str]) -> usize {
    let of = |pair: &[&str]| match pair {
        ["-s" | "-d" | "--source" | "--src" | "--destination" | "--dst", list] => {
            list.split(',').count()
        }
        _ => 1,
    };
    words.windows(2).map(of).product()
}

const FAMILIES: [&str; 6] = ["ip", "ip6", "inet", "arp", "bridge", "netdev"];

fn named<'a>(words: &[&'a str]) -> Option<(&'a str, &'a str)> {
    match words {
        [family, name, ..] if FAMILIES.contains(family) => Some((family, name)),
        [name, ..] => Some(("ip", name)),
        [] => None,
    }
}

/// The statements of a file of nft, the line where each begins, and whether it opens a block. A closed block is `}`.
fn statements(text: &str) -> Vec<(String, u32, bool)> {
    let mut found = Vec::new();
    let mut statement = String::new();
    let (mut line, mut begun, mut inside) = (1, 1, 0_u32);
    let mut end = |statement: &mut String, begun: u32, opens: bool| {
        let text = std::mem::take(statement).trim().to_owned();
        if opens || !text.is_empty() {
            found.push((text, begun, opens));
        }
    };
    let mut characters = text.chars().peekable();
    while let Some(it) = characters.next() {
        if statement.trim().is_empty() {
            begun = line;
        }
        match it {
            '#' => while characters.next_if(|it| *it != '\n').is_some() {},
            '"' => {
                statement.push(it);
                while let Some(it) = characters.next_if(|it| *it != '"') {
                    statement.push(it);
                }
                statement.extend(characters.next());
            }
            '\\' if characters.next_if_eq(&'\n').is_some() => line += 1,
            '{' if inside == 0 && opens_block(&statement) => end(&mut statement, begun, true),
            '{' => {
                inside += 1;
                statement.push(it);
            }
            '}' if inside > 0 => {
                inside -= 1;
                statement.push(it);
            }
            '}' => {
                end(&mut statement, begun, false);
                statement.push('}');
                end(&mut statement, line, false);
            }
            ';' | '\n' if inside == 0 => {
                end(&mut statement, begun, false);
                line += u32::from(it == '\n');
            }
            _ => {
                line += u32::from(it == '\n');
                statement.push(if it == '\n' { ' ' } else { it });
            }
        }
    }
    end(&mut statement, begun, false);
    found
}

fn opens_block(statement: &str) -> bool {
    let mut words = statement.split_whitespace();
    let first = words.next().unwrap_or_default();
    let object = if matches!(first, "add" | "create") { words.next() } else { Some(first) };
    let rest = words.count();
    let is_named = |it: &str| {
        matches!(it, "table" | "chain" | "set" | "map" | "flowtable")
            || rest == 1 && matches!(it, "counter" | "quota" | "limit" | "secmark" | "synproxy")
    };
    object.is_some_and(is_named)
}

#[cfg(test)]
mod tests {
    use super::{Kind, Place, Places};

    #[test]
    fn rules_are_found_in_restore_files() {
        let mut places = Places::default();
        places.read_restore(
            "*filter\n:INPUT DROP [0:0]\n[1:2] -A INPUT -s 10.0.0.1,10.0.0.2 -j DROP\n\
             -A INPUT -j ACCEPT\n-I INPUT -j LOG\nCOMMIT\n",
            Kind::V4,
        );
        let line = |index| places.of(None, ("ip", "filter", "INPUT"), index).map(|it| it.line);
        assert_eq!([0, 1, 2, 3, 4].map(line), [Some(5), Some(3), Some(3), Some(4), None]);
    }

    #[test]
    fn rules_are_found_in_files_of_nft() {
        let mut places = Places::default();
        places.read_nft(
            "define p = { 22, 23 }\ntable inet t { # one\n  set s { type ipv4_addr\n elements = { 10.0.0.1,\n\
             10.0.0.2 }\n }\n  chain c {\n    type filter hook input priority 0; policy drop;\n    \
             tcp dport { 22,\n      23 } accept; drop comment \"a; } b\"\n  }\n}\n\
             add rule inet t c accept\ninsert rule inet t c \\\n  drop\n",
        );
        let place = |index| places.of(None, ("inet", "t", "c"), index);
        let line = |index| place(index).map(|it| it.line);
        assert_eq!([0, 1, 2, 3, 4].map(line), [Some(14), Some(9), Some(10), Some(13), None]);
        assert_eq!(place(0), Some(Place { file: Kind::Nft, line: 14 }));
    }
}
