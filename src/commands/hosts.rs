//! Which files make a host: those that the configuration says, and `rules.v4` with `rules.v6` beside it.

use super::{Plan, reading::Text};
use crate::{
    lower,
    model::Ruleset,
    settings::{
        Error, Host, Settings,
        config::{self, Cause, Wrong},
    },
    source::{
        SourceFile,
        input::{self, Inputs, Origin, Problem, Request, identity},
    },
    syntax::{Dialect, Tree},
    words::Message,
};
use std::path::{Path, PathBuf};

/// The files of one host.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// What the configuration says of it.
    pub(super) host: Option<&'a Host>,
    /// Indices of its texts.
    pub(super) texts: Vec<usize>,
    /// What the user wants of it.
    pub(super) settings: &'a Settings,
}

impl Group<'_> {
    /// Its texts as lowering takes them.
    pub(super) fn inputs<'r>(&self, texts: &[Text<'r>]) -> Vec<lower::Input<'r>> {
        self.texts.iter().map(|it| texts[*it].input()).collect()
    }

    /// The host as people read it: by its name, or by its files.
    pub(super) fn name(&self, texts: &[Text<'_>]) -> String {
        if let Some(host) = self.host {
            return host.name.value.clone();
        }
        let paths: Vec<&str> =
            self.texts.iter().map(|index| texts[*index].source.path.as_str()).collect();
        paths.join(" + ")
    }
}

/// The file of the other family that belongs to a file by its name: `rules.v6` to `rules.v4`.
fn counterpart(path: &str) -> Option<String> {
    if let Some(stem) = path.strip_suffix(".v4") {
        return Some(format!("{stem}.v6"));
    }
    if let Some(stem) = path.strip_suffix(".v6") {
        return Some(format!("{stem}.v4"));
    }
    let (folder, name) = path
        .rsplit_once('/')
        .map_or(("", path), |(_, name)| (&path[..path.len() - name.len()], name));
    if let Some(rest) = name.strip_prefix("ip6tables") {
        return Some(format!("{folder}iptables{rest}"));
    }
    name.strip_prefix("iptables").map(|rest| format!("{folder}ip6tables{rest}"))
}

/// The files of the hosts that `inputs` are part of, as far as they are not among them.
pub(super) fn others(inputs: &Inputs, plan: &Plan) -> Vec<PathBuf> {
    let path = |path: &str| identity(Path::new(path));
    let known: Vec<PathBuf> = inputs.files.iter().map(|it| path(&it.source.path)).collect();
    let mut others: Vec<PathBuf> = Vec::new();
    for (input, own) in inputs.files.iter().zip(&known) {
        let hosts = &plan.settings(&input.source.path).hosts;
        let of = |host: &&Host| host.files.iter().any(|it| identity(&it.value) == *own);
        let mut listed = false;
        for host in hosts.iter().filter(of) {
            listed = true;
            others.extend(host.files.iter().map(|it| it.value.clone()));
        }
        let beside = counterpart(&input.source.path).map(PathBuf::from);
        others.extend(beside.filter(|beside| !listed && beside.is_file()));
    }
    let mut others: Vec<PathBuf> = others.iter().map(|other| identity(other)).collect();
    others.retain(|other| !known.contains(other));
    others.sort();
    others.dedup();
    others
}

/// The files that a configuration in `folder` is about: those of its hosts, or, where it names none, every file of rules
/// below the folder for which no other configuration is nearer.
///
/// # Errors
///
/// A configuration below the folder cannot be told from another.
pub fn tested<E: From<Error> + From<Problem>>(
    settings: &Settings,
    folder: &Path,
    request: &Request,
    wanted: &(dyn Fn(&SourceFile, Origin) -> bool + Sync),
) -> Result<Inputs, E> {
    if !settings.hosts.is_empty() {
        let files = settings.hosts.iter().flat_map(|host| &host.files);
        let mut files: Vec<PathBuf> = files.map(|file| identity(&file.value)).collect();
        files.sort();
        files.dedup();
        let mut inputs = Inputs::default();
        inputs.add(input::context(files, request, wanted));
        return Ok(inputs);
    }
    let mut inputs = input::read(request, &mut std::io::empty(), wanted)?;
    let top = identity(folder);
    let mut below = Vec::new();
    for file in std::mem::take(&mut inputs.files) {
        let own = Path::new(&file.source.path).parent().map(identity);
        let nearest = own.map_or(Ok(None), |own| config::nearest(&own))?;
        let nearer = nearest.as_deref().and_then(Path::parent);
        if nearer.is_none_or(|nearer| nearer == top || !nearer.starts_with(&top)) {
            below.push(file);
        }
    }
    inputs.files = below;
    Ok(inputs)
}

/// The texts in hosts, in their order, and what cannot be a host.
pub(super) fn groups<'a>(texts: &[Text<'_>], plan: &'a Plan) -> (Vec<Group<'a>>, Vec<Error>) {
    let settings = |index: usize| plan.settings(&texts[index].source.path);
    let is_set = |index: &usize| matches!(texts[*index].parsed.tree, Tree::Ipset(_));
    let (mut groups, errors) = configured(texts, plan);
    let mut taken: Vec<bool> =
        (0..texts.len()).map(|index| groups.iter().any(|it| it.texts.contains(&index))).collect();
    let (sets, rules): (Vec<usize>, Vec<usize>) =
        (0..texts.len()).filter(|index| !taken[*index]).partition(is_set);
    for index in rules.iter().copied() {
        if std::mem::replace(&mut taken[index], true) {
            continue;
        }
        let twin = rules.iter().copied().find(|it| !taken[*it] && are_pair(texts, index, *it));
        let members = [index].into_iter().chain(twin).collect();
        if let Some(twin) = twin {
            taken[twin] = true;
        }
        groups.push(Group { host: None, texts: members, settings: settings(index) });
    }
    for set in sets {
        let mut used = false;
        for group in &mut groups {
            if group.texts.iter().any(|it| !is_set(it) && folder(texts, *it) == folder(texts, set))
            {
                group.texts.push(set);
                used = true;
            }
        }
        if !used {
            groups.push(Group { host: None, texts: vec![set], settings: settings(set) });
        }
    }
    groups.sort_by(|a, b| a.texts.cmp(&b.texts));
    (groups, errors)
}

fn folder<'t>(texts: &'t [Text<'_>], index: usize) -> &'t str {
    texts[index].source.path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether two files are the two families of one host.
fn are_pair(texts: &[Text<'_>], a: usize, b: usize) -> bool {
    let families = [texts[a].parsed.dialect, texts[b].parsed.dialect];
    let differ = families.contains(&Dialect::Iptables) && families.contains(&Dialect::Ip6tables);
    differ && counterpart(&texts[a].source.path).as_ref() == Some(&texts[b].source.path)
}

/// The hosts of the configuration files.
fn configured<'a>(texts: &[Text<'_>], plan: &'a Plan) -> (Vec<Group<'a>>, Vec<Error>) {
    let (mut groups, mut errors) = (Vec::new(), Vec::new());
    let mut all: Vec<&'a Settings> = Vec::new();
    for text in texts {
        let settings = plan.settings(&text.source.path);
        if !settings.hosts.is_empty() && !all.iter().any(|it| std::ptr::eq(*it, settings)) {
            all.push(settings);
        }
    }
    if all.is_empty() {
        return (groups, errors);
    }
    let paths: Vec<PathBuf> =
        texts.iter().map(|text| identity(Path::new(&text.source.path))).collect();
    for settings in all {
        for host in &settings.hosts {
            let find = |path: &Path| paths.iter().position(|it| *it == identity(path));
            let mut members: Vec<usize> =
                host.files.iter().filter_map(|it| find(&it.value)).collect();
            members.dedup();
            if members.is_empty() {
                continue;
            }
            match refused(texts, &members, host) {
                Some(error) => errors.push(error),
                None => groups.push(Group { host: Some(host), texts: members, settings }),
            }
        }
    }
    (groups, errors)
}

/// Why the files of a host cannot be loaded together: two of them fill the same table.
fn refused(texts: &[Text<'_>], members: &[usize], host: &Host) -> Option<Error> {
    if members.len() < 2 {
        return None;
    }
    let rulesets: Vec<(usize, Ruleset)> =
        members.iter().map(|index| (*index, lower::ruleset(&[texts[*index].input()]))).collect();
    for ((second, ruleset), at) in rulesets.iter().zip(0..) {
        for (first, other) in &rulesets[..at] {
            let filled = filled(ruleset);
            let Some(table) = filled.iter().find(|it| self::filled(other).contains(it)) else {
                continue;
            };
            let path = |index: &usize| &texts[*index].source.path;
            let (a, b, name) = (path(first), path(second), &host.name.value);
            let message = Message {
                en: format!(
                    "host `{name}`: {a} and {b} both fill table `{table}`, and one replaces the other"
                ),
                zh: format!("主机 `{name}`：{a} 与 {b} 都定义了表 `{table}`，后者会取代前者"),
            };
            let own = |index: &usize| {
                let path = identity(Path::new(path(index)));
                host.files.iter().find(|it| identity(&it.value) == path).map(|it| it.spot.clone())
            };
            let spot = own(second).unwrap_or_else(|| host.name.spot.clone());
            let (against, cause) = (own(first), Cause::Together(message));
            return Some(Error::Config(Box::new(Wrong { spot, against, cause })));
        }
    }
    None
}

/// The tables whose chains of the kernel a file declares.
fn filled(ruleset: &Ruleset) -> Vec<String> {
    let declared = ruleset.base_chains().filter(|(_, chain, _)| chain.declared);
    let name = |table: &crate::model::Table| format!("{} {}", table.family.name(), table.name);
    declared.map(|(id, ..)| name(ruleset.table_of(id))).collect()
}

#[cfg(test)]
mod tests {
    use super::counterpart;

    #[test]
    fn the_other_family_is_found_by_name() {
        for (path, other) in [
            ("a/rules.v4", Some("a/rules.v6")),
            ("rules.v6", Some("rules.v4")),
            ("a/iptables", Some("a/ip6tables")),
            ("ip6tables.rules", Some("iptables.rules")),
            ("a/filter.rules", None),
            ("iptables/nftables.conf", None),
        ] {
            assert_eq!(counterpart(path).as_deref(), other, "{path}");
        }
    }
}
