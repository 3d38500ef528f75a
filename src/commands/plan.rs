//! Which settings hold for which input: those of its nearest configuration file, under what the command line says.

use super::{hosts, packet};
use crate::{
    settings::{
        Environment, Error, LintName, Overrides, Settings,
        config::{self, Cause, Written, Wrong},
    },
    source::input::Inputs,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Which configuration files are looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Choice {
    /// The nearest of each input.
    #[default]
    Nearest,
    /// This one for all (`--config`).
    File(PathBuf),
    /// None (`--isolated`).
    None,
}

/// The settings of a run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Those of the whole run: its language and how it is reported.
    pub run: Settings,
    /// Those that inputs have, each once.
    each: Vec<Settings>,
    /// Which of them an input has, by its path.
    of: BTreeMap<String, usize>,
}

/// Makes settings out of configuration files.
#[derive(Debug, Clone, Copy)]
pub struct Planner<'a> {
    /// Which files.
    pub choice: &'a Choice,
    /// What the command line says.
    pub overrides: &'a Overrides,
    /// What surrounds the program.
    pub environment: &'a Environment,
    /// The lints that there are.
    pub lints: &'a [LintName<'a>],
}

impl Plan {
    /// The same settings for everything.
    pub fn of(settings: Settings) -> Self {
        Self { run: settings, each: Vec::new(), of: BTreeMap::new() }
    }

    /// The same for the inputs, with other settings of the whole run.
    #[must_use]
    pub fn reporting(&self, run: Settings) -> Self {
        Self { run, ..self.clone() }
    }

    /// The settings of the input at `path`.
    pub fn settings(&self, path: &str) -> &Settings {
        self.of.get(path).map_or(&self.run, |index| &self.each[*index])
    }

    /// The files that belong to hosts of the inputs and are not among them.
    pub fn context(&self, inputs: &Inputs) -> Vec<PathBuf> {
        hosts::others(inputs, self)
    }
}

impl Planner<'_> {
    /// The settings of each of the inputs. The whole run has those that all inputs share, or else those of the current
    /// directory.
    ///
    /// # Errors
    ///
    /// A configuration file, or the command line, cannot be followed.
    pub fn plan(&self, inputs: &Inputs) -> Result<Plan, Error> {
        let here = Path::new("");
        let mut each: Vec<(Option<PathBuf>, Settings)> = Vec::new();
        let mut by_folder: BTreeMap<PathBuf, usize> = BTreeMap::new();
        let mut of = BTreeMap::new();
        for input in &inputs.files {
            let path = &input.source.path;
            let folder = Path::new(path).parent().unwrap_or(here);
            let index = match by_folder.get(folder) {
                Some(index) => *index,
                None => self.index(folder, &mut each)?,
            };
            by_folder.insert(folder.to_owned(), index);
            of.insert(path.clone(), index);
        }
        let run = if each.len() == 1 { 0 } else { self.index(here, &mut each)? };
        let mut each: Vec<Settings> = each.into_iter().map(|(_, settings)| settings).collect();
        // Reports name a service by its id alone.
        let mut own = 0;
        for settings in each.iter_mut().filter(|it| it.knowledge.own() > 0) {
            settings.knowledge = Arc::new(settings.knowledge.behind(own));
            own += settings.knowledge.own();
        }
        let run = each[run].clone();
        Ok(Plan { run, each, of })
    }

    /// The settings of one configuration file, or of none.
    ///
    /// # Errors
    ///
    /// It cannot be followed.
    pub fn settings(&self, config: Option<&Path>) -> Result<Settings, Error> {
        let files = config.map_or_else(|| Ok(Vec::new()), config::load)?;
        let settings = self.overrides.settle(&files, self.environment, self.lints)?;
        settings.expect.packets.iter().try_for_each(|it| is_packet(&it.packet))?;
        Ok(settings)
    }

    /// The configuration file that holds for a folder.
    ///
    /// # Errors
    ///
    /// There are two.
    pub fn config(&self, folder: &Path) -> Result<Option<PathBuf>, Error> {
        match self.choice {
            Choice::None => Ok(None),
            Choice::File(path) => Ok(Some(path.clone())),
            Choice::Nearest if folder.as_os_str().is_empty() => config::nearest(Path::new(".")),
            Choice::Nearest => config::nearest(folder),
        }
    }

    fn index(
        &self,
        folder: &Path,
        each: &mut Vec<(Option<PathBuf>, Settings)>,
    ) -> Result<usize, Error> {
        let config = self.config(folder)?;
        if let Some(known) = each.iter().position(|(known, _)| *known == config) {
            return Ok(known);
        }
        let settings = self.settings(config.as_deref())?;
        each.push((config, settings));
        Ok(each.len() - 1)
    }
}

/// Refuses what is no packet where it is written.
fn is_packet(written: &Written<String>) -> Result<(), Error> {
    let Err(error) = packet(&written.value) else { return Ok(()) };
    let mut spot = written.spot.clone();
    let text = spot.file.text.get(spot.span.clone()).unwrap_or_default();
    // Between plain quotes the bytes of the packet are those of the file.
    let plain = text.get(1..text.len().saturating_sub(1)) == Some(written.value.as_str());
    if plain {
        let start = spot.span.start + 1;
        spot.span = start + error.span.start..start + error.span.end;
    }
    let cause = Cause::Packet(error.message);
    Err(Error::Config(Box::new(Wrong { spot, against: None, cause })))
}
