use super::arguments::Cli;
use clap::CommandFactory;
use clap_complete::Shell;

/// The completion script for `shell`, whole: written piece by piece it would panic on a closed pipe.
pub fn complete(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "fwlint", &mut script);
    script
}
