//! `fwlint check --fix` and `--diff`: what is printed and written before the rest is checked.

use super::{Asked, write::Staged};
use fwlint::{
    commands::{
        Exit, Plan,
        arguments::Check,
        diff::Gate,
        fix::{self, Change, How, Mended},
    },
    report,
    settings::{Settings, TableFormat},
    source::input::Inputs,
    words::Message,
};
use std::{
    io::{self, IsTerminal, Write},
    path::Path,
};

/// What there is to check afterwards.
pub(super) struct Fixed {
    /// The files as they are now, or with `--diff` as they would be.
    pub(super) inputs: Inputs,
    /// What came of it.
    pub(super) exit: Exit,
    /// Whether standard output is taken: by a diff, or by the mended text of standard input.
    pub(super) stdout_taken: bool,
}

/// Mends what was read; says what is not mended, and shows or writes the rest.
pub(super) fn fix(arguments: &Check, asked: &Asked<'_>, inputs: &Inputs, plan: &Plan) -> Fixed {
    let request = arguments.files.request();
    let (dialect, risky) = (arguments.files.dialect, arguments.unsafe_fixes);
    let how = How { dialect, request: &request, plan, risky };
    let mended = fix::fix(inputs, how);
    let room = Room { asked, settings: &plan.run };
    for it in &mended {
        room.expose(it);
    }
    let stdin = arguments.files.stdin_name();
    let (kept, exit): (Vec<&Change>, Exit) = if arguments.diff {
        let changes: Vec<&Change> = mended.iter().flat_map(|it| &it.changes).collect();
        let found = if changes.is_empty() { Exit::Clean } else { Exit::Findings };
        let exit = room.show(&changes);
        (changes, exit.max(found))
    } else {
        room.write(&mended, stdin)
    };
    let fixed = fix::rewritten(inputs, kept.iter().copied(), how);
    let own = |it: &&fwlint::source::input::Input| stdin == Some(it.source.path.as_str());
    let text = fixed.files.iter().find(own).filter(|_| !arguments.diff);
    let printed = text.map(|it| room.print(it.source.bytes()));
    for it in &mended {
        room.remark(it, arguments.diff);
    }
    let stdout_taken = arguments.diff || printed.is_some();
    Fixed { inputs: fixed, exit: exit.max(printed.unwrap_or(Exit::Clean)), stdout_taken }
}

struct Room<'r> {
    asked: &'r Asked<'r>,
    settings: &'r Settings,
}

impl Room<'_> {
    fn note(&self, subject: &str, message: &Message) {
        let Settings { language, display, .. } = self.settings;
        self.asked.process.note(subject, message, *language, display);
    }

    /// Shows what fixes let in that are not proven safe, before anything is written.
    fn expose(&self, mended: &Mended) {
        let Some(exposure) = &mended.exposure else { return };
        let (format, gate) = (TableFormat::Text, Gate::Never);
        self.asked.process.print_aside(
            |out, look| report::diff::write(out, format, exposure, gate, self.settings, look),
            &self.settings.display,
        );
    }

    /// The changes as a diff.
    fn show(&self, changes: &[&Change]) -> Exit {
        let seen = io::stdout().is_terminal();
        let show = |out: &mut dyn Write, look: &_| {
            changes.iter().try_for_each(|it| report::fix::unified(out, it, seen, look))
        };
        self.asked.process.print(show, &self.settings.display)
    }

    fn print(&self, text: &[u8]) -> Exit {
        self.asked.process.print(|out, _| out.write_all(text), &self.settings.display)
    }

    /// Writes the files of each host, all of them or none; what is written, and whether all is.
    fn write<'m>(&self, mended: &'m [Mended], stdin: Option<&str>) -> (Vec<&'m Change>, Exit) {
        let (mut kept, mut exit) = (Vec::new(), Exit::Clean);
        for host in mended {
            let files = host.changes.iter().filter(|it| stdin != Some(it.old.path.as_str()));
            let mut refused = None;
            let mut ready = Vec::new();
            for change in files {
                match Staged::instead(
                    Path::new(&change.old.path),
                    change.old.bytes(),
                    change.new.bytes(),
                ) {
                    Ok(it) => ready.push((change, it)),
                    Err(error) => {
                        refused = Some((change, error));
                        break;
                    }
                }
            }
            if refused.is_none() {
                kept.extend(host.changes.iter().filter(|it| stdin == Some(it.old.path.as_str())));
                for (change, it) in ready {
                    match it.settle() {
                        Ok(()) => kept.push(change),
                        Err(error) => refused = Some((change, error)),
                    }
                }
            }
            if let Some((change, error)) = refused {
                self.note(&change.old.path, &error.message());
                exit = Exit::Usage;
            }
        }
        (kept, exit)
    }

    /// Says what was done, and what was not.
    fn remark(&self, mended: &Mended, only_shown: bool) {
        let display = &self.settings.display;
        if !display.quiet && display.verbose {
            for it in &mended.done {
                let at = format!("{}:{}: {}", it.path, it.line, it.code);
                self.note(&at, &it.title);
            }
        }
        for it in &mended.left {
            self.note(&format!("{}:{}: {}", it.path, it.line, it.code), &report::fix::why(it.why));
        }
        let paths: Vec<&str> = mended.changes.iter().map(|it| it.old.path.as_str()).collect();
        if !display.quiet && !paths.is_empty() {
            self.note(&paths.join(", "), &count(mended, only_shown));
        }
        if !display.quiet && mended.withheld > 0 {
            let count = mended.withheld;
            let message = Message {
                en: format!(
                    "{count} more with `--unsafe-fixes`, which may change what is accepted"
                ),
                zh: format!("另有 {count} 处可用 `--unsafe-fixes` 修复，可能改变放行范围"),
            };
            self.note("check", &message);
        }
    }
}

/// How much was done.
fn count(mended: &Mended, only_shown: bool) -> Message {
    let (done, rounds) = (mended.done.len(), mended.rounds);
    let plural = |count: usize, word: &str| {
        if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
    };
    let (en, zh) = if only_shown { ("to be made", "可修复") } else { ("made", "已修复") };
    let fixes = if done == 1 { "1 fix".to_owned() } else { format!("{done} fixes") };
    let rounds_en = plural(rounds as usize, "round");
    Message {
        en: format!("{fixes} {en} in {rounds_en}"),
        zh: format!("{zh} {done} 处，共 {rounds} 轮"),
    }
}
