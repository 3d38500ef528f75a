//! The process: arguments, standard streams, exit code. Nothing else.

mod git;

use fwlint::{
    commands::{
        self, Assertions, Choice, Exit, NoPacket, Page, Plan, Planner, PortQuery,
        arguments::{
            Check, Command, Common, Diff, Explain, Files, Lints, Listing, Ports, Review, Test,
            Trace, TraceFormat, parse,
        },
    },
    packets::Packet,
    report,
    settings::{
        Display, Environment, Error, Format, Look, Output, Settings, Stream, TableFormat, When,
    },
    source::input::{self, Inputs, Origin, Request},
    words::{Language, Message},
};
use git::Checkout;
use std::{
    any::Any,
    env, fs,
    io::{self, BufWriter, IsTerminal, Write},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
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
        Command::Check(arguments) => check(&arguments, &process),
        Command::Test(arguments) => test(&arguments, &process),
        Command::Trace(arguments) => trace(*arguments, &process),
        Command::Review(arguments) => review(&arguments, &process),
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

    /// Says why a command ends before it begins.
    fn stop(&self, stop: &Stop, language: Language, display: &Display) -> Exit {
        match stop {
            Stop::Settings(error) => self.refuse(error, language, display),
            Stop::Input(problem) => {
                self.note(problem.path(), &problem.message(), language, display);
                Exit::Usage
            }
        }
    }

    /// Says on standard error why settings cannot be followed.
    fn refuse(&self, error: &Error, language: Language, display: &Display) -> Exit {
        let look = self.stderr_look(display);
        let choice = if look.color {
            anstream::ColorChoice::Always
        } else {
            anstream::ColorChoice::AlwaysAnsi
        };
        let mut out = anstream::AutoStream::new(io::stderr().lock(), choice);
        let _ = report::refusal(&mut out, error, language, &look);
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

/// Why a command ends before it begins.
enum Stop {
    /// Settings cannot be followed.
    Settings(Error),
    /// What is asked for is no path.
    Input(input::Problem),
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

/// Reads what `request` names, with all that it includes, whatever a configuration says.
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
    let display = arguments.common.display();
    let planner = Planner {
        choice: &Choice::None,
        overrides: &arguments.overrides(),
        environment: &process.environment,
        lints: &names,
    };
    let settled = planner.settings(None).and_then(|it| Ok((it, arguments.outputs()?)));
    let (settings, outputs) = match settled {
        Ok(asked) => asked,
        Err(error) => return process.refuse(&error, language, &display),
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
    let new = read_as(files, &files.request()).map_err(said)?;
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
    let overrides = arguments.overrides();
    let language = process.language(&arguments.common);
    let display = arguments.common.display();
    let names = commands::lint_names(commands::catalogue());
    let choice = arguments.configured.choice();
    let environment = &process.environment;
    let planner = Planner { choice: &choice, overrides: &overrides, environment, lints: &names };
    // What the command line says may be wrong whatever the files say.
    if let Err(error) = planner.settings(None) {
        return process.refuse(&error, language, &display);
    }
    let work = || {
        let (inputs, plan) = read(&arguments.files, &planner)?;
        if arguments.show_files {
            return Ok((Err(inputs), plan));
        }
        Ok((Ok(commands::check_as_planned(inputs, arguments.files.dialect, &plan)), plan))
    };
    let (outcome, settings) = match threads(arguments.threads, work) {
        Ok((Ok(outcome), plan)) => (outcome, plan.run),
        Ok((Err(inputs), plan)) => return show_files(&inputs, process, &plan.run),
        Err(stop) => return process.stop(&stop, language, &display),
    };
    let language = settings.language;
    for error in &outcome.refused {
        process.refuse(error, language, &display);
    }
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

fn test(arguments: &Test, process: &Process) -> Exit {
    let overrides = arguments.overrides();
    let language = process.language(&arguments.common);
    let display = arguments.common.display();
    let names = commands::lint_names(commands::catalogue());
    let choice = arguments.configured.choice();
    let environment = &process.environment;
    let planner = Planner { choice: &choice, overrides: &overrides, environment, lints: &names };
    let work = || -> Result<_, Stop> {
        let mut configs = arguments.files.clone();
        if configs.is_empty() {
            configs.extend(planner.config(Path::new(""))?);
        }
        let mut settings = Vec::new();
        for config in configs {
            settings.push((planner.settings(Some(&config))?, config));
        }
        let mut all = Assertions::default();
        for (settings, config) in &settings {
            let folder = config.parent().filter(|it| !it.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            let request = arguments.request(folder.to_owned());
            let wanted = |source: &_, origin| commands::recognised(source, origin, None);
            let mut inputs = commands::tested::<Stop>(settings, folder, &request, &wanted)?;
            let includes = |source: &_, origin| commands::includes(source, origin, None);
            input::follow(&mut inputs, &request, &includes);
            all.add(commands::assertions(inputs, settings));
        }
        let spoken = settings.first().map(|(settings, _)| settings.language);
        Ok((all, spoken))
    };
    let (assertions, spoken) = match work() {
        Ok(done) => done,
        Err(stop) => return process.stop(&stop, language, &display),
    };
    let language = spoken.unwrap_or(language);
    for error in &assertions.refused {
        process.refuse(error, language, &display);
    }
    for problem in &assertions.problems {
        process.note(problem.path(), &problem.message(), language, &display);
    }
    for path in &assertions.opaque {
        process.note(path, &not_all_of_it(), language, &display);
    }
    let exit = assertions.exit();
    if assertions.all.is_empty() {
        let message = Message {
            en: "nothing was tested: there is no configuration with an `[expect]`, or no host to ask".into(),
            zh: "没有测试任何内容：没有带 `[expect]` 的配置，或没有可供测试的主机".into(),
        };
        process.note("test", &message, language, &display);
    }
    let write = |out: &mut dyn Write, look: &Look| match arguments.format {
        Listing::Text => report::assertions(out, &assertions, language, look),
        Listing::Json => report::assertions_json(out, &assertions),
    };
    process.print(write, &display).max(exit)
}

fn not_all_of_it() -> Message {
    Message {
        en: "not everything in it was analysed; `fwlint check` says what".into(),
        zh: "其中部分内容未能分析；`fwlint check` 会说明原因".into(),
    }
}

fn trace(mut arguments: Trace, process: &Process) -> Exit {
    let overrides = arguments.overrides();
    let language = process.language(&arguments.common);
    let display = arguments.common.display();
    let packets = match packets(&mut arguments, process, language) {
        Ok(packets) => packets,
        Err(exit) => return exit,
    };
    let names = commands::lint_names(commands::catalogue());
    let choice = arguments.configured.choice();
    let environment = &process.environment;
    let planner = Planner { choice: &choice, overrides: &overrides, environment, lints: &names };
    let (inputs, plan) = match read(&arguments.files, &planner) {
        Ok(read) => read,
        Err(stop) => return process.stop(&stop, language, &display),
    };
    let traces = commands::traces(inputs, arguments.files.dialect, &plan, &packets);
    let language = plan.run.language;
    for error in &traces.refused {
        process.refuse(error, language, &display);
    }
    for problem in &traces.problems {
        process.note(problem.path(), &problem.message(), language, &display);
    }
    for path in &traces.opaque {
        process.note(path, &not_all_of_it(), language, &display);
    }
    let exit = traces.exit(&plan.run);
    let walk = arguments.walk;
    let write = |out: &mut dyn Write, format: TraceFormat, look: &Look| match format {
        TraceFormat::Text => report::traces(out, &traces, walk, language, look),
        TraceFormat::Json => report::traces_json(out, &traces, walk, false),
        TraceFormat::Jsonl => report::traces_json(out, &traces, walk, true),
    };
    process.write(&arguments.outputs(), &display, &write).max(exit)
}

/// The packets that are asked about.
fn packets(
    arguments: &mut Trace,
    process: &Process,
    language: Language,
) -> Result<Vec<Packet>, Exit> {
    let display = arguments.common.display();
    let refuse = |at: &str, wrong: &NoPacket| {
        let look = process.stderr_look(&display);
        let _ = report::wrong_packet(&mut io::stderr().lock(), at, wrong, language, &look);
        Exit::Usage
    };
    if let Some(text) = arguments.split() {
        return commands::packet(&text).map(|it| vec![it]).map_err(|wrong| refuse("trace", &wrong));
    }
    let Some(path) = &arguments.packets else {
        let message = Message {
            en: "which packet? `fwlint trace --help` shows how to write one".into(),
            zh: "要跟踪哪个数据包？写法见 `fwlint trace --help`".into(),
        };
        process.note("trace", &message, language, &display);
        return Err(Exit::Usage);
    };
    let name = path.display().to_string();
    let text = if name == "-" { io::read_to_string(io::stdin()) } else { fs::read_to_string(path) };
    let text = text.map_err(|error| {
        let _ = writeln!(io::stderr(), "fwlint: {name}: {error}");
        Exit::Usage
    })?;
    let lines = text
        .lines()
        .zip(1..)
        .map(|(line, number)| (line.split('#').next().unwrap_or_default().trim_end(), number));
    let packets = lines.filter(|(line, _)| !line.trim().is_empty()).map(|(line, number)| {
        commands::packet(line).map_err(|wrong| refuse(&format!("{name}:{number}"), &wrong))
    });
    packets.collect()
}

fn review(arguments: &Review, process: &Process) -> Exit {
    let overrides = arguments.overrides();
    let language = process.language(&arguments.common);
    let display = arguments.common.display();
    let outputs = match arguments.outputs() {
        Ok(outputs) => outputs,
        Err(error) => return process.refuse(&error, language, &display),
    };
    let names = commands::lint_names(commands::catalogue());
    let choice = arguments.configured.choice();
    let environment = &process.environment;
    let planner = Planner { choice: &choice, overrides: &overrides, environment, lints: &names };
    let (inputs, plan) = match read(&arguments.files, &planner) {
        Ok(read) => read,
        Err(stop) => return process.stop(&stop, language, &display),
    };
    let review = commands::review::review(inputs, arguments.files.dialect, &plan);
    let settings = plan.run;
    for error in &review.refused {
        process.refuse(error, settings.language, &display);
    }
    for problem in &review.problems {
        process.note(problem.path(), &problem.message(), settings.language, &display);
    }
    let exit = review.exit(&settings);
    remark("review", review.empty, review.complete(), exit, process, &settings);
    let write = |out: &mut dyn Write, format: TableFormat, look: &Look| {
        report::review(out, format, &review, &settings, look)
    };
    process.write(&outputs, &settings.display, &write).max(exit)
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
        let asked = inputs.files.iter().filter(|input| input.origin != Origin::Context);
        asked.map(|input| &input.source.path).try_for_each(|path| writeln!(out, "{path}"))
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
