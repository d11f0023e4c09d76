//! Everything in the template that stands for everyone or everything has a written reason.

/// What a value must not hold without one.
const OPEN: [&str; 4] = ["*", "0.0.0.0/0", "::/0", "PubliclyAccessible: true"];
/// A comment that gives the reason begins with it.
const REASON: &str = "# Reason: ";

/// Returns the lines that are open without a reason: the comment stands above the line, or above the beginning of the list that it is in.
pub(crate) fn without_reason(template: &str) -> Vec<String> {
    let lines: Vec<&str> = template.lines().collect();
    let is_open = |line: &str| {
        let value = line.trim_start();
        // A comment, or a pattern that parameters have to match.
        let is_other = value.starts_with('#') || value.starts_with("AllowedPattern:");
        !is_other && OPEN.iter().any(|open| value.contains(open))
    };
    let open =
        lines.iter().enumerate().filter(|(at, line)| is_open(line) && !has_reason(&lines, *at));
    open.map(|(at, line)| format!("{}: {}", at + 1, line.trim())).collect()
}

/// Looks upwards through lines that belong together: until a comment with the reason, or a line that begins something else.
fn has_reason(lines: &[&str], at: usize) -> bool {
    const NEAR: usize = 5;
    let above = lines[at.saturating_sub(NEAR)..at].iter().rev();
    let mut own = indent(lines[at]);
    for line in above {
        let is_comment = line.trim_start().starts_with('#');
        if is_comment && line.contains(REASON) {
            return true;
        }
        // A line that is further out holds this one; one that is further in belongs to a neighbour.
        if !is_comment {
            if line.trim().is_empty() || indent(line) > own {
                return false;
            }
            own = indent(line);
        }
    }
    false
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}
