//! Whether and how progress is shown. Pure.

use clap::ValueEnum;

/// What `--progress` and `UNGLUE_PROGRESS` say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ProgressMode {
    /// A bar on a terminal; elsewhere lines, where logs of what happens are written
    #[default]
    Auto,
    /// A bar on a terminal, nothing elsewhere
    Bar,
    /// A line from time to time, whatever is logged
    Log,
    /// Nothing
    None,
}

/// What is asked for, and where stderr goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// The option, else the variable.
    pub mode: ProgressMode,
    /// Whether stderr is a terminal that a line can be drawn anew on.
    pub on_terminal: bool,
    /// Whether everything on stderr is JSON.
    pub as_json: bool,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    /// Not at all.
    #[default]
    None,
    /// A bar.
    Bar,
    /// Lines of logs.
    Logs,
    /// Lines, whatever is logged.
    Lines,
}

impl Asked {
    /// How it is shown.
    #[must_use]
    pub fn way(self) -> Way {
        let can_draw = self.on_terminal && !self.as_json;
        match self.mode {
            ProgressMode::Auto | ProgressMode::Bar if can_draw => Way::Bar,
            ProgressMode::Auto => Way::Logs,
            ProgressMode::Log => Way::Lines,
            ProgressMode::Bar | ProgressMode::None => Way::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_only_drawn_where_it_can_be_drawn_anew() {
        let asked = |mode, on_terminal, as_json| Asked { mode, on_terminal, as_json }.way();
        for (mode, ways) in [
            (ProgressMode::Auto, [Way::Bar, Way::Logs, Way::Logs]),
            (ProgressMode::Bar, [Way::Bar, Way::None, Way::None]),
            (ProgressMode::Log, [Way::Lines; 3]),
            (ProgressMode::None, [Way::None; 3]),
        ] {
            let found = [(true, false), (false, false), (true, true)]
                .map(|(on_terminal, as_json)| asked(mode, on_terminal, as_json));
            assert_eq!(found, ways, "{mode:?}");
        }
    }
}
