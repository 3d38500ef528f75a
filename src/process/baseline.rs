//! `fwlint baseline`, and what `check` knows already: by a baseline, or by a commit.

use super::{
    Asked, Process, Stop,
    git::Checkout,
    read, remark,
    write::{Refused, Staged},
};
use fwlint::{
    commands::{
        self, Exit, Known, Outcome, Plan,
        arguments::{Baseline, BaselineAction, Check},
    },
    settings::{Settings, Severity},
    source::input::{self, Inputs, Request},
    words::Message,
};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

pub(crate) fn baseline(arguments: &Baseline, process: &Process) -> Exit {
    let asked = Asked::new(
        process,
        &arguments.common,
        arguments.configured.choice(),
        arguments.overrides(),
    );
    let planner = asked.planner();
    if let Err(error) = planner.settings(None) {
        return asked.refuse(&error);
    }
    let path = input::shown(&arguments.baseline);
    let old = match arguments.action {
        BaselineAction::Create => Ok(None),
        BaselineAction::Prune => read_baseline(&arguments.baseline).map(|(old, _)| Some(old)),
    };
    let old = match old {
        Ok(old) => old,
        Err(message) => {
            process.note(&path, &message, asked.language, &asked.display);
            return Exit::Usage;
        }
    };
    let (inputs, plan) = match read(&arguments.files, &planner) {
        Ok(read) => read,
        Err(stop) => return asked.stop(&stop),
    };
    let outcome = commands::check_as_planned(inputs, arguments.files.dialect, &plan);
    let settings = &plan.run;
    asked.remark_input(&outcome.refused, &outcome.problems, &[], settings.language);
    let exit = match outcome.exit(settings) {
        Exit::Findings => Exit::Clean,
        other => other,
    };
    let (nothing, complete) = (outcome.looked_at_nothing(), outcome.complete());
    remark("baseline", nothing, complete, exit, process, settings);
    if exit != Exit::Clean {
        return exit;
    }
    let written = match old {
        None => create(&arguments.baseline, &commands::Baseline::of(&path, &outcome)),
        Some(old) => {
            let pruned = old.pruned(&outcome, |path| Path::new(path).exists());
            prune(&arguments.baseline, &old, &pruned)
        }
    };
    let (message, exit) = match written {
        Ok(message) => (message, Exit::Clean),
        Err(message) => (message, Exit::Usage),
    };
    process.note(&path, &message, settings.language, &settings.display);
    exit
}

fn create(path: &Path, baseline: &commands::Baseline) -> Result<Message, Message> {
    // Whoever creates it anew would accept what came in the meantime without seeing it.
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = file.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Message {
            en: "is there already; `fwlint baseline prune` takes out what is mended".into(),
            zh: "已经存在；`fwlint baseline prune` 可移除已修复的条目".into(),
        },
        _ => Refused::System(error).message(),
    })?;
    file.write_all(baseline.text().as_bytes()).map_err(|error| Refused::System(error).message())?;
    let count = baseline.entries.len();
    Ok(Message {
        en: format!("{count} finding{} written", if count == 1 { "" } else { "s" }),
        zh: format!("已写入 {count} 个告警"),
    })
}

fn prune(
    path: &Path,
    old: &commands::Baseline,
    pruned: &commands::Baseline,
) -> Result<Message, Message> {
    let (gone, left) = (old.entries.len() - pruned.entries.len(), pruned.entries.len());
    if gone > 0 {
        let staged = Staged::new(path, pruned.text().as_bytes());
        staged.and_then(Staged::settle).map_err(|refused| refused.message())?;
    }
    Ok(Message {
        en: format!("{gone} taken out, {left} left"),
        zh: format!("移除 {gone} 个，保留 {left} 个"),
    })
}

fn read_baseline(path: &Path) -> Result<(commands::Baseline, String), Message> {
    let text = fs::read_to_string(path).map_err(|error| Message {
        en: format!("the baseline cannot be read: {error}"),
        zh: format!("无法读取基线文件：{error}"),
    })?;
    Ok((commands::Baseline::read(&input::shown(path), &text)?, text))
}

/// Why it is not known what was there.
pub(crate) struct Failed {
    pub(crate) subject: String,
    pub(crate) message: Message,
    pub(crate) exit: Exit,
}

/// What `check` was told to pass over, and by which baseline.
pub(crate) struct Before {
    pub(crate) known: Known,
    baseline: Option<commands::Baseline>,
}

impl Before {
    pub(crate) fn of(arguments: &Check, inputs: &Inputs, plan: &Plan) -> Result<Self, Failed> {
        let mut before = Self { known: Known::default(), baseline: None };
        if let Some(path) = &arguments.baseline {
            let subject = input::shown(path);
            let (baseline, text) = read_baseline(path).map_err(|message| Failed {
                subject,
                message,
                exit: Exit::Usage,
            })?;
            before.known = baseline.known(&text);
            before.baseline = Some(baseline);
        }
        if let Some(reference) = &arguments.new_since {
            let earlier = earlier(reference, arguments, inputs, plan)?;
            before.known = before.known.and(Known::since(reference, &earlier));
        }
        Ok(before)
    }

    /// That nothing of the baseline was found.
    pub(crate) fn remark(&self, outcome: &Outcome, process: &Process, settings: &Settings) {
        let Some(baseline) = &self.baseline else { return };
        let is_used = outcome.silenced.iter().any(|it| it.silence.path == baseline.path);
        if is_used || baseline.entries.is_empty() {
            return;
        }
        let count = baseline.entries.len();
        let message = Message {
            en: format!(
                "nothing in it matches ({count} finding{}): it is another project's, or all is mended \
                 and `fwlint baseline prune` empties it",
                if count == 1 { "" } else { "s" }
            ),
            zh: format!(
                "其中 {count} 个告警无一匹配：可能是另一个项目的基线；若问题均已修复，可用 `fwlint baseline prune` 清理"
            ),
        };
        process.note(&baseline.path, &message, settings.language, &settings.display);
    }
}

/// What the files of a commit report, under the settings of today.
fn earlier(
    reference: &str,
    arguments: &Check,
    inputs: &Inputs,
    plan: &Plan,
) -> Result<Outcome, Failed> {
    let files = &arguments.files;
    let failed = |why: String| {
        let message = Message {
            en: format!("git does not give it: {why}"),
            zh: format!("无法从 git 取得：{why}"),
        };
        Failed { subject: reference.to_owned(), message, exit: Exit::Incomplete }
    };
    let mut paths: Vec<PathBuf> = files.paths.iter().map(|path| on_disk(path, arguments)).collect();
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    paths.extend(plan.context(inputs));
    let tree = Checkout::of(reference, &paths).map_err(failed)?;
    let request = Request { paths: tree.paths.clone(), ..files.request() };
    let wanted = |source: &_, origin| commands::recognised(source, origin, files.dialect);
    let includes = |source: &_, origin| commands::includes(source, origin, files.dialect);
    let said = |problem: input::Problem| Failed {
        subject: problem.path().to_owned(),
        message: problem.message(),
        exit: Exit::Usage,
    };
    let mut earlier = input::read(&request, &mut io::empty(), &wanted).map_err(said)?;
    input::follow(&mut earlier, &request, &includes);
    earlier.shown_without(&input::shown(&tree.here));
    // Whatever is hidden now counts among what was there.
    let run = Settings { min_severity: Severity::Info, ..plan.run.clone() };
    let plan = plan.reporting(run);
    Ok(commands::check_as_planned(earlier, files.dialect, &plan))
}

/// The path of the file that standard input stands for.
fn on_disk(path: &Path, arguments: &Check) -> PathBuf {
    let name = arguments.files.stdin_filename.as_ref().filter(|_| path == Path::new("-"));
    name.map_or_else(|| path.to_owned(), PathBuf::from)
}

impl From<Failed> for Stop {
    fn from(failed: Failed) -> Self {
        Self::Before(failed)
    }
}
