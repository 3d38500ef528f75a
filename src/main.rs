//! The process: arguments, standard streams, exit code. Nothing else.

mod process;

use fwlint::commands::Exit;
use process::run;
use std::{
    any::Any,
    io::{self, Write},
    panic::{self, AssertUnwindSafe},
    process::ExitCode,
    sync::Mutex,
};

fn main() -> ExitCode {
    ExitCode::from(guarded(run).code())
}

/// Runs `work`; a panic is a defect of ours, and says how to report it.
fn guarded(work: fn() -> Exit) -> Exit {
    static PLACE: Mutex<String> = Mutex::new(String::new());
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        if let Ok(mut known) = PLACE.lock() {
            *known = place;
        }
    }));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    // Left in place, the hook would hide the panics of whoever runs next, such as a test.
    drop(panic::take_hook());
    result.unwrap_or_else(|payload| {
        let place = PLACE.lock().map(|place| place.clone()).unwrap_or_default();
        let _ = writeln!(
            io::stderr(),
            "fwlint: this is a defect of fwlint {}, not of your files: {} (at {place})\n\
             fwlint: please report it with this line, the command line, and the smallest input that shows it",
            env!("CARGO_PKG_VERSION"),
            said(payload.as_ref()),
        );
        Exit::Internal
    })
}

fn said(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::{Exit, guarded};

    #[test]
    fn a_panic_is_an_exit_code_of_its_own() {
        assert_eq!(guarded(|| panic!("on purpose")), Exit::Internal);
        assert_eq!(guarded(|| Exit::Findings), Exit::Findings);
    }
}
