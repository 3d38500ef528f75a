//! The kernel as oracle: rules are loaded by the real loaders in a network namespace, and packets sent through them.
//!
//! Runs where the process is root, may make TAP devices in a network namespace and has the loaders; says so aloud where
//! not. `FWLINT_REQUIRE_LOADERS=1` turns that into a failure.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "counts and skips are said aloud")]

mod agreement;
mod connection;
mod facts;
mod frame;
#[path = "../generate/mod.rs"]
mod generate;
mod generated;
mod judge;
mod log;
mod namespace;
mod netlink;
#[path = "../numbers/mod.rs"]
mod numbers;
mod oracle;
mod places;
mod seen;
mod trace;
mod verdicts;

use judge::{Backend, Files, Judge};
use std::{env, process::Command, thread};

/// Runs a test in a thread of its own, which may enter network namespaces, if that can be done here.
fn on_the_kernel(test: impl FnOnce() + Send) {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    let missing = [
        "nft",
        "ipset",
        "iptables-nft-restore",
        "iptables-legacy-restore",
        "ip6tables-nft-restore",
        "ip6tables-legacy-restore",
    ];
    let missing = missing.into_iter().find(|it| !has(it));
    thread::scope(|scope| {
        let test = scope.spawn(|| {
            let cause = missing.map(str::to_owned).or_else(|| {
                Judge::load(&Files::default(), Backend::Nft).err().map(|it| it.to_string())
            });
            if let Some(cause) = cause {
                let is_required = env::var_os("FWLINT_REQUIRE_LOADERS").is_some();
                assert!(!is_required, "the kernel cannot be asked here: {cause}");
                eprintln!("SKIPPED: the kernel cannot be asked here: {cause}");
                return;
            }
            test();
        });
        if let Err(panic) = test.join() {
            std::panic::resume_unwind(panic);
        }
    });
}
