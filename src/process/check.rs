//! `fwlint check`.

use super::{
    Asked, Process,
    fix::{self, Fixed},
    read, remark,
};
use fwlint::{
    commands::{self, Exit, arguments::Check},
    report,
    settings::{Format, Look, Settings},
    source::input::{Inputs, Origin},
};
use std::io::Write;

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
        let outcome = commands::check_as_planned(inputs, arguments.files.dialect, &plan);
        Ok((Ok((outcome, exit, stdout_taken)), plan))
    };
    let ((outcome, fixed, stdout_taken), settings) = match threads(arguments.threads, work) {
        Ok((Ok(outcome), plan)) => (outcome, plan.run),
        Ok((Err(inputs), plan)) => return show_files(&inputs, process, &plan.run),
        Err(stop) => return asked.stop(&stop),
    };
    asked.remark_input(&outcome.refused, &outcome.problems, &[], settings.language);
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
    let written = process.write(&outputs, &settings.display, &write).max(exit);
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
