use super::Cli;
use clap::{ArgAction, CommandFactory};
use std::ffi::OsString;

/// The arguments with the command in front: `fwlint PATH` is `fwlint check PATH`, and options may stand before a command.
///
/// An argument equal to a command's name is the command; a file of that name is written `./check`.
///
/// # Panics
///
/// Never: there is a command `check`.
pub fn with_command(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<_> = arguments.into_iter().collect();
    let cli = Cli::command();
    let check = cli.find_subcommand("check").expect("there is a command `check`");
    let mut at = 1;
    while let Some(argument) = arguments.get(at) {
        let word = argument.to_string_lossy();
        if word == "--" || word == "-" {
            break;
        }
        if matches!(&*word, "-h" | "--help" | "-V" | "--version") {
            if at == 1 {
                return arguments;
            }
            break;
        }
        if !word.starts_with('-') {
            if cli.find_subcommand(&*word).is_some() {
                let command = arguments.remove(at);
                arguments.insert(1, command);
                return arguments;
            }
            break;
        }
        at += if takes_next(check, &word) { 2 } else { 1 };
    }
    arguments.insert(arguments.len().min(1), "check".into());
    arguments
}

/// Whether the word after this option is its value.
fn takes_next(check: &clap::Command, word: &str) -> bool {
    let takes = |argument: &clap::Arg| {
        let has_value = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
        has_value && !argument.is_require_equals_set()
    };
    if let Some(long) = word.strip_prefix("--") {
        let mut arguments = check.get_arguments();
        return arguments.any(|argument| argument.get_long() == Some(long) && takes(argument));
    }
    // In `-vf json` the last letter asks for a value; in `-fjson` the first one has it.
    let letters: Vec<char> = word.chars().skip(1).collect();
    let asks = |letter: char| {
        let mut arguments = check.get_arguments();
        arguments.any(|argument| argument.get_short() == Some(letter) && takes(argument))
    };
    letters.iter().position(|letter| asks(*letter)).is_some_and(|at| at + 1 == letters.len())
}

#[cfg(test)]
mod tests {
    use super::with_command;

    fn of(line: &str) -> String {
        let words = with_command(line.split(' ').map(Into::into));
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        words.join(" ")
    }

    #[test]
    fn check_is_the_default_command() {
        assert_eq!(of("fwlint"), "fwlint check");
        assert_eq!(of("fwlint rules.v4"), "fwlint check rules.v4");
        assert_eq!(of("fwlint -"), "fwlint check -");
        assert_eq!(of("fwlint --select FW1 lints.v4"), "fwlint check --select FW1 lints.v4");
        assert_eq!(of("fwlint -vf json x"), "fwlint check -vf json x");
        assert_eq!(of("fwlint -fjson x"), "fwlint check -fjson x");
    }

    #[test]
    fn a_command_is_found_behind_options() {
        assert_eq!(of("fwlint --lang zh explain FW1"), "fwlint explain --lang zh FW1");
        assert_eq!(of("fwlint -q lints"), "fwlint lints -q");
        assert_eq!(of("fwlint --add-ignore lints"), "fwlint lints --add-ignore");
        assert_eq!(of("fwlint lints"), "fwlint lints");
    }

    #[test]
    fn a_value_is_not_taken_for_a_command() {
        assert_eq!(of("fwlint --exclude lints x"), "fwlint check --exclude lints x");
        assert_eq!(of("fwlint ./lints"), "fwlint check ./lints");
        assert_eq!(of("fwlint -- lints"), "fwlint check -- lints");
    }

    #[test]
    fn help_and_version_are_the_programs_own() {
        assert_eq!(of("fwlint --help"), "fwlint --help");
        assert_eq!(of("fwlint -V"), "fwlint -V");
        assert_eq!(of("fwlint x --help"), "fwlint check x --help");
    }
}
