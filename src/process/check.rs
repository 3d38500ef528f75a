//! `fwlint check`.

use super::{
    Asked, Process,
    baseline::Before,
    fix::{self, Fixed},
    read, remark,
    write::{Refused, Staged},
};
use fwlint::{
    commands::{self, Added, Additions, Exit, Outcome, arguments::Check},
    report,
    settings::{Format, Look, Settings},
    source::{
        SourceFile,
        input::{Inputs, Origin},
    },
    words::Message,
};
use std::{fs, io::Write, path::Path};

pub(crate) fn check(arguments: &Check, process: &Process) -> Exit {
    let asked = Asked::new(
        process,
        &arguments.common,
        arguments.configured.choice(),
        arguments.overrides(),
    );
    let planner = asked.planner();
    // What the command line says may be wrong whatever the files say.
    if let Err(error) = planner.settings(None) {
        return asked.refuse(&error);
    }
    let work = || {
        let (inputs, plan) = read(&arguments.files, &planner)?;
        if arguments.show_files {
            return Ok((Err(inputs), plan));
        }
        let fixed = if arguments.fix || arguments.diff {
            fix::fix(arguments, &asked, &inputs, &plan)
        } else {
            Fixed { inputs, exit: Exit::Clean, stdout_taken: false }
        };
        let Fixed { inputs, exit, stdout_taken } = fixed;
        let before = Before::of(arguments, &inputs, &plan)?;
        let dialect = arguments.files.dialect;
        let outcome = commands::check_against(inputs, dialect, &plan, &before.known);
        Ok((Ok((outcome, before, exit, stdout_taken)), plan))
    };
    let ((outcome, fixed, stdout_taken), settings) = match threads(arguments.threads, work) {
        Ok((Ok((outcome, before, exit, stdout_taken)), plan)) => {
            before.remark(&outcome, process, &plan.run);
            ((outcome, exit, stdout_taken), plan.run)
        }
        Ok((Err(inputs), plan)) => return show_files(&inputs, process, &plan.run),
        Err(stop) => return asked.stop(&stop),
    };
    asked.remark_input(&outcome.refused, &outcome.problems, &[], settings.language);
    if let Some(reason) = &arguments.add_ignore {
        return add_ignore(&outcome, reason, process, &settings);
    }
    // A diff is about what can be mended: what cannot is no part of its answer.
    let exit = match outcome.exit(&settings) {
        Exit::Findings if arguments.diff => fixed,
        exit => exit.max(fixed),
    };
    let (nothing, complete) = (outcome.looked_at_nothing(), outcome.complete());
    remark("check", nothing, complete, exit, process, &settings);
    let write = |out: &mut dyn Write, format: Format, look: &Look| {
        report::write(out, format, &outcome, &settings, look)
    };
    let outputs = settings.outputs.iter().filter(|it| !stdout_taken || it.path.is_some());
    let outputs: Vec<_> = outputs.cloned().collect();
    let printed = threads(arguments.threads, || process.write(&outputs, &settings.display, &write));
    let written = printed.max(exit);
    let aside = settings.outputs.iter().find(|it| it.path.is_none());
    if let Some(output) = aside.filter(|_| stdout_taken && !arguments.diff) {
        process.print_aside(|out, look| write(out, output.format, look), &settings.display);
    }
    written
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

/// Writes the comments that silence what is reported: into all files, or into none.
fn add_ignore(outcome: &Outcome, reason: &str, process: &Process, settings: &Settings) -> Exit {
    let note = |subject: &str, message: &Message| {
        process.note(subject, message, settings.language, &settings.display);
    };
    let Added { files, left } = commands::add_ignore(outcome, reason);
    let mut staged = Vec::new();
    for additions in &files {
        match stage(outcome, additions) {
            Ok(file) => staged.push(file),
            Err(refused) => {
                note(&additions.path, &refused.message());
                return Exit::Usage;
            }
        }
    }
    for (file, additions) in staged.into_iter().zip(&files) {
        if let Err(refused) = file.settle() {
            note(&additions.path, &refused.message());
            return Exit::Usage;
        }
        let (comments, findings) = (additions.lines.len(), additions.findings);
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        note(
            &additions.path,
            &Message {
                en: format!(
                    "{comments} comment{} added, {findings} finding{} suppressed",
                    plural(comments),
                    plural(findings)
                ),
                zh: format!("已添加 {comments} 条注释，抑制 {findings} 个告警"),
            },
        );
    }
    for finding in &left {
        let place = finding.primary.place;
        let source = &outcome.files[place.file as usize].source;
        let (line, code) = (source.position(place.span.start).line, finding.lint.code);
        let message = Message {
            en: format!("{code} is not suppressed by a comment here"),
            zh: format!("此处的 {code} 不能用注释抑制"),
        };
        note(&format!("{}:{line}", source.path), &message);
    }
    let exit =
        outcome.exit(settings).max(if left.is_empty() { Exit::Clean } else { Exit::Findings });
    // What was to be suppressed is.
    let exit = if exit == Exit::Findings && left.is_empty() { Exit::Clean } else { exit };
    remark("check", outcome.looked_at_nothing(), outcome.complete(), exit, process, settings);
    exit
}

fn stage(outcome: &Outcome, additions: &Additions) -> Result<Staged, Refused> {
    let path = Path::new(&additions.path);
    let bytes = fs::read(path)?;
    let checked = outcome.files.iter().find(|it| it.source.path == additions.path);
    let now = SourceFile::new(&additions.path, bytes.clone());
    if checked.is_none_or(|it| it.source.text() != now.text()) {
        return Err(Refused::Changed);
    }
    Staged::new(path, &additions.applied(&bytes))
}
