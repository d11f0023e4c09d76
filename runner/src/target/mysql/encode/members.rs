//! The texts that an ENUM column may hold.

/// The texts of `enum('a','it''s')`.
pub(super) fn members(sql_type: &str) -> Vec<String> {
    let inside = sql_type
        .split_once('(')
        .and_then(|(_, rest)| rest.rsplit_once(')'))
        .map_or("", |(inside, _)| inside);
    let mut members = Vec::new();
    let mut rest = inside;
    while let Some(quoted) = rest.trim_start_matches([',', ' ']).strip_prefix('\'') {
        let mut member = String::new();
        let mut characters = quoted.char_indices().peekable();
        let mut end = quoted.len();
        while let Some((at, character)) = characters.next() {
            let doubled =
                character == '\'' && characters.next_if(|(_, next)| *next == '\'').is_some();
            if character == '\'' && !doubled {
                end = at + 1;
                break;
            }
            member.push(character);
        }
        members.push(member);
        rest = quoted.get(end..).unwrap_or_default();
    }
    members
}
