//! Whose turn the terminal is: one program at a time reads keys from it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Whose {
    /// The statement's, which writes on it.
    #[default]
    Statement,
    /// That of a pager that shows the statement's rows.
    Pager,
    /// The shell's again, whether the statement has ended or not.
    Shell,
}

/// The terminal while one statement runs; clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Turn(Arc<Mutex<Whose>>);

impl Turn {
    /// Gives the terminal to a pager; answers whether the statement still had it.
    pub(super) fn give_to_pager(&self) -> bool {
        let mut whose = self.whose();
        let is_given = *whose == Whose::Statement;
        if is_given {
            *whose = Whose::Pager;
        }
        is_given
    }

    /// The pager has ended.
    pub(super) fn end_of_pager(&self) {
        *self.whose() = Whose::Statement;
    }

    /// Takes the terminal from a statement that does not end; answers whether it could be: a pager has it until it is left.
    pub(super) fn take_back(&self) -> bool {
        let mut whose = self.whose();
        let is_free = *whose != Whose::Pager;
        if is_free {
            *whose = Whose::Shell;
        }
        is_free
    }

    /// Whether the statement may write on it no longer.
    pub(super) fn is_over(&self) -> bool {
        *self.whose() == Whose::Shell
    }

    fn whose(&self) -> MutexGuard<'_, Whose> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_waits_for_a_pager_and_a_statement_does_not_come_back() {
        let turn = Turn::default();
        assert!(turn.give_to_pager());
        assert!(!turn.take_back(), "as long as the pager is there");
        turn.end_of_pager();
        assert!(turn.take_back() && turn.is_over());
        assert!(!turn.give_to_pager(), "a statement that was given up opens no pager");
    }
}
