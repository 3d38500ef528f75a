//! The shape of the repository: layers look to their left only, files stay short, and every folder says what it is for.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The layers in the order the data flows: each may use those before it. `words` is everybody's.
const LAYERS: [&str; 12] = [
    "words",
    "source",
    "syntax",
    "model",
    "lower",
    "packets",
    "knowledge",
    "settings",
    "analysis",
    "lints",
    "commands",
    "report",
];

/// Files may have this many lines.
const MOST_LINES: usize = 500;

/// Longer files, and why each is one file.
const LONG: &[(&str, &str)] = &[
    ("src/knowledge/index.rs", "generated from `rules/`"),
    ("src/syntax/nft/datatype.rs", "one table of the language's types and their words"),
    ("src/syntax/nft/fields.rs", "one table of the headers and their fields"),
    ("tests/lints.rs", "one judge of every example and fixture"),
    ("tests/report.rs", "one report, looked at from every side"),
    ("tests/review.rs", "one review, looked at from every side"),
];

/// What the top level may hold, besides dot files and what `cargo` builds.
const TOP: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "benches",
    "deny.toml",
    "fixtures",
    "fuzz",
    "justfile",
    "proptest-regressions",
    "rules",
    "rustfmt.toml",
    "src",
    "target",
    "tests",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Everything below `folder` that `wanted` asks for, as paths from the root, sorted.
fn below(folder: &str, wanted: fn(&Path) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        folders.extend(paths.iter().filter(|path| path.is_dir()).cloned());
        paths.retain(|path| wanted(path));
        let name = |path: PathBuf| {
            let path = path.strip_prefix(root()).expect("a path below the root");
            path.to_str().expect("names are ASCII").replace('\\', "/")
        };
        found.extend(paths.into_iter().map(name));
    }
    found.sort();
    found
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "rs")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("a listed file")
}

/// The text without comments, as far as a line can tell.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line.trim_start();
        let comment = line.starts_with("//");
        if comment { "" } else { line.split(" // ").next().unwrap_or_default() }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The first words of what follows a path's root: `a` of `a::b`, both of `{a::b, c}`.
fn heads(rest: &str) -> Vec<&str> {
    let end = |text: &str| {
        text.find(|it: char| !it.is_ascii_alphanumeric() && it != '_').unwrap_or(text.len())
    };
    let Some(group) = rest.strip_prefix('{') else { return vec![&rest[..end(rest)]] };
    let mut heads = Vec::new();
    let (mut depth, mut fresh) = (0_u32, true);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            it if it.is_whitespace() => {}
            _ if fresh => {
                let head = &group[at..];
                heads.push(&head[..end(head)]);
                fresh = false;
            }
            _ => {}
        }
    }
    heads
}

/// The layers that a file of `src/` names, by `crate::` or by climbing out of its own.
fn named<'t>(path: &str, code: &'t str) -> BTreeSet<&'t str> {
    let module = path.trim_start_matches("src/").trim_end_matches(".rs");
    let module = module.trim_end_matches("/mod");
    let depth = module.split('/').count();
    let climb = "super::".repeat(depth);
    let mut named = BTreeSet::new();
    for root in ["crate::", climb.as_str()] {
        for (at, _) in code.match_indices(root) {
            let rest = &code[at + root.len()..];
            // A longer climb is found at its end.
            let climbs_on = rest.starts_with("super::");
            if !climbs_on {
                named.extend(heads(rest));
            }
        }
    }
    named
}

/// Whether a file is the program around the library, right of all layers.
fn is_the_program(path: &str) -> bool {
    path == "src/main.rs" || path.starts_with("src/process/")
}

#[test]
fn a_layer_uses_only_what_stands_to_its_left() {
    let rank = |name: &str| LAYERS.iter().position(|layer| *layer == name);
    let mut wrong = Vec::new();
    for path in below("src", is_rust) {
        let Some((layer, _)) = path.trim_start_matches("src/").split_once('/') else { continue };
        if is_the_program(&path) {
            continue;
        }
        let own = rank(layer).unwrap_or_else(|| panic!("{layer} is no layer"));
        let text = read(&path);
        let code = code(&text);
        for name in named(&path, &code) {
            // What is no layer comes from the tests inside a layer's own file.
            if rank(name).is_some_and(|it| it > own) {
                wrong.push(format!("{path} ({layer}) uses {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_use_lines_sees_groups_and_climbs() {
    let of = |path: &str, text: &str| {
        let code = code(text);
        named(path, &code).into_iter().map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of("src/a/b.rs", "use crate::{\n    x::{y, z},\n    v,\n};"), "v x");
    assert_eq!(of("src/a/b.rs", "fn f() -> crate::x::Y {}"), "x");
    assert_eq!(of("src/a/b.rs", "use super::super::x::Y;"), "x");
    assert_eq!(of("src/a/b/c.rs", "use super::super::x::Y;"), "");
    assert_eq!(of("src/a/mod.rs", "use super::{x, y};"), "x y");
    assert_eq!(of("src/a/b.rs", "/// See [`crate::x`].\n// crate::y"), "");
}

#[test]
fn packets_know_nothing_of_firewalls() {
    for path in below("src/packets", is_rust) {
        let text = read(&path);
        let code = code(&text);
        let others: Vec<_> =
            named(&path, &code).into_iter().filter(|it| *it != "packets").collect();
        assert!(others.is_empty(), "{path} uses {others:?}");
    }
}

#[test]
fn only_main_touches_the_process() {
    const PROCESS: [&str; 6] =
        ["std::process", "env::var", "env::args", "io::stdout", "io::stdin", "io::stderr"];
    for path in below("src", is_rust).iter().filter(|path| !is_the_program(path)) {
        let text = read(path);
        let code = code(&text);
        let named: Vec<_> = PROCESS.iter().filter(|name| code.contains(*name)).collect();
        assert!(named.is_empty(), "{path} uses {named:?}");
    }
}

#[test]
fn files_are_short_or_say_why_not() {
    let files = below("src", is_rust).into_iter().chain(below("tests", is_rust));
    for path in files.chain(below("benches", is_rust)) {
        let lines = read(&path).lines().count();
        let listed = LONG.iter().any(|(long, _)| *long == path);
        assert!(lines <= MOST_LINES || listed, "{path} has {lines} lines");
        assert!(lines > MOST_LINES || !listed, "{path} has {lines} lines and needs no reason");
    }
    for (path, reason) in LONG {
        assert!(root().join(path).is_file() && !reason.is_empty(), "{path}");
    }
}

#[test]
fn every_folder_is_a_module_that_says_what_it_is_for() {
    for folder in below("src", Path::is_dir) {
        let path = format!("{folder}/mod.rs");
        assert!(root().join(&path).is_file(), "{path} is missing");
        assert!(read(&path).starts_with("//! "), "{path} does not say what it is for");
    }
    for path in below("tests", is_rust).iter().chain(&below("benches", is_rust)) {
        assert!(read(path).starts_with("//! "), "{path} does not say what it is for");
    }
}

#[test]
fn nothing_is_put_off() {
    // Spelt in two halves, or this file would find itself.
    let words = [
        ("#[ign", "ore"),
        ("to", "do!("),
        ("unimplem", "ented!("),
        ("#[should_", "panic"),
        ("TO", "DO"),
    ]
    .map(|(a, b)| format!("{a}{b}"));
    for folder in ["src", "tests", "benches"] {
        for path in below(folder, is_rust) {
            let text = read(&path);
            for word in &words {
                assert!(!text.contains(word), "{path} has {word}");
            }
        }
    }
}

#[test]
fn the_top_level_is_what_the_ecosystem_expects() {
    let entries = fs::read_dir(root()).expect("a readable folder");
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(name.starts_with('.') || TOP.contains(&name.as_str()), "{name}");
    }
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(root().join(name).is_file(), "{name} is missing");
    }
}
