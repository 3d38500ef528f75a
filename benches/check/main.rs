//! How long the whole program takes, as ratios: against the loaders' own test on the same file, against counting its
//! lines, and against a program that does nothing.
//!
//! `cargo bench` prints the table; `cargo bench -- 1000 10000` measures these sizes alone. Every round runs everything
//! once, so that a busy moment falls on all alike, and the table holds medians. What cannot run here is said and left
//! out. A program of its own because what is measured are processes, not functions.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table is its output")]

mod generate;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

const SEED: u64 = 1;
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
/// Set where the benchmark already runs in a network namespace of its own.
const INSIDE: &str = "FWLINT_BENCH_INSIDE";

fn main() -> ExitCode {
    if env::var_os(INSIDE).is_none() {
        let inside = inside();
        if let Some(code) = inside {
            return code;
        }
        eprintln!("no network namespace here: the loaders are left out");
    }
    let folder = tempfile::tempdir().expect("a directory for the files");
    let sizes: Vec<usize> = env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let sizes = if sizes.is_empty() { SIZES.to_vec() } else { sizes };
    println!(
        "| rules | fwlint | legacy --test | nft --test | counting lines | MiB fwlint | legacy | nft |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|");
    for size in sizes {
        println!("{}", row(folder.path(), size.max(generate::FEWEST)));
    }
    println!();
    println!(
        "Columns 3 to 5 are times of that program on the same file; × is how often it fits into fwlint's time."
    );
    start(folder.path());
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

/// One line of the table.
fn row(folder: &Path, size: usize) -> String {
    let path = folder.join(format!("{size}.v4"));
    fs::write(&path, generate::rules(size, SEED)).expect("written");
    let mut programs = vec![fwlint(&path)];
    let loaders = ["iptables-legacy-restore", "iptables-nft-restore"].map(|name| {
        let line = vec![name.to_owned(), "--test".to_owned(), text(&path)];
        if env::var_os(INSIDE).is_none() || !runs(&line) {
            eprintln!("{name} cannot test {size} rules here: left out");
            return None;
        }
        programs.push(line);
        Some(programs.len() - 1)
    });
    let rounds = (200_000 / size).clamp(3, 21);
    let mut times = vec![Vec::new(); programs.len()];
    let mut counting = Vec::new();
    for _ in 0..rounds {
        for (line, times) in programs.iter().zip(&mut times) {
            times.push(time(line));
        }
        counting.push(count_lines(&path));
    }
    let times: Vec<Duration> = times.into_iter().map(median).collect();
    let own = times[0];
    let cell = |time: Duration| {
        format!("{} ({:.2}×)", milliseconds(time), own.as_secs_f64() / time.as_secs_f64())
    };
    let [legacy, nft] =
        loaders.map(|at| at.map_or_else(|| "-".to_owned(), |index| cell(times[index])));
    let memory = |at: Option<usize>| at.map_or_else(|| "-".to_owned(), |it| peak(&programs[it]));
    format!(
        "| {size} | {} | {legacy} | {nft} | {} | {} | {} | {} |",
        milliseconds(own),
        cell(median(counting)),
        memory(Some(0)),
        memory(loaders[0]),
        memory(loaders[1]),
    )
}

/// What starting costs: a file of 30 rules against a program that does nothing.
fn start(folder: &Path) {
    let path = folder.join("30.v4");
    fs::write(&path, generate::rules(30, SEED)).expect("written");
    let Some(empty) = empty_program(folder) else {
        eprintln!("no rustc here: the empty program is left out");
        return;
    };
    let (own, empty) = (fwlint(&path), vec![text(&empty)]);
    let (mut of_own, mut of_empty) = (Vec::new(), Vec::new());
    for _ in 0..101 {
        of_own.push(time(&own));
        of_empty.push(time(&empty));
    }
    let (of_own, of_empty) = (median(of_own), median(of_empty));
    println!(
        "30 rules: {}, {:.2}× a Rust program that does nothing ({}).",
        milliseconds(of_own),
        of_own.as_secs_f64() / of_empty.as_secs_f64(),
        milliseconds(of_empty),
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

fn fwlint(path: &Path) -> Vec<String> {
    let words = [env!("CARGO_BIN_EXE_fwlint"), "check", "--fail-on", "never", "--color", "never"];
    words.map(str::to_owned).into_iter().chain([text(path)]).collect()
}

fn text(path: &Path) -> String {
    path.to_str().expect("temporary paths are text").to_owned()
}

fn command(line: &[String]) -> Command {
    let mut command = Command::new(&line[0]);
    command.args(&line[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn runs(line: &[String]) -> bool {
    command(line).status().is_ok_and(|status| status.success())
}

/// How long one run takes, its output thrown away.
fn time(line: &[String]) -> Duration {
    let start = Instant::now();
    let succeeds = runs(line);
    let time = start.elapsed();
    assert!(succeeds, "{line:?} fails");
    time
}

fn count_lines(path: &Path) -> Duration {
    let start = Instant::now();
    let bytes = fs::read(path).expect("written before");
    let lines = memchr::memchr_iter(b'\n', &bytes).count();
    let time = start.elapsed();
    assert!(lines > 0, "{} is empty", path.display());
    time
}

/// The most memory a run holds at once, in MiB, as GNU time sees it.
fn peak(line: &[String]) -> String {
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M"]).args(line).stdin(Stdio::null()).stdout(Stdio::null());
    let output = timed.output().ok().filter(|output| output.status.success());
    let said = output.map(|output| String::from_utf8_lossy(&output.stderr).into_owned());
    let kibibytes = said.as_deref().and_then(|said| said.lines().next_back()?.parse::<f64>().ok());
    kibibytes.map_or_else(|| "-".to_owned(), |it| format!("{:.1}", it / 1024.0))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 1.0 {
        format!("{milliseconds:.3} ms")
    } else {
        format!("{milliseconds:.1} ms")
    }
}
