//! Running programs and taking their time.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// A command line.
#[derive(Clone)]
pub(crate) struct Program(Vec<String>);

/// What a program takes.
#[derive(Clone, Copy)]
pub(crate) struct Measured {
    /// The median of its runs.
    pub(crate) time: Duration,
    /// The most memory a run holds at once, in KiB, as GNU time sees it.
    pub(crate) peak: Option<f64>,
}

impl Program {
    pub(crate) fn new(line: Vec<String>) -> Self {
        Self(line)
    }

    /// Whether it ends well; `fwlint` does where it found something.
    pub(crate) fn succeeds(&self) -> bool {
        let mut command = Command::new(&self.0[0]);
        command.args(&self.0[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| matches!(status.code(), Some(0 | 1)))
    }

    /// How long one run takes, its output thrown away.
    fn time(&self) -> Duration {
        let start = Instant::now();
        let succeeds = self.succeeds();
        let time = start.elapsed();
        assert!(succeeds, "{:?} fails", self.0);
        time
    }

    fn peak(&self) -> Option<f64> {
        let mut timed = Command::new("/usr/bin/time");
        timed.args(["-q", "-f", "%M"]).args(&self.0);
        let output = timed.stdin(Stdio::null()).stdout(Stdio::null()).output().ok()?;
        String::from_utf8_lossy(&output.stderr).lines().next_back()?.parse().ok()
    }
}

/// Measures every program that there is, in rounds.
pub(crate) fn all(programs: &[Option<Program>], rounds: usize) -> Vec<Option<Measured>> {
    let mut times = vec![Vec::new(); programs.len()];
    for _ in 0..rounds {
        for (program, times) in programs.iter().zip(&mut times) {
            times.extend(program.as_ref().map(Program::time));
        }
    }
    let measured = programs.iter().zip(times).map(|(program, times)| {
        program.as_ref().map(|it| Measured { time: median(times), peak: it.peak() })
    });
    measured.collect()
}

/// How long it takes to read a file and count its lines.
pub(crate) fn counting_lines(path: &Path, rounds: usize) -> Duration {
    let count = || {
        let start = Instant::now();
        let bytes = fs::read(path).expect("written before");
        let lines = memchr::memchr_iter(b'\n', &bytes).count();
        let time = start.elapsed();
        assert!(lines > 0, "{} is empty", path.display());
        time
    };
    median((0..rounds).map(|_| count()).collect())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// How often `other` fits into `own`.
pub(crate) fn ratio(own: Duration, other: Duration) -> String {
    format!("{:.2}×", own.as_secs_f64() / other.as_secs_f64())
}

pub(crate) fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 1.0 {
        format!("{milliseconds:.3} ms")
    } else {
        format!("{milliseconds:.1} ms")
    }
}
