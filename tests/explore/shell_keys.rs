//! The keys of the shell: editing, history, completion, interrupts, and how it is left.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use libtest_mimic::Trial;

use super::shell::{open, open_with, shop};
use crate::scenarios::site::{EACH, SQLITE, Site, scenarios};
use crate::support::Shared;
use crate::support::keyboard::{BACKSPACE, CTRL_A, CTRL_C, CTRL_D, LEFT, TAB, Terminal, UP};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        tab_completes_tables_columns_keywords_commands_and_files,
    ]
    .chain(scenarios![servers, [SQLITE];
        a_statement_of_several_lines_is_edited_and_run,
        a_command_in_a_line_of_a_statement_is_obeyed_and_the_statement_goes_on,
        arrows_find_what_was_typed_before_also_in_another_shell,
        an_interrupt_ends_the_statement_and_not_the_shell,
        a_pager_keeps_the_terminal_through_an_interrupt,
        what_is_typed_is_dropped_by_ctrl_c_and_the_shell_left_by_ctrl_d,
        a_shell_that_is_asked_to_end_leaves_the_terminal_as_it_was,
        colours_are_left_out_where_they_are_not_wanted,
    ])
    .collect()
}

fn a_statement_of_several_lines_is_edited_and_run(site: &Site<'_>) {
    let mut shell = open_with(site, &[], &[("NO_COLOR", "1")]);
    // The first line waits, a wrong letter is taken back, and a digit is put in before the end.
    shell.keys("SELECT 'a;b' AS s,\r");
    shell.until("-- goes on until ;");
    let shown = shell.line(&format!("1x{BACKSPACE} AS n;{LEFT}{LEFT}{LEFT}{LEFT}{LEFT}{LEFT}4"));
    assert!(shown.contains("a;b") && shown.contains(" 14 |"), "{shown}");
    let shown = shell.line(&format!("ELECT 'first' AS f;{CTRL_A}S"));
    assert!(shown.contains("| first "), "{shown}");
}

fn a_command_in_a_line_of_a_statement_is_obeyed_and_the_statement_goes_on(site: &Site<'_>) {
    let mut shell = open_with(site, &[], &[("NO_COLOR", "1"), ("UNGLUE_PAGER", "")]);
    let help = shell.line("SELECT 41 +\r\\?");
    assert!(help.contains("\\refresh"), "{help}");
    assert!(shell.line("\\p").contains("\nSELECT 41 +\n"));
    // An error of a command ends it as little.
    assert!(shell.line("\\tming").contains("there is no command \\tming"));
    assert!(shell.line("1 AS n;").contains(" 42 |"));
    let shown = shell.line(UP);
    assert!(shown.contains(" 42 |"), "the history has the whole statement: {shown}");
    assert!(shell.line("SELECT 'never'\r\\r").contains("no statement is begun\n"));
    assert!(shell.line("SELECT 'then' AS t;").contains("| then "));
    // Within quotes a backslash is what it is.
    assert!(shell.line("SELECT length('\r\\\\q') AS n;").contains(" 3 |"));
    shell.keys("SELECT 1,\r\\q\r");
    assert_eq!(shell.end().0, Some(0));
}

fn arrows_find_what_was_typed_before_also_in_another_shell(site: &Site<'_>) {
    let state = site.folder().join("state");
    let state = [("NO_COLOR", "1"), ("XDG_STATE_HOME", state.to_str().unwrap())];
    let mut shell = open_with(site, &[], &state);
    shell.line("SELECT 'one'\rAS one;");
    shell.line(" SELECT 'hidden' AS hidden;");
    shell.line("SELECT 'two' AS two;");
    assert!(shell.line(&format!("{UP}{BACKSPACE}, 3 AS three;")).contains("| two "));
    shell.keys("quit;\r");
    assert_eq!(shell.end().0, Some(0));
    let file = site.folder().join("state/unglue/history");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let history = std::fs::read_to_string(&file).unwrap();
    assert!(history.contains("two") && !history.contains("hidden"), "{history}");
    let mut shell = open_with(site, &[], &state);
    let shown = shell.line(&format!("{UP}{UP}{UP}{UP}"));
    assert!(shown.contains("| one "), "{shown}");
    // Not in one that was told to keep nothing.
    let none = [("NO_COLOR", "1"), ("UNGLUE_HISTORY", ""), ("XDG_STATE_HOME", state[1].1)];
    let mut shell = open_with(site, &[], &none);
    assert!(!shell.line(&format!("{UP}SELECT 'now' AS now;")).contains("one"));
    assert_eq!(std::fs::read_to_string(&file).unwrap().matches("now").count(), 0);
}

fn tab_completes_tables_columns_keywords_commands_and_files(site: &Site<'_>) {
    shop(site);
    std::fs::write(site.folder().join("query_of_mine.sql"), "SELECT 'mine' AS file;\n").unwrap();
    let mut shell = open(site);
    let shown = shell.line(&format!("SELECT cust{TAB} FROM ord{TAB} WHERE orders.tot{TAB} > 25;"));
    assert!(shown.contains("| Ada ") && shown.contains("1 row\n"), "{shown}");
    let shown = shell.line(&format!("sel{TAB}max(order_id) as m from target.big{TAB};"));
    assert!(shown.contains(" 3 |"), "{shown}");
    assert!(shell.line(&format!("\\tim{TAB}")).contains("timing is on"));
    assert!(shell.line(&format!("\\d big{TAB}")).contains("model big_orders\n"));
    assert!(shell.line(&format!("\\i query_of{TAB}")).contains("| mine "));
    // More than one: they are listed.
    shell.keys(&format!("SELECT * FROM {TAB}"));
    let listed = shell.until("target.big_orders");
    assert!(listed.contains("orders") && listed.contains("customers"), "{listed}");
    // Columns of a target's table are known too, once it was asked.
    shell.keys(CTRL_C);
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let query = "SELECT 7 AS days FROM target.customers c WHERE c.spe";
        let shown = shell.line(&format!("{query}{TAB} > 34;"));
        if shown.contains(" 7 |") {
            break;
        }
        assert!(Instant::now() < deadline, "{shown}");
    }
}

/// Rows without an end.
pub(super) const ENDLESS: &str =
    "SELECT count(*) FROM generate_series(1, 10000000) a, generate_series(1, 10000000) b;";

fn an_interrupt_ends_the_statement_and_not_the_shell(site: &Site<'_>) {
    let mut shell = open_with(site, &[], &[("NO_COLOR", "1")]);
    for endless in [
        ENDLESS,
        "SELECT a.value, count(*) FROM generate_series(1, 10000000) a, generate_series(1, 10000000) b \
         GROUP BY a.value ORDER BY 2;",
    ] {
        shell.keys(endless);
        shell.keys("\r");
        shell.until("\u{1b}[?2004l");
        until_it_computes(shell.id());
        let begun = Instant::now();
        shell.keys(CTRL_C);
        let told = shell.until("\u{1b}[?2004h");
        assert!(told.contains("the statement was interrupted"), "{told}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        assert!(shell.line("SELECT 41 + 1 AS n;").contains(" 42 |"));
    }
    // A file for results stays as it was.
    std::fs::write(site.folder().join("rows.csv"), "before").unwrap();
    shell.line("\\o rows.csv");
    shell.keys(&ENDLESS.replace("count(*)", "*"));
    shell.keys("\r");
    shell.until("\u{1b}[?2004l");
    until_it_computes(shell.id());
    shell.keys(CTRL_C);
    let told = shell.until("\u{1b}[?2004h");
    let lost = "rows.csv is as it was, and holds no result; results are shown here again\n";
    assert!(told.contains(lost), "{told}");
    shell.keys(CTRL_D);
    assert_eq!(shell.end().0, Some(0));
    assert_eq!(std::fs::read_to_string(site.folder().join("rows.csv")).unwrap(), "before");
    let left = site.files().into_iter().filter(|file| file.contains(".unglue-")).count();
    assert_eq!(left, 0);
}

/// Waits until the program uses the processor: a prompt does not.
pub(super) fn until_it_computes(id: u32) {
    let ticks = || -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
        let behind_the_name = stat.rsplit(')').next().unwrap();
        behind_the_name.split_whitespace().nth(11).unwrap().parse().unwrap()
    };
    let (before, deadline) = (ticks(), Instant::now() + Duration::from_secs(20));
    while ticks() < before + 5 {
        assert!(Instant::now() < deadline, "nothing is computed");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A pager that lives through interrupts, as `less` does, until a line is typed.
const HOLDING: &str = "trap : INT; cat > /dev/null; echo holding; \
    while ! read line < /dev/tty; do echo again; done; echo \"pager read $line\"";

fn a_pager_keeps_the_terminal_through_an_interrupt(site: &Site<'_>) {
    let variables = [("NO_COLOR", "1"), ("UNGLUE_PAGER", HOLDING)];
    let mut shell = open_with(site, &["--format", "csv"], &variables);
    shell.keys("SELECT value FROM generate_series(1, 100);\r");
    shell.until("holding");
    shell.keys(CTRL_C);
    shell.keys("mine\r");
    let shown = shell.until("pager read mine");
    assert!(!shown.contains("interrupted") && !shown.contains("=>"), "{shown}");
    shell.until("\u{1b}[?2004h");
    assert!(shell.line("SELECT 41 + 1 AS n;").ends_with("n\n42\n"));
}

fn what_is_typed_is_dropped_by_ctrl_c_and_the_shell_left_by_ctrl_d(site: &Site<'_>) {
    let mut shell = open_with(site, &[], &[("NO_COLOR", "1")]);
    shell.keys("SELECT 'never'\rAS x, ");
    shell.until("S x, ");
    shell.keys(CTRL_C);
    shell.until("\u{1b}[?2004h");
    let shown = shell.line("SELECT 'then' AS y;");
    assert!(shown.contains("| then ") && !shown.contains("never"), "{shown}");
    shell.keys(CTRL_D);
    let (status, rest) = shell.end();
    assert_eq!((status, rest.trim()), (Some(0), "unglue=>"));
}

fn a_shell_that_is_asked_to_end_leaves_the_terminal_as_it_was(site: &Site<'_>) {
    let shell = open_with(site, &[], &[("NO_COLOR", "1")]);
    let begun = Instant::now();
    let id = shell.id().to_string();
    let sent = std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap();
    assert!(sent.success());
    let (status, rest) = shell.end();
    assert_eq!(status, Some(143), "{rest}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

fn colours_are_left_out_where_they_are_not_wanted(site: &Site<'_>) {
    let keyword = "\u{1b}[1mSELECT\u{1b}[0m";
    for (variables, is_coloured) in [(&[][..], true), (&[("NO_COLOR", "1")], false)] {
        let mut shell = open_with(site, &[], variables);
        shell.line("SELECT 1 AS one;");
        assert_eq!(shell.raw().contains(keyword), is_coloured, "{}", shell.raw());
    }
    let runner = site.command(["sql"]).env("NO_COLOR", "1");
    let (mut shell, _) = Terminal::open(runner, 20, 10);
    // Long lines are wrapped, not lost.
    assert!(shell.line("SELECT 'abcdefghij' AS a_long_name;").contains("abcdefghij"));
}
