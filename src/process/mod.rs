//! The process around the commands: arguments go in, standard streams and the exit code come out.

mod baseline;
mod catalogue;
mod check;
mod config;
mod diff;
mod fix;
mod git;
mod review;
mod test;
mod trace;
mod write;

use fwlint::{
    commands::{
        self, Choice, Exit, Plan, Planner,
        arguments::{Command, Common, Files, parse},
    },
    report,
    settings::{
        Display, Environment, Error, LintName, Look, Output, Overrides, Settings, Stream, When,
    },
    source::input::{self, Inputs},
    syntax::suppression::Date,
    words::{Language, Message},
};
use std::{
    env, fs,
    io::{self, BufWriter, IsTerminal, Write},
    time::SystemTime,
};
use terminal_size::{Width, terminal_size_of};

/// Reads the command line and does what it asks for.
pub(crate) fn run() -> Exit {
    let cli = match parse(env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for, and go to standard output.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Clean };
        }
    };
    let process = Process::new();
    match cli.command {
        Command::Check(arguments) => check::check(&arguments, &process),
        Command::Baseline(arguments) => baseline::baseline(&arguments, &process),
        Command::Config(arguments) => config::config(&arguments, &process),
        Command::Test(arguments) => test::test(&arguments, &process),
        Command::Trace(arguments) => trace::trace(*arguments, &process),
        Command::Review(arguments) => review::review(&arguments, &process),
        Command::Diff(arguments) => diff::diff(&arguments, &process),
        Command::Explain(arguments) => catalogue::explain(&arguments, &process),
        Command::Lints(arguments) => catalogue::lints(&arguments, &process),
        Command::Ports(arguments) => catalogue::ports(&arguments, &process),
        Command::Collect => process.print(
            |out, _| out.write_all(commands::collect().as_bytes()),
            &Settings::default().display,
        ),
        Command::Completions { shell } => {
            let script = commands::complete(shell);
            process.print(|out, _| out.write_all(&script), &Settings::default().display)
        }
    }
}

/// What surrounds the program.
struct Process {
    environment: Environment,
    here: Option<String>,
}

impl Process {
    fn new() -> Self {
        let system =
            if cfg!(any(windows, target_os = "macos")) { sys_locale::get_locale() } else { None };
        let here = env::current_dir().ok();
        Self {
            environment: Environment::read(|name| env::var_os(name), system.as_deref(), today()),
            here: here.map(|here| here.to_string_lossy().replace('\\', "/")),
        }
    }

    fn language(&self, common: &Common) -> Language {
        common.language().unwrap_or_else(|| self.environment.language())
    }

    fn stdout_look(&self, display: &Display) -> Look {
        let columns = terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns);
        let stream = Stream { terminal: io::stdout().is_terminal(), columns };
        display.look(&self.environment, stream, self.here.clone())
    }

    fn stderr_look(&self, display: &Display) -> Look {
        let columns = terminal_size_of(io::stderr()).map(|(Width(columns), _)| columns);
        let stream = Stream { terminal: io::stderr().is_terminal(), columns };
        display.look(&self.environment, stream, self.here.clone())
    }

    /// Writes to standard output through `write`. A closed pipe is no error.
    fn print(
        &self,
        write: impl FnOnce(&mut dyn Write, &Look) -> io::Result<()>,
        display: &Display,
    ) -> Exit {
        let look = self.stdout_look(display);
        let choice = if look.color {
            anstream::ColorChoice::Always
        } else {
            anstream::ColorChoice::AlwaysAnsi
        };
        let stream = anstream::AutoStream::new(io::stdout().lock(), choice);
        let mut out = BufWriter::new(stream);
        let written = write(&mut out, &look).and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                let _ = writeln!(io::stderr(), "fwlint: cannot write: {error}");
                Exit::Incomplete
            }
            _ => Exit::Clean,
        }
    }

    /// Writes to standard error through `write`, even in vain.
    fn print_aside(
        &self,
        write: impl FnOnce(&mut dyn Write, &Look) -> io::Result<()>,
        display: &Display,
    ) {
        let look = self.stderr_look(display);
        let choice = if look.color {
            anstream::ColorChoice::Always
        } else {
            anstream::ColorChoice::AlwaysAnsi
        };
        let mut out = anstream::AutoStream::new(io::stderr().lock(), choice);
        let _ = write(&mut out, &look);
    }

    /// Says on standard error why settings cannot be followed.
    fn refuse(&self, error: &Error, language: Language, display: &Display) -> Exit {
        self.print_aside(|out, look| report::refusal(out, error, language, look), display);
        Exit::Usage
    }

    /// Writes each report where it was asked for.
    fn write<F: Copy>(
        &self,
        outputs: &[Output<F>],
        display: &Display,
        write: &dyn Fn(&mut dyn Write, F, &Look) -> io::Result<()>,
    ) -> Exit {
        let written = outputs.iter().map(|output| {
            let Some(path) = &output.path else {
                return self.print(|out, look| write(out, output.format, look), display);
            };
            let mut text = Vec::new();
            // A file is UTF-8 whatever the locale, and not painted unless that was asked for.
            let look = Look {
                color: display.color == When::Always,
                unicode: !display.ascii,
                ..display.look(&self.environment, Stream::default(), None)
            };
            let result =
                write(&mut text, output.format, &look).and_then(|()| fs::write(path, text));
            result.map_or_else(
                |error| {
                    let _ = writeln!(io::stderr(), "fwlint: {}: {error}", path.display());
                    Exit::Usage
                },
                |()| Exit::Clean,
            )
        });
        written.fold(Exit::Clean, Exit::max)
    }

    /// Says something on standard error, even in vain.
    fn note(&self, subject: &str, message: &Message, language: Language, display: &Display) {
        let look = self.stderr_look(display);
        let _ = report::note(&mut io::stderr().lock(), subject, message, language, &look);
    }
}

/// The day of UTC that the clock shows; none if it is older than computers.
fn today() -> Option<Date> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(Date::after_epoch(since.as_secs() / (24 * 60 * 60)))
}

/// What a command about rules begins with: what the command line wants of every configuration, and the words for what goes
/// wrong before a configuration says more.
struct Asked<'p> {
    process: &'p Process,
    language: Language,
    display: Display,
    choice: Choice,
    overrides: Overrides,
    lints: Vec<LintName<'static>>,
}

impl<'p> Asked<'p> {
    fn new(process: &'p Process, common: &Common, choice: Choice, overrides: Overrides) -> Self {
        Self {
            process,
            language: process.language(common),
            display: common.display(),
            choice,
            overrides,
            lints: commands::lint_names(commands::catalogue()),
        }
    }

    fn planner(&self) -> Planner<'_> {
        Planner {
            choice: &self.choice,
            overrides: &self.overrides,
            environment: &self.process.environment,
            lints: &self.lints,
        }
    }

    /// Says on standard error why settings cannot be followed.
    fn refuse(&self, error: &Error) -> Exit {
        self.process.refuse(error, self.language, &self.display)
    }

    /// Says why the command ends before it begins.
    fn stop(&self, stop: &Stop) -> Exit {
        match stop {
            Stop::Settings(error) => self.refuse(error),
            Stop::Input(problem) => {
                self.process.note(problem.path(), &problem.message(), self.language, &self.display);
                Exit::Usage
            }
            Stop::Before(failed) => {
                let (subject, message) = (&failed.subject, &failed.message);
                self.process.note(subject, message, self.language, &self.display);
                failed.exit
            }
        }
    }

    /// Says what of the settings was refused, which files could not be read, and which only in part.
    fn remark_input(
        &self,
        refused: &[Error],
        problems: &[input::Problem],
        opaque: &[String],
        language: Language,
    ) {
        for error in refused {
            self.process.refuse(error, language, &self.display);
        }
        for problem in problems {
            self.process.note(problem.path(), &problem.message(), language, &self.display);
        }
        for path in opaque {
            self.process.note(path, &not_all_of_it(), language, &self.display);
        }
    }
}

/// Why a command ends before it begins.
enum Stop {
    /// Settings cannot be followed.
    Settings(Error),
    /// What is asked for is no path.
    Input(input::Problem),
    /// It is not known what was there before.
    Before(baseline::Failed),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Settings(error)
    }
}

impl From<input::Problem> for Stop {
    fn from(problem: input::Problem) -> Self {
        Self::Input(problem)
    }
}

/// Reads the files that a command is about, the settings that hold for them, and what belongs to their hosts, with all that
/// they include.
fn read(files: &Files, planner: &Planner<'_>) -> Result<(Inputs, Plan), Stop> {
    let wanted = |source: &_, origin| commands::recognised(source, origin, files.dialect);
    let includes = |source: &_, origin| commands::includes(source, origin, files.dialect);
    let request = files.request();
    let mut inputs = input::read(&request, &mut io::stdin(), &wanted)?;
    let plan = planner.plan(&inputs)?;
    inputs.add(input::context(plan.context(&inputs), &request, &wanted));
    input::follow(&mut inputs, &request, &includes);
    Ok((inputs, plan))
}

fn not_all_of_it() -> Message {
    Message {
        en: "not everything in it was analysed; `fwlint check` says what".into(),
        zh: "其中部分内容未能分析；`fwlint check` 会说明原因".into(),
    }
}

/// Why the exit code is what the findings alone do not explain.
fn remark(
    command: &str,
    nothing: bool,
    complete: bool,
    exit: Exit,
    process: &Process,
    settings: &Settings,
) {
    let message = if exit == Exit::Incomplete && nothing {
        Message {
            en: "nothing was checked; `--allow-empty` makes that no error".into(),
            zh: "没有检查任何内容；`--allow-empty` 可不视为错误".into(),
        }
    } else if exit == Exit::Incomplete {
        Message {
            en: "not everything was analysed; `--allow-incomplete` makes that no error".into(),
            zh: "部分内容未能分析；`--allow-incomplete` 可不视为错误".into(),
        }
    } else if settings.allow_incomplete && !complete {
        Message {
            en: "not everything was analysed, which `--allow-incomplete` allows".into(),
            zh: "部分内容未能分析，`--allow-incomplete` 允许如此".into(),
        }
    } else {
        return;
    };
    process.note(command, &message, settings.language, &settings.display);
}
