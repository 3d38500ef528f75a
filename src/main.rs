//! The process: arguments, standard streams, exit code. Nothing else.

mod git;

use clap::Parser;
use fwlint::{
    commands::{
        self, Exit, Page, PortQuery,
        arguments::{
            Check, Cli, Command, Common, Diff, Explain, Files, Lints, Listing, Ports, with_command,
        },
    },
    report,
    settings::{Display, Environment, Format, Look, Output, Settings, Stream, TableFormat, When},
    source::input::{self, Inputs, Request},
    words::{Language, Message},
};
use git::Checkout;
use std::{
    any::Any,
    env, fs,
    io::{self, BufWriter, IsTerminal, Write},
    panic::{self, AssertUnwindSafe},
    path::PathBuf,
    process::ExitCode,
    sync::Mutex,
};
use terminal_size::{Width, terminal_size_of};

fn main() -> ExitCode {
    ExitCode::from(guarded(run).code())
}

/// Runs `work`; a panic is a defect of ours, and says how to report it.
fn guarded(work: fn() -> Exit) -> Exit {
    static PLACE: Mutex<String> = Mutex::new(String::new());
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        if let Ok(mut known) = PLACE.lock() {
            *known = place;
        }
    }));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    // Left in place, the hook would hide the panics of whoever runs next, such as a test.
    drop(panic::take_hook());
    result.unwrap_or_else(|payload| {
        let place = PLACE.lock().map(|place| place.clone()).unwrap_or_default();
        let _ = writeln!(
            io::stderr(),
            "fwlint: this is a defect of fwlint {}, not of your files: {} (at {place})\n\
             fwlint: please report it with this line, the command line, and the smallest input that shows it",
            env!("CARGO_PKG_VERSION"),
            said(payload.as_ref()),
        );
        Exit::Internal
    })
}

fn said(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

fn run() -> Exit {
    let cli = match Cli::try_parse_from(with_command(env::args_os())) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for, and go to standard output.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Clean };
        }
    };
    let process = Process::new();
    match cli.command {
        Command::Check(arguments) => check(&arguments, &process),
        Command::Diff(arguments) => diff(&arguments, &process),
        Command::Explain(arguments) => explain(&arguments, &process),
        Command::Lints(arguments) => lints(&arguments, &process),
        Command::Ports(arguments) => ports(&arguments, &process),
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
            environment: Environment::read(|name| env::var_os(name), system.as_deref()),
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

/// Reads the files that a command is about, with all that they include.
fn read(files: &Files) -> Result<Inputs, input::Problem> {
    read_as(files, &files.request())
}

/// The same, of what `request` names.
fn read_as(files: &Files, request: &Request) -> Result<Inputs, input::Problem> {
    let wanted = |source: &_, origin| commands::recognised(source, origin, files.dialect);
    let includes = |source: &_, origin| commands::includes(source, origin, files.dialect);
    let mut inputs = input::read(request, &mut io::stdin(), &wanted)?;
    input::follow(&mut inputs, request, &includes);
    Ok(inputs)
}

fn diff(arguments: &Diff, process: &Process) -> Exit {
    let language = process.language(&arguments.common);
    let names = commands::lint_names(commands::catalogue());
    let settled = arguments.overrides().settle(&process.environment, &names);
    let (settings, outputs) = match settled.and_then(|it| Ok((it, arguments.outputs()?))) {
        Ok(asked) => asked,
        Err(error) => {
            let _ = writeln!(io::stderr(), "fwlint: {}", error.text(language));
            return Exit::Usage;
        }
    };
    let sides = match sides(arguments) {
        Ok(sides) => sides,
        Err(Failed { subject, message, exit }) => {
            process.note(&subject, &message, language, &settings.display);
            return exit;
        }
    };
    let [old, new] = sides;
    let comparison = commands::diff::diff(old, new, arguments.files.dialect, arguments.outgoing);
    for problem in &comparison.problems {
        process.note(problem.path(), &problem.message(), language, &settings.display);
    }
    let exit = comparison.exit(arguments.fail_on, &settings);
    let (nothing, complete) = (comparison.empty, comparison.complete());
    remark("diff", nothing, complete, exit, process, &settings);
    let write = |out: &mut dyn Write, format: TableFormat, look: &Look| {
        report::diff::write(out, format, &comparison, arguments.fail_on, &settings, look)
    };
    process.write(&outputs, &settings.display, &write).max(exit)
}

/// Why there is nothing to compare.
struct Failed {
    subject: String,
    message: Message,
    exit: Exit,
}

/// Reads what is to be compared: two paths, or what a commit holds and what lies here.
fn sides(arguments: &Diff) -> Result<[Inputs; 2], Failed> {
    let files = &arguments.files;
    let said = |problem: input::Problem| Failed {
        subject: problem.path().to_owned(),
        message: problem.message(),
        exit: Exit::Usage,
    };
    let Some(reference) = &arguments.git else {
        let [old, new] = &files.paths[..] else {
            let message = Message {
                en: "two paths are compared, OLD and NEW, or one side with `--git REF`".into(),
                zh: "需要两个路径 OLD 和 NEW，或用 `--git REF` 指定旧的一侧".into(),
            };
            return Err(Failed { subject: "diff".into(), message, exit: Exit::Usage });
        };
        let one = |path: &PathBuf| {
            let request = Request { paths: vec![path.clone()], ..files.request() };
            read_as(files, &request).map_err(said)
        };
        return Ok([one(old)?, one(new)?]);
    };
    let failed = |why: String| {
        let message = Message {
            en: format!("git does not give it: {why}"),
            zh: format!("无法从 git 取得：{why}"),
        };
        Failed { subject: reference.clone(), message, exit: Exit::Incomplete }
    };
    let new = read(files).map_err(said)?;
    let tree = Checkout::of(reference, &files.paths).map_err(failed)?;
    let request = Request { paths: tree.paths.clone(), ..files.request() };
    let mut old = read_as(files, &request).map_err(said)?;
    old.shown_without(&input::shown(&tree.here));
    // What a commit lacks is new.
    old.problems.retain(|it| {
        !matches!(it, input::Problem::Missing { .. } | input::Problem::NoMatch { .. })
    });
    Ok([old, new])
}

fn check(arguments: &Check, process: &Process) -> Exit {
    let lints = commands::catalogue();
    let overrides = arguments.overrides();
    let language = process.language(&arguments.common);
    let settings = match overrides.settle(&process.environment, &commands::lint_names(lints)) {
        Ok(settings) => settings,
        Err(error) => {
            let _ = writeln!(io::stderr(), "fwlint: {}", error.text(language));
            return Exit::Usage;
        }
    };
    let work = || -> Result<_, input::Problem> {
        let inputs = read(&arguments.files)?;
        if arguments.show_files {
            return Ok(Err(inputs));
        }
        Ok(Ok(commands::check(inputs, arguments.files.dialect, &settings)))
    };
    let outcome = match threads(arguments.threads, work) {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(inputs)) => return show_files(&inputs, process, &settings),
        Err(problem) => {
            process.note(problem.path(), &problem.message(), language, &settings.display);
            return Exit::Usage;
        }
    };
    for problem in &outcome.problems {
        process.note(problem.path(), &problem.message(), language, &settings.display);
    }
    let exit = outcome.exit(&settings);
    let (nothing, complete) = (outcome.looked_at_nothing(), outcome.complete());
    remark("check", nothing, complete, exit, process, &settings);
    let write = |out: &mut dyn Write, format: Format, look: &Look| {
        report::write(out, format, &outcome, &settings, look)
    };
    process.write(&settings.outputs, &settings.display, &write).max(exit)
}

/// Runs `work` on as many threads as were asked for.
fn threads<T: Send>(number: Option<u16>, work: impl FnOnce() -> T + Send) -> T {
    let Some(number) = number.filter(|number| *number > 0) else { return work() };
    match rayon::ThreadPoolBuilder::new().num_threads(usize::from(number)).build() {
        Ok(pool) => pool.install(work),
        // A system that gives no more threads still has this one.
        Err(_) => work(),
    }
}

fn show_files(inputs: &Inputs, process: &Process, settings: &Settings) -> Exit {
    for problem in &inputs.problems {
        process.note(problem.path(), &problem.message(), settings.language, &settings.display);
    }
    let list = |out: &mut dyn Write, _: &Look| {
        inputs.files.iter().try_for_each(|input| writeln!(out, "{}", input.source.path))
    };
    let complete = inputs.problems.is_empty() || settings.allow_incomplete;
    let found = !inputs.files.is_empty() || settings.allow_empty;
    let exit = if complete && found { Exit::Clean } else { Exit::Incomplete };
    process.print(list, &settings.display).max(exit)
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

fn explain(arguments: &Explain, process: &Process) -> Exit {
    let language = process.language(&arguments.common);
    let display = arguments.common.display();
    match commands::explain(&arguments.word, commands::catalogue(), &commands::services()) {
        Ok(page) => print_page(&page, language, process, &display),
        Err(missing) => {
            let (en, zh) = match missing.nearest {
                Some(it) => (format!("; did you mean `{it}`?"), format!("；您是否想写 `{it}`？")),
                None => (String::new(), String::new()),
            };
            let message = Message {
                en: format!("no lint and no service is called so{en}"),
                zh: format!("没有这样的检查项或服务{zh}"),
            };
            process.note(&arguments.word, &message, language, &display);
            Exit::Usage
        }
    }
}

fn print_page(page: &Page, language: Language, process: &Process, display: &Display) -> Exit {
    process.print(|out, look| report::page(out, page, language, look), display)
}

fn lints(arguments: &Lints, process: &Process) -> Exit {
    let language = process.language(&arguments.common);
    let lints = commands::catalogue();
    let write = |out: &mut dyn Write, look: &Look| match arguments.format {
        Listing::Text => report::lints(out, lints, language, look),
        Listing::Json => report::lints_json(out, lints),
    };
    process.print(write, &arguments.common.display())
}

fn ports(arguments: &Ports, process: &Process) -> Exit {
    let language = process.language(&arguments.common);
    let query = PortQuery { text: arguments.query.clone(), category: arguments.category.clone() };
    let services = commands::ports(commands::services(), &query);
    let write = |out: &mut dyn Write, look: &Look| match arguments.format {
        Listing::Text => report::ports(out, &services, language, look),
        Listing::Json => report::ports_json(out, &services),
    };
    process.print(write, &arguments.common.display())
}

#[cfg(test)]
mod tests {
    use super::{Exit, guarded};

    #[test]
    fn a_panic_is_an_exit_code_of_its_own() {
        assert_eq!(guarded(|| panic!("on purpose")), Exit::Internal);
        assert_eq!(guarded(|| Exit::Findings), Exit::Findings);
    }
}
