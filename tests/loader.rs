//! The real loaders as judges: a line that one of them loads parses, a line that both refuse is an error.
//!
//! Runs where the process is root and may make a network namespace; says so aloud where not. `FWLINT_REQUIRE_LOADERS=1`
//! turns that into a failure, `FWLINT_LOADERS_ALL=1` tries every extension in every chain as well.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "counts and skips are said aloud")]

#[path = "loader/samples.rs"]
mod samples;

use fwlint::{
    source::SourceFile,
    syntax::{
        self, Dialect, ErrorKind,
        iptables::{
            Family, Hook, TableKind,
            extensions::{ALL, Among, Extension, Kind, OptionSpec},
        },
    },
};
use samples::samples;
use std::{collections::BTreeSet, env, fmt::Write as _, fs, process::Command};

/// One line in one table of one family.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Case {
    family: Family,
    table: &'static str,
    line: String,
    /// Whether a refusal by the kernel alone is the line's own fault.
    strict: bool,
}

impl Case {
    fn new(family: Family, table: TableKind, line: &str) -> Self {
        Self { family, table: table.name(), line: line.to_owned(), strict: false }
    }

    fn file(&self) -> String {
        format!("*{}\n{}\nCOMMIT\n", self.table, self.line)
    }

    fn parses(&self) -> Result<(), String> {
        let dialect =
            if self.family == Family::V4 { Dialect::Iptables } else { Dialect::Ip6tables };
        let source = SourceFile::new("-", self.file().into_bytes());
        let parsed = syntax::parse(&source, Some(dialect)).expect("a given dialect is taken");
        let truncated =
            |kind: &ErrorKind| matches!(kind, ErrorKind::LimitExceeded(limit) if limit.truncated);
        match parsed.errors.iter().find(|error| !truncated(&error.kind)) {
            None => Ok(()),
            Some(error) => Err(format!("{:?} at {:?}", error.kind, source.slice(error.span))),
        }
    }
}

#[test]
fn the_parser_agrees_with_the_loaders() {
    let mut cases: Vec<Case> = written().into_iter().chain(generated()).collect();
    cases.sort();
    cases.dedup();
    let Some(verdicts) = verdicts(&cases) else {
        assert!(env::var("FWLINT_REQUIRE_LOADERS").is_err(), "the loaders cannot run here");
        eprintln!("SKIPPED: no root, no network namespace or no iptables here");
        return;
    };
    let mut counts = [0u32; 3];
    let mut wrong = Vec::new();
    for (case, verdict) in cases.iter().zip(verdicts) {
        counts[verdict as usize] += 1;
        let parses = case.parses();
        let agrees = match verdict {
            Verdict::Loads => parses.is_ok(),
            Verdict::Refused => parses.is_err(),
            // The kernel lacks the module, or the host the object that is named; or the line is at fault.
            Verdict::KernelRefuses => !case.strict || parses.is_err(),
        };
        if !agrees && !DISAGREEMENTS.iter().any(|(part, _)| case.line.contains(part)) {
            wrong.push(format!(
                "{verdict:?}: {:?} {} {} => {:?}",
                case.family,
                case.table,
                case.line,
                parses.err()
            ));
        }
    }
    let [loads, refused, kernel] = counts;
    println!(
        "{loads} lines load, {refused} are refused, {kernel} by the kernel alone; {} disagreements",
        wrong.len()
    );
    assert!(cases.len() >= 300);
    assert!(wrong.is_empty(), "{} of {} disagree\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// What the two loaders make of a line, together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// One of them loads it.
    Loads,
    /// Neither can even read it.
    Refused,
    /// It reads well, and the kernel does not take it.
    KernelRefuses,
}

/// Parts of lines where we disagree on purpose, and why.
const DISAGREEMENTS: &[(&str, &str)] = &[
    (
        "65536",
        "glibc wraps the port to 0 where getaddrinfo reads it; the tcp match refuses it, and so do we",
    ),
    ("--on-port \"\"", "the same function reads an empty port as 0"),
    ("5:1", "a reversed range: refused since 1.8.11 (libxt_length.t, libip6t_frag.t)"),
    ("port 2:1", "a reversed range: refused since 1.8.11 (libxt_conntrack.t, libxt_udp.t)"),
    ("--ctproto 0", "refused since 1.8.11 (libxt_conntrack.t)"),
    ("--ctproto all", "refused since 1.8.11 (libxt_conntrack.t)"),
    ("/200", "a prefix length past the address, of which this option's reader takes the remainder"),
    ("-prefix 33", "a prefix length past the address"),
    ("--set --hitcount 0", "counts nothing"),
    ("--connlimit-mask 33", "a prefix length past the address"),
    ("--reject-with \"\"", "the empty word is the start of every reply"),
    ("--weekdays 8", "there is no eighth day"),
    ("-p 132 -m sctp --", "whether a service has an sctp port is up to the host's /etc/services"),
    ("-group x", "a name of the host's /etc/iproute2/group"),
    ("--realm x", "a name of the host's /etc/iproute2/rt_realms"),
    ("mld-listener", "a name since 1.8.10"),
    ("-m nosuch", "an extension that nobody knows is no error: FW001"),
    ("-m TCP", "an extension that nobody knows is no error: FW001"),
    ("-g mine", "a chain that the file does not define: FW412"),
    ("nosuchset", "a set that the file does not define"),
    ("--to-destination host.example", "names are not looked up here"),
    ("--rateest-interval 0.5s", "depends on the other option's value"),
    ("--object-pinned", "a file of the host"),
    ("--selctx", "mandatory access control is not in every kernel"),
    ("-j CLUSTERIP", "its options need a kernel module that is gone"),
];

fn verdicts(cases: &[Case]) -> Option<Vec<Verdict>> {
    let folder = tempfile::tempdir().ok()?;
    let mut script =
        String::from("ipset create known hash:ip; ipset create known6 hash:ip family inet6\n");
    for (number, case) in cases.iter().enumerate() {
        let path = folder.path().join(number.to_string());
        fs::write(&path, case.file()).ok()?;
        let program = if case.family == Family::V4 { "iptables" } else { "ip6tables" };
        let run = |variant: &str, test: &str| {
            format!("{program}-{variant}-restore {test} <{}", path.display())
        };
        let _ = writeln!(
            script,
            "{{ {} || {}; }} >/dev/null 2>&1 && echo loads || {{ {{ {} || {}; }} >/dev/null 2>&1 && echo kernel || echo refused; }}",
            run("legacy", ""),
            run("nft", ""),
            run("legacy", "--test"),
            run("nft", "--test"),
        );
    }
    fs::write(folder.path().join("script"), script).ok()?;
    let script = folder.path().join("script");
    let output = Command::new("unshare").args(["-n", "sh"]).arg(script).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let verdict = |line: &str| match line {
        "loads" => Some(Verdict::Loads),
        "kernel" => Some(Verdict::KernelRefuses),
        "refused" => Some(Verdict::Refused),
        _ => None,
    };
    let verdicts: Vec<_> = text.lines().filter_map(verdict).collect();
    // Where nothing at all loads, it is not the lines' fault.
    let works = verdicts.len() == cases.len() && verdicts.contains(&Verdict::Loads);
    works.then_some(verdicts)
}

/// Lines about the grammar and the core options.
fn written() -> Vec<Case> {
    let lines = include_str!("../fixtures/dialects/iptables/loader-lines.txt");
    let mut cases = Vec::new();
    let mut table = TableKind::Filter;
    for line in lines.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('*') {
            table = TableKind::of(name).expect("a table");
            continue;
        }
        let (family, line) = match line.strip_prefix("v6 ") {
            Some(line) => (Family::V6, line),
            None => (Family::V4, line),
        };
        let line = line.replace(" ;; ", "\n");
        cases.push(Case { strict: true, ..Case::new(family, table, &line) });
    }
    cases
}

/// Every option of every extension with good and bad values, negated, and without what it needs.
fn generated() -> Vec<Case> {
    let all = env::var("FWLINT_LOADERS_ALL").is_ok();
    let mut cases = Vec::new();
    for extension in ALL.iter().filter(|extension| extension.kind != Kind::Core) {
        for family in [Family::V4, Family::V6] {
            if extension.family.is_some_and(|it| it != family) {
                continue;
            }
            // What both families share is the same code in both, but for addresses.
            let shared = family == Family::V6 && extension.family.is_none() && !all;
            let differs = |option: &&OptionSpec| {
                !shared
                    || extension.name == "REJECT"
                    || samples(&option.value, Family::V4) != samples(&option.value, family)
            };
            let bare = Draft::new(extension, family);
            cases.push(bare.with(&[]));
            cases.push(bare.with(&companions(extension, family, None)));
            for option in extension
                .options
                .iter()
                .filter(|it| it.family.is_none_or(|it| it == family))
                .filter(differs)
            {
                option_cases(extension, (family, all), option, &mut cases);
            }
            if all {
                everywhere(extension, family, &mut cases);
            }
        }
    }
    cases
}

fn option_cases(
    extension: &'static Extension,
    (family, every_pair): (Family, bool),
    option: &'static OptionSpec,
    cases: &mut Vec<Case>,
) {
    let draft = Draft::new(extension, family).at(option.hooks);
    let others = companions(extension, family, Some(option));
    let with = |words: String| {
        let mut all = others.clone();
        all.push(words);
        draft.with(&all)
    };
    let values = samples(&option.value, family);
    for value in &values {
        cases.push(with(format!("--{} {value}", option.name)));
    }
    let first = values.first().cloned().unwrap_or_default();
    cases.push(draft.with(&[format!("--{} {first}", option.name)]));
    cases.push(with(format!("! --{} {first}", option.name)));
    cases.push(with(format!("--{0} {first} --{0} {first}", option.name)));
    for name in option.aliases {
        cases.push(with(format!("--{name} {first}")));
    }
    if !every_pair {
        return;
    }
    for other in extension
        .options
        .iter()
        .filter(|it| it.name != option.name && it.family.is_none_or(|it| it == family))
    {
        let value = samples(&other.value, family).first().cloned().unwrap_or_default();
        cases.push(with(format!("--{} {first} --{} {value}", option.name, other.name)));
    }
}

fn everywhere(extension: &'static Extension, family: Family, cases: &mut Vec<Case>) {
    // Not in every kernel, or about objects that this host would have to hold.
    if ["ULOG", "LED", "ipvs", "nfacct", "rateest", "cgroup"].contains(&extension.name) {
        return;
    }
    let needed = companions(extension, family, None);
    for table in TableKind::ALL {
        for hook in table.hooks() {
            let draft = Draft { extension, family, table, hook: *hook };
            cases.push(Case { strict: true, ..draft.with(&needed) });
            for option in extension.options.iter().filter(|it| !it.hooks.is_empty()) {
                let value = samples(&option.value, family).first().cloned().unwrap_or_default();
                let mut all = companions(extension, family, Some(option));
                all.push(format!("--{} {value}", option.name));
                cases.push(Case { strict: true, ..draft.with(&all) });
            }
        }
    }
}

/// A rule with one extension, to be completed.
#[derive(Clone, Copy)]
struct Draft {
    extension: &'static Extension,
    family: Family,
    table: TableKind,
    hook: Hook,
}

impl Draft {
    fn new(extension: &'static Extension, family: Family) -> Self {
        let draft = Self { extension, family, table: TableKind::Filter, hook: Hook::Forward };
        draft.at(&[])
    }

    /// Moves the rule to where the extension and an option of it are admitted.
    fn at(self, hooks: &[Hook]) -> Self {
        let fits = |hook: &Hook| {
            (hooks.is_empty() || hooks.contains(hook))
                && (self.extension.hooks.is_empty() || self.extension.hooks.contains(hook))
        };
        let tables: Vec<TableKind> = if self.extension.tables.is_empty() {
            vec![TableKind::Filter, TableKind::Mangle]
        } else {
            self.extension.tables.to_vec()
        };
        let place = tables.into_iter().find_map(|table| {
            table.hooks().iter().find(|hook| fits(hook)).map(|hook| (table, *hook))
        });
        let (table, hook) = place.unwrap_or((self.table, self.hook));
        Self { table, hook, ..self }
    }

    fn with(self, options: &[String]) -> Case {
        let protocol = match self.extension.name {
            "ah" if self.family == Family::V4 => "-p 51 ".to_owned(),
            "REJECT" | "DNAT" | "SNAT" | "MASQUERADE" | "REDIRECT" | "ECN" | "ecn" => {
                "-p 6 ".to_owned()
            }
            _ => self
                .extension
                .protocols
                .first()
                .map_or_else(String::new, |number| format!("-p {number} ")),
        };
        let letter = if self.extension.kind == Kind::Match { 'm' } else { 'j' };
        let name = self.extension.name;
        let line =
            format!("-A {} {protocol}-{letter} {name} {}", self.hook.name(), options.join(" "));
        Case::new(self.family, self.table, line.trim_end())
    }
}

/// What `option` needs beside it, or the extension where there is none.
fn companions(
    extension: &'static Extension,
    family: Family,
    option: Option<&OptionSpec>,
) -> Vec<String> {
    let mut names = BTreeSet::new();
    let given = |name: &str| option.is_some_and(|option| option.name == name);
    names.extend(
        extension.options.iter().filter(|it| it.mandatory && !given(it.name)).map(|it| it.name),
    );
    for group in extension.groups.iter().filter(|group| group.among != Among::AtMostOne) {
        let has = |name: &&str| given(name) || names.contains(name);
        let any = group.options.is_empty() && option.is_some();
        if !any && !group.options.iter().any(has) {
            names.extend(
                group
                    .options
                    .first()
                    .copied()
                    .or_else(|| extension.options.first().map(|it| it.name)),
            );
        }
    }
    names.extend(option.map_or(&[][..], |option| option.requires).iter().copied());
    let written = |name: &&str| {
        let spec = &extension.options
            [usize::from(extension.option(name).expect("a named option is there"))];
        let value = samples(&spec.value, family).first().cloned().unwrap_or_default();
        format!("--{name} {value}").trim_end().to_owned()
    };
    names.iter().filter(|name| !given(name)).map(written).collect()
}
