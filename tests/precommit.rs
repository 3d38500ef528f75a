//! The hooks for pre-commit, by pre-commit itself: the manifest is valid, a bad file fails, a good one passes.
//!
//! Says aloud that it is skipped where pre-commit or git is not installed; `FWLINT_REQUIRE_TOOLS=1` makes that a failure.

#![expect(clippy::print_stderr, reason = "skips are said aloud")]

use assert_cmd::cargo::cargo_bin;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

const MANIFEST: &str = include_str!("../.pre-commit-hooks.yaml");

const GOOD: &str = "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
";

const BAD: &str = "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m tcp --dport 23 -j ACCEPT
COMMIT
";

/// A repository with the hooks, and one that uses them.
struct Scratch {
    folder: TempDir,
}

impl Scratch {
    /// One that uses this hook of the manifest; `None` where the tools are missing.
    fn new(manifest: &str, hook: &str) -> Option<Self> {
        let runs = |program: &str| {
            let output = Command::new(program).arg("--version").output();
            output.is_ok_and(|output| output.status.success())
        };
        if !runs("pre-commit") || !runs("git") {
            let required = env::var("FWLINT_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
            assert!(!required, "pre-commit and git are required, and not installed");
            eprintln!("SKIPPED: no pre-commit or no git here");
            return None;
        }
        let scratch = Self { folder: tempfile::tempdir().expect("a directory for the test") };
        scratch.write("hooks/.pre-commit-hooks.yaml", manifest);
        scratch.git("hooks", &["init", "-q"]);
        scratch.git("hooks", &["add", "-A"]);
        scratch.git("hooks", &["commit", "-q", "-m", "Hooks"]);
        let revision = scratch.git("hooks", &["rev-parse", "HEAD"]);
        let config = format!(
            "repos:\n- repo: {}\n  rev: {}\n  hooks:\n  - id: {hook}\n",
            scratch.path("hooks").display(),
            revision.trim(),
        );
        scratch.write("user/.pre-commit-config.yaml", &config);
        scratch.git("user", &["init", "-q"]);
        Some(scratch)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn command(&self, program: &str, here: &str) -> Command {
        let program_folder = cargo_bin("fwlint").parent().map(Path::to_owned);
        let old = env::var_os("PATH").unwrap_or_default();
        let folders = program_folder.into_iter().chain(env::split_paths(&old));
        let mut command = Command::new(program);
        command
            .current_dir(self.path(here))
            .env("PATH", env::join_paths(folders).expect("folders without a colon"))
            .env("PRE_COMMIT_HOME", self.path("cache"))
            .env("GIT_CONFIG_GLOBAL", self.path("no-config"))
            .env("LANG", "C.UTF-8");
        let foreign = |name: &str| name.starts_with("FWLINT_") || name.starts_with("GIT_DIR");
        for (name, _) in env::vars_os().filter(|(name, _)| foreign(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "nobody");
            command.env(format!("GIT_{role}_EMAIL"), "nobody@example.org");
        }
        command
    }

    fn git(&self, here: &str, arguments: &[&str]) -> String {
        let output = self.command("git", here).args(arguments).output().expect("git runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("git prints text")
    }

    /// Whether the hook passes over all files, and what it says.
    fn run(&self) -> (bool, String) {
        self.git("user", &["add", "-A"]);
        let mut command = self.command("pre-commit", "user");
        let output = command.args(["run", "--all-files", "--verbose"]).output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.success(), text + &String::from_utf8_lossy(&output.stderr))
    }
}

#[test]
fn the_manifest_is_valid() {
    let Some(scratch) = Scratch::new(MANIFEST, "fwlint-system") else { return };
    let mut command = scratch.command("pre-commit", "hooks");
    let output = command.args(["validate-manifest", ".pre-commit-hooks.yaml"]).output();
    let output = output.expect("it runs");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_good_file_passes_and_a_bad_one_fails_with_its_finding() {
    let Some(scratch) = Scratch::new(MANIFEST, "fwlint-system") else { return };
    scratch.write("user/hosts/web/rules.v4", GOOD);
    let (passes, text) = scratch.run();
    assert!(passes, "{text}");
    assert!(text.contains("Passed"), "{text}");
    scratch.write("user/hosts/old/rules.v4", BAD);
    let (passes, text) = scratch.run();
    assert!(!passes, "{text}");
    assert!(text.contains("exit code: 1"), "{text}");
    assert!(text.contains("hosts/old/rules.v4:6:10") && text.contains("FW104"), "{text}");
    assert!(text.contains("tcp/23 (telnet)"), "{text}");
    assert!(!text.contains("hosts/web/rules.v4:"), "{text}");
}

#[test]
fn files_of_rules_are_given_to_the_hook_and_others_are_not() {
    const TAKEN: [&str; 13] = [
        "rules.v4",
        "etc/iptables/rules.v6",
        "etc/sysconfig/iptables",
        "etc/ip6tables-save",
        "etc/ipset.conf",
        "etc/iptables.up.rules",
        "iptables.conf",
        "host.iptables",
        "host.ip6tables",
        "sets.ipset",
        "etc/nftables.conf",
        "etc/nftables.d/10-web.nft",
        "etc/sysconfig/nftables.conf",
    ];
    const LEFT: [&str; 8] = [
        "README.md",
        "iptables.md",
        "iptables.sh",
        "roles/iptables/tasks.yml",
        "etc/sysconfig/iptables-config",
        "etc/udev/rules.d/60-net.rules",
        "etc/audit/audit.rules",
        "main.rs",
    ];
    let listing = MANIFEST.replace("entry: fwlint check", "entry: fwlint check --show-files");
    let Some(scratch) = Scratch::new(&listing, "fwlint-system") else { return };
    for name in TAKEN.iter().chain(&LEFT) {
        let set = name.contains("ipset");
        let text = if set { "create office hash:ip family inet\n" } else { GOOD };
        scratch.write(&format!("user/{name}"), text);
    }
    let (passes, text) = scratch.run();
    assert!(passes, "{text}");
    let listed: Vec<_> = text.lines().collect();
    for name in TAKEN {
        assert!(listed.contains(&name), "{name} is left out of\n{text}");
    }
    for name in LEFT {
        assert!(!listed.contains(&name), "{name} is in\n{text}");
    }
}

/// A script that loads these rules.
fn script(rules: &str) -> String {
    format!("#!/bin/sh\nset -e\niptables-restore <<END\n{rules}END\n")
}

#[test]
fn scripts_have_a_hook_that_is_silent_on_those_without_a_firewall() {
    let Some(scratch) = Scratch::new(MANIFEST, "fwlint-scripts-system") else { return };
    let silent = [
        ("build.sh", "#!/bin/sh\nset -e\ncc -o tool tool.c\n"),
        ("odd.zsh", "#!/bin/zsh\nfor f in *(.N); do print $f; done\nfiles=(\n"),
        ("template.sh", "#!/bin/sh\n{% if web %}\necho web\n{% endif %}\n"),
        ("empty.sh", ""),
        ("lib.bash", "ask() { read -r answer <<< \"$1\"; [[ $answer == y ]]; }\n"),
        ("rules.v4", BAD),
    ];
    for (name, text) in silent {
        scratch.write(&format!("user/{name}"), text);
    }
    let (passes, text) = scratch.run();
    assert!(passes, "{text}");
    assert!(text.contains("Passed"), "{text}");
    assert!(!text.contains("FW") && !text.contains("fwlint: "), "{text}");
    scratch.write("user/firewall.sh", &script(GOOD));
    let (passes, text) = scratch.run();
    assert!(passes, "{text}");
    scratch.write("user/old.sh", &script(BAD));
    let (passes, text) = scratch.run();
    assert!(!passes, "{text}");
    assert!(text.contains("exit code: 1"), "{text}");
    assert!(text.contains("old.sh:9:10") && text.contains("FW104"), "{text}");
    assert!(!text.contains("firewall.sh:") && !text.contains("build.sh"), "{text}");
    scratch.write("user/old.sh", "#!/bin/sh\niptables -A INPUT -j ACCEPT\nif true\n");
    let (passes, text) = scratch.run();
    assert!(!passes && text.contains("old.sh:3"), "one that does is not passed over: {text}");
}
