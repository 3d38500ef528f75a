//! How long the whole program takes, as ratios: against the loaders' own test on the same file, against counting its
//! lines, and against a program that does nothing.
//!
//! `cargo bench` prints every table, `cargo bench -- mixed nft` those of these names. Every round runs everything once, so
//! that a busy moment falls on all alike, and the tables hold medians. What cannot run here is said and left out. A program
//! of its own because what is measured are processes, not functions.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the tables are its output")]

mod generate;
mod measure;

use measure::{Measured, Program, milliseconds, ratio};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// Set where the benchmark already runs in a network namespace of its own.
const INSIDE: &str = "FWLINT_BENCH_INSIDE";

const SEED: u64 = 1;

type Table = (&'static str, fn(&Path));

const TABLES: [Table; 6] = [
    ("grown", grown),
    ("mixed", mixed),
    ("shapes", shapes),
    ("nft", nft),
    ("commands", commands),
    ("start", start),
];

fn main() -> ExitCode {
    if env::var_os(INSIDE).is_none() {
        let inside = inside();
        if let Some(code) = inside {
            return code;
        }
        eprintln!("no network namespace here: the loaders are left out");
    }
    let folder = tempfile::tempdir().expect("a directory for the files");
    // Cargo hands over words of its own, such as `--bench`.
    let wanted: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    for (name, table) in TABLES {
        if wanted.is_empty() || wanted.iter().any(|it| it == name) {
            println!("{name}\n");
            table(folder.path());
            println!();
        }
    }
    println!("× is how often the time of a column fits into that of fwlint on the same file.");
    ExitCode::SUCCESS
}

/// Runs the same benchmark in a network namespace, where the loaders can do no harm.
fn inside() -> Option<ExitCode> {
    let can = Command::new("unshare").args(["-n", "true"]).output();
    if !can.is_ok_and(|output| output.status.success()) {
        return None;
    }
    let program = env::current_exe().ok()?;
    let mut command = Command::new("unshare");
    command.arg("-n").arg(program).args(env::args_os().skip(1)).env(INSIDE, "1");
    let succeeds = command.status().is_ok_and(|status| status.success());
    Some(if succeeds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a server's file looks like once it has grown, against both variants of the loader.
fn grown(folder: &Path) {
    against_loaders(folder, &[1_000, 10_000, 100_000], |count| generate::grown(count, SEED));
}

/// Rules of all kinds in no order.
fn mixed(folder: &Path) {
    against_loaders(folder, &[1_000, 10_000, 100_000], generate::mixed);
}

fn against_loaders(folder: &Path, sizes: &[usize], rules: impl Fn(usize) -> String) {
    println!(
        "| rules | fwlint | legacy --test | nft --test | counting lines | MiB fwlint | legacy | nft |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|");
    for size in sizes {
        let path = write(folder, "rules.v4", &rules(*size));
        let mut programs = vec![Some(fwlint(&["check"], &[&path]))];
        programs.extend(
            ["iptables-legacy-restore", "iptables-nft-restore"]
                .map(|name| loader(&[name, "--test"], &path)),
        );
        let rounds = (200_000 / size).clamp(3, 21);
        let measured = measure::all(&programs, rounds);
        let own = measured[0].expect("fwlint runs");
        let counting = measure::counting_lines(&path, rounds);
        println!(
            "| {size} | {} | {} | {} | {} ({}) | {} | {} | {} |",
            milliseconds(own.time),
            compared(own, measured[1]),
            compared(own, measured[2]),
            milliseconds(counting),
            ratio(own.time, counting),
            mebibytes(measured[0]),
            mebibytes(measured[1]),
            mebibytes(measured[2]),
        );
    }
}

/// What a rule costs in rule sets of other shapes, against what it costs among 100,000 mixed ones.
fn shapes(folder: &Path) {
    let shapes = [
        ("100,000 mixed", 100_000, generate::mixed(100_000)),
        ("100,000 banned sources and services", 100_000, generate::blocklist(100_000)),
        ("10,000 of five fields", 10_000, generate::five_tuples(10_000)),
        ("50,000 in a nest of chains", 50_000, generate::nest(50_000)),
    ];
    let programs: Vec<Option<Program>> = shapes
        .iter()
        .map(|(name, _, text)| {
            let path = write(folder, &format!("{}.v4", name.replace([' ', ','], "-")), text);
            Some(fwlint(&["check"], &[&path]))
        })
        .collect();
    let measured = measure::all(&programs, 9);
    let each = |at: usize| {
        let own: Measured = measured[at].expect("fwlint runs");
        own.time.as_secs_f64() * 1e6 / f64::from(u32::try_from(shapes[at].1).expect("small"))
    };
    println!("| rules | fwlint | µs a rule | of the first |\n|:--|--:|--:|--:|");
    for (at, (name, ..)) in shapes.iter().enumerate() {
        let own = measured[at].expect("fwlint runs");
        let (mine, first) = (each(at), each(0));
        println!("| {name} | {} | {mine:.2} | {:.2} |", milliseconds(own.time), mine / first);
    }
}

/// Files of nftables, against `nft -c -f`.
fn nft(folder: &Path) {
    println!("| file | fwlint | nft -c -f | MiB fwlint | nft |\n|:--|--:|--:|--:|--:|");
    let (rules, set) = (generate::mixed_nft(100_000), generate::nft_set(1_000_000));
    let both = format!("{rules}{set}");
    for (name, text) in [
        ("100,000 mixed rules", rules),
        ("a set of 1,000,000 addresses", set),
        ("both in one file", both),
    ] {
        let path = write(folder, "rules.nft", &text);
        let programs = [Some(fwlint(&["check"], &[&path])), loader(&["nft", "-c", "-f"], &path)];
        let measured = measure::all(&programs, 3);
        let own = measured[0].expect("fwlint runs");
        println!(
            "| {name} | {} | {} | {} | {} |",
            milliseconds(own.time),
            compared(own, measured[1]),
            mebibytes(measured[0]),
            mebibytes(measured[1]),
        );
    }
}

/// The other commands on 100,000 mixed rules, against `check`.
fn commands(folder: &Path) {
    let text = generate::mixed(100_000);
    let path = write(folder, "rules.v4", &text);
    let changed = write(folder, "changed.v4", &generate::changed(&text));
    let packet = "tcp 198.51.100.7:40000 -> 192.0.2.1:79 in eth0";
    let programs = [
        ("check", fwlint(&["check"], &[&path])),
        ("review", fwlint(&["review"], &[&path])),
        ("trace", fwlint(&["trace", packet], &[&path])),
        ("diff of ten changed rules", fwlint(&["diff"], &[&path, &changed])),
    ];
    let lines: Vec<Option<Program>> = programs.iter().map(|it| Some(it.1.clone())).collect();
    let measured = measure::all(&lines, 3);
    let check = measured[0].expect("fwlint runs");
    println!("| command | time | of check | MiB |\n|:--|--:|--:|--:|");
    for ((name, _), own) in programs.iter().zip(&measured) {
        let time = own.expect("fwlint runs").time;
        let of_check = ratio(time, check.time);
        println!("| {name} | {} | {of_check} | {} |", milliseconds(time), mebibytes(*own));
    }
}

/// What starting costs: a file of 30 rules against a program that does nothing.
fn start(folder: &Path) {
    let path = write(folder, "30.v4", &generate::grown(30, SEED));
    let Some(empty) = empty_program(folder) else {
        eprintln!("no rustc here: the empty program is left out");
        return;
    };
    let programs = [Some(fwlint(&["check"], &[&path])), Some(Program::new(vec![text(&empty)]))];
    let measured = measure::all(&programs, 101);
    let [own, empty] = [0, 1].map(|at: usize| measured[at].expect("both run").time);
    println!(
        "30 rules: {}, {} a Rust program that does nothing ({}).",
        milliseconds(own),
        ratio(own, empty),
        milliseconds(empty),
    );
}

fn empty_program(folder: &Path) -> Option<PathBuf> {
    let source = folder.join("empty.rs");
    let program = folder.join("empty");
    fs::write(&source, "//! Nothing.\nfn main() {}\n").ok()?;
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-O").arg("-o").arg(&program).arg(source).output().ok()?;
    output.status.success().then_some(program)
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).expect("written");
    path
}

fn fwlint(command: &[&str], paths: &[&Path]) -> Program {
    let mut words = vec![env!("CARGO_BIN_EXE_fwlint").to_owned()];
    words.extend(command.iter().map(|it| (*it).to_owned()));
    words.extend(["--color", "never"].map(str::to_owned));
    words.extend(paths.iter().map(|it| text(it)));
    Program::new(words)
}

/// A loader that only tests, where there is one.
fn loader(words: &[&str], path: &Path) -> Option<Program> {
    let line = words.iter().map(|it| (*it).to_owned()).chain([text(path)]).collect();
    let program = Program::new(line);
    if env::var_os(INSIDE).is_none() || !program.succeeds() {
        eprintln!("{} cannot test this file here: left out", words[0]);
        return None;
    }
    Some(program)
}

fn text(path: &Path) -> String {
    path.to_str().expect("temporary paths are text").to_owned()
}

fn compared(own: Measured, other: Option<Measured>) -> String {
    other.map_or_else(
        || "-".to_owned(),
        |it| format!("{} ({})", milliseconds(it.time), ratio(own.time, it.time)),
    )
}

fn mebibytes(measured: Option<Measured>) -> String {
    let peak = measured.and_then(|it| it.peak);
    peak.map_or_else(|| "-".to_owned(), |it| format!("{:.1}", it / 1024.0))
}
