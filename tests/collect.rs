//! `fwlint collect` prints a script that reads a host and changes nothing, and what it gathers can be reviewed.
//!
//! Says aloud that a part is skipped where it may not make a network namespace; `FWLINT_REQUIRE_LOADERS=1` makes that a failure.

#![expect(clippy::print_stderr, reason = "skips are said aloud")]

mod process;

use fwlint::commands;
use process::{out, run, tree};
use std::{env, fs, path::Path, process::Command};

/// The first words of commands that the script may run: all of them read, or write into its own folder.
const READING: [&str; 20] = [
    "iptables-save",
    "ip6tables-save",
    "iptables-legacy-save",
    "ip6tables-legacy-save",
    "nft list",
    "ipset save",
    "ss -Hlntu",
    "ip -o",
    "sysctl -e net",
    "set -u",
    "umask 077",
    "out=",
    "mkdir",
    "gather()",
    "file=",
    "shift",
    "echo",
    "rm -f",
    "[ -s",
    "exit",
];

#[test]
fn the_script_is_printed_and_takes_no_options_of_a_check() {
    let root = tree(&[]);
    let (stdout, stderr) = out(&run(root.path(), "collect").code(0));
    assert_eq!((stdout.as_str(), stderr.as_str()), (commands::collect(), ""));
    assert_eq!(fs::read_dir(root.path()).expect("a folder").count(), 0, "nothing is run");
    run(root.path(), "collect x").code(2);
}

#[test]
fn every_command_of_it_only_reads() {
    let gathered: Vec<&str> = commands::collect()
        .lines()
        .filter_map(|line| line.strip_prefix("gather ")?.split_once(' '))
        .map(|(_, command)| command)
        .collect();
    assert!(gathered.len() >= 9, "{gathered:?}");
    for command in gathered {
        assert!(READING.iter().any(|it| command.starts_with(it)), "{command}");
    }
    for word in
        ["-w ", "iptables -", "nft -f", "restore", "flush", "delete", "sudo", "curl", "rm -r"]
    {
        assert!(!commands::collect().contains(word), "{word}");
    }
}

/// Runs the script in a folder, in a network namespace with rules; `None` where that is not allowed.
fn gathered(here: &Path) -> Option<()> {
    fs::write(here.join("collect.sh"), commands::collect()).expect("written");
    let rules = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 23 -j ACCEPT\nCOMMIT\n";
    fs::write(here.join("loaded.v4"), rules).expect("written");
    let line = "iptables-restore <loaded.v4 && ip6tables-restore </dev/null && sh collect.sh host";
    let output = Command::new("unshare").args(["-n", "sh", "-c", line]).current_dir(here).output();
    let ran = output.is_ok_and(|output| output.status.success());
    if !ran {
        let required = env::var("FWLINT_REQUIRE_LOADERS").is_ok_and(|value| value == "1");
        assert!(!required, "a network namespace and the loaders are required");
        eprintln!("SKIPPED: no network namespace or no iptables here");
        return None;
    }
    Some(())
}

#[test]
fn what_it_gathers_is_reviewed() {
    let root = tree(&[]);
    if gathered(root.path()).is_none() {
        return;
    }
    let text = fs::read_to_string(root.path().join("host/rules.v4")).expect("gathered");
    assert!(text.contains("--dport 23 -j ACCEPT"), "{text}");
    let config = "[[host]]\nname = \"web1\"\nfiles = [\"host/rules.v4\"]\n\
                  sockets = \"host/ss.txt\"\nsysctl = \"host/sysctl.txt\"\n";
    fs::write(root.path().join("fwlint.toml"), config).expect("written");
    let (stdout, _) = out(&run(root.path(), "review host/rules.v4").code(0));
    assert!(
        stdout.contains("telnet") && stdout.contains("no program listens at tcp/23"),
        "{stdout}"
    );
}
