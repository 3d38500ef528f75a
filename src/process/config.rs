//! `fwlint config`.

use super::{Asked, Process};
use fwlint::{
    commands::{
        Exit,
        arguments::{Config, ConfigAction},
    },
    settings::config,
    source::input,
    words::{Language, Message},
};
use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
};

pub(crate) fn config(arguments: &Config, process: &Process) -> Exit {
    match arguments.action {
        ConfigAction::Show => show(arguments, process),
        ConfigAction::Schema => schema(arguments, process),
        ConfigAction::Init => init(arguments, process),
    }
}

fn show(arguments: &Config, process: &Process) -> Exit {
    let own = arguments.overrides();
    let choice = arguments.configured.choice();
    let asked = Asked::new(process, &arguments.common, choice, own.clone());
    let planner = asked.planner();
    let shown = planner.config(&folder(arguments)).and_then(|path| {
        // What cannot be followed is not shown as if it held.
        planner.settings(path.as_deref())?;
        path.as_deref().map_or_else(|| Ok(Vec::new()), config::load)
    });
    match shown {
        Err(error) => asked.refuse(&error),
        Ok(files) => {
            let page = config::show(&files, &own, &arguments.from_environment, asked.language);
            process.print(|out, _| out.write_all(page.as_bytes()), &asked.display)
        }
    }
}

/// The folder whose configuration is meant.
fn folder(arguments: &Config) -> PathBuf {
    let path = arguments.path.clone().unwrap_or_default();
    if path.as_os_str().is_empty() || path.is_dir() {
        return path;
    }
    path.parent().map(Path::to_owned).unwrap_or_default()
}

fn schema(arguments: &Config, process: &Process) -> Exit {
    let schema = config::schema();
    process.print(|out, _| writeln!(out, "{schema:#}"), &arguments.common.display())
}

/// Writes a file to begin with, where there is none under either name.
fn init(arguments: &Config, process: &Process) -> Exit {
    let (language, display) = (process.language(&arguments.common), arguments.common.display());
    let folder = arguments.path.clone().unwrap_or_else(|| PathBuf::from("."));
    let path = folder.join("fwlint.toml");
    let (shown, message, exit) = match write(&folder, &path, language) {
        Ok(()) => {
            let message = Message {
                en: "written; every key is there, and commented out".into(),
                zh: "已写入；列出了全部配置项，均已注释".into(),
            };
            (input::shown(&path), message, Exit::Clean)
        }
        Err((path, message)) => (input::shown(&path), message, Exit::Usage),
    };
    process.note(&shown, &message, language, &display);
    exit
}

fn write(folder: &Path, path: &Path, language: Language) -> Result<(), (PathBuf, Message)> {
    let there = |path: PathBuf| {
        let message = Message {
            en: "is there already, and stays as it is".into(),
            zh: "已经存在，保持不变".into(),
        };
        (path, message)
    };
    let hidden = folder.join(".fwlint.toml");
    if hidden.exists() {
        return Err(there(hidden));
    }
    let failed = |error: io::Error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            return there(path.to_owned());
        }
        let message =
            Message { en: format!("not written: {error}"), zh: format!("未写入：{error}") };
        (path.to_owned(), message)
    };
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(config::template(language).as_bytes()).map_err(failed)
}
