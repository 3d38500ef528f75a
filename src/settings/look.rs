use super::Environment;

/// `--color`.
pub type Color = When;

/// When something is done for a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum When {
    /// Where it will be understood.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// What the user says about the look of text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Display {
    /// `--color`.
    pub color: Color,
    /// `--links`.
    pub links: When,
    /// `--ascii`.
    pub ascii: bool,
    /// `--width`; `None` for that of the terminal.
    pub width: Option<u16>,
    /// `--quiet`: findings and nothing else.
    pub quiet: bool,
    /// Whether `-v` was given.
    pub verbose: bool,
}

/// What is known about the stream that is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stream {
    /// Whether a person sees it at once.
    pub terminal: bool,
    /// How many cells wide it is.
    pub columns: Option<u16>,
}

/// How text is written to one stream, all questions settled.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question with two answers")]
pub struct Look {
    /// Whether it is painted.
    pub color: bool,
    /// Whether lines and signs outside ASCII are drawn.
    pub unicode: bool,
    /// Cells a line may take.
    pub width: usize,
    /// The directory that links to files start from, as an absolute path with `/`; `None` for no links.
    pub links: Option<String>,
    /// Whether only findings are written.
    pub quiet: bool,
    /// Whether everything is said that could be.
    pub verbose: bool,
}

impl Look {
    /// No colour, no links, 100 cells: what a file gets.
    pub const PLAIN: Self =
        Self { color: false, unicode: true, width: 100, links: None, quiet: false, verbose: false };
}

impl Display {
    /// The look for `stream`; `here` is the current directory.
    pub fn look(&self, environment: &Environment, stream: Stream, here: Option<String>) -> Look {
        let color = match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => environment.color(stream.terminal),
        };
        let links = match self.links {
            When::Always => true,
            When::Never => false,
            When::Auto => color && stream.terminal && environment.hyperlinks,
        };
        let columns = if stream.terminal { stream.columns.or(environment.columns) } else { None };
        let width = self.width.or(columns).unwrap_or(100);
        Look {
            color,
            // A file or a pipe is read by who knows what: only the locale tells.
            unicode: environment.utf8 && !self.ascii,
            width: usize::from(width).clamp(40, 120),
            links: here.filter(|_| links),
            quiet: self.quiet,
            verbose: self.verbose,
        }
    }
}

impl Environment {
    fn color(&self, terminal: bool) -> bool {
        if self.no_color {
            return false;
        }
        self.force_color || (terminal && !self.clicolor_off && !self.dumb)
    }
}

#[cfg(test)]
mod tests {
    use super::{Display, Environment, Stream, When};

    const TERMINAL: Stream = Stream { terminal: true, columns: Some(200) };
    const PIPE: Stream = Stream { terminal: false, columns: None };

    fn color(when: When, environment: &Environment, stream: Stream) -> bool {
        let display = Display { color: when, ..Display::default() };
        display.look(environment, stream, None).color
    }

    #[test]
    fn colour_is_for_terminals_unless_said() {
        let plain = Environment::default();
        assert!(color(When::Auto, &plain, TERMINAL) && !color(When::Auto, &plain, PIPE));
        assert!(color(When::Always, &plain, PIPE) && !color(When::Never, &plain, TERMINAL));
    }

    #[test]
    fn no_color_beats_force_color_and_the_command_line_beats_both() {
        let forced = Environment { force_color: true, ..Environment::default() };
        assert!(color(When::Auto, &forced, PIPE));
        let both = Environment { no_color: true, ..forced };
        assert!(!color(When::Auto, &both, TERMINAL));
        assert!(color(When::Always, &both, TERMINAL));
    }

    #[test]
    fn a_dumb_terminal_or_clicolor_0_gets_none() {
        let dumb = Environment { dumb: true, ..Environment::default() };
        let off = Environment { clicolor_off: true, ..Environment::default() };
        assert!(!color(When::Auto, &dumb, TERMINAL) && !color(When::Auto, &off, TERMINAL));
    }

    #[test]
    fn width_is_capped() {
        let display = Display::default();
        assert_eq!(display.look(&Environment::default(), TERMINAL, None).width, 120);
        let narrow = Display { width: Some(10), ..display };
        assert_eq!(narrow.look(&Environment::default(), TERMINAL, None).width, 40);
    }
}
