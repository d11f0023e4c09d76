use super::*;
use crate::functions::text::pattern::Pattern;

/// What Spark 3.5 answers to `rlike(text, pattern)`; `None` where the pattern is not taken.
const RLIKE: &[(&str, &str, Option<bool>)] = &[
    // Ends of lines.
    ("abc\n", "c$", Some(true)),
    ("abc\r", "c$", Some(true)),
    ("abc\r\n", "c$", Some(true)),
    ("abc\n\n", "c$", Some(false)),
    ("a\u{2028}", "a$", Some(true)),
    ("abc\n", r"abc\Z", Some(true)),
    ("abc\n", r"abc\z", Some(false)),
    ("a\n", r"a\n$", Some(true)),
    ("a\rb", "a.b", Some(false)),
    ("a\u{2028}b", "a.b", Some(false)),
    ("a\nb", "(?s)a.b", Some(true)),
    ("a\u{85}b", r"a\Rb", Some(true)),
    ("a\nb", "(?m)^b$", Some(true)),
    // Classes are of ASCII.
    ("é", r"\w", Some(false)),
    ("٣", r"\d", Some(false)),
    ("\u{a0}", r"\s", Some(false)),
    ("\u{a0}", r"\h", Some(true)),
    ("é", r"(?U)\w", Some(true)),
    ("éa", r"\ba", Some(false)),
    ("ab", r"a\Bb", Some(true)),
    ("é", r"\p{Alpha}", Some(false)),
    ("é", r"\p{IsAlphabetic}", Some(true)),
    ("é", r"\p{L}", Some(true)),
    ("a", r"\pL", Some(true)),
    ("a", r"\P{L}", Some(false)),
    ("!", r"\p{Punct}", Some(true)),
    ("a", r"\p{javaLowerCase}", Some(true)),
    ("α", r"\p{IsGreek}", Some(true)),
    ("a", r"\p{gc=Ll}", Some(true)),
    ("a", r"\p{script=Latin}", Some(true)),
    ("A", r"(?i)\p{Lower}", Some(true)),
    // Case.
    ("Ä", "(?i)ä", Some(false)),
    ("Ä", "(?iu)ä", Some(true)),
    ("K", "(?i)k", Some(true)),
    ("\u{212a}", "(?i)k", Some(false)),
    ("AB", "(?i)[a-b]+$", Some(true)),
    ("ÄB", "(?i)^[ä]b", Some(false)),
    ("aB", "a(?i)b", Some(true)),
    ("AB", "a(?i:b)", Some(false)),
    ("Ab", "(?i:a)b", Some(true)),
    ("ab", "(?:a(?i))B", Some(false)),
    // Between brackets.
    ("]", "[]a]", Some(true)),
    ("b", "[a-z&&[^aeiou]]", Some(true)),
    ("a", "[a-z&&[^aeiou]]", Some(false)),
    ("&", "[&&a]", Some(false)),
    ("~", "[~]", Some(true)),
    ("-", "[a-]", Some(true)),
    ("^", r"[\^]", Some(true)),
    ("b", "[^^]", Some(true)),
    ("z", "[^a[z]]", Some(false)),
    ("y", "[^a[z]]", Some(true)),
    (":", "[[:alpha:]]", Some(true)),
    ("{", "[{]", Some(true)),
    // Characters.
    ("a.b", r"a\Q.\Eb", Some(true)),
    ("axb", r"a\Q.\Eb", Some(false)),
    ("A", r"\x41", Some(true)),
    ("é", r"\u00e9", Some(true)),
    ("🙂", r"\ud83d\ude42", Some(true)),
    ("A", r"\0101", Some(true)),
    ("\u{1b}", r"\e", Some(true)),
    ("}", "}", Some(true)),
    ("a]", "a]", Some(true)),
    ("ab", "a(?x) b # c", Some(true)),
    ("ab", "a b", Some(false)),
    ("a b", r"(?x)a\ b", Some(true)),
    ("a", "", Some(true)),
    // What is wrong in Java too.
    ("a", r"\y", None),
    ("a", "a{,2}", None),
    ("a", "(?x)a[ ]b", None),
    ("a", "(", None),
    ("a", ")", None),
    ("a", "[", None),
    ("a", "*a", None),
    ("a", "a**", None),
    ("a", "a\\", None),
    ("a", r"\p{Nothing}", None),
    ("a", "[b-a]", None),
    // What is not supported.
    ("a", "a{1,2}+", None),
    ("a", "a(?=b)", None),
    ("a", "(?<!b)a", None),
    ("a", "(?>a)", None),
    ("aa", r"(a)\1", None),
    ("α", r"\p{InGreek}", None),
];

#[test]
fn patterns_match_as_they_do_in_java() {
    for (text, pattern, expected) in RLIKE {
        let found = Pattern::new(pattern).ok().map(|compiled| compiled.is_match(text));
        assert_eq!(found, *expected, "{text:?} rlike {pattern:?}: {:?}", translate(pattern));
    }
}

#[test]
fn what_is_refused_is_named() {
    for (pattern, expected) in [
        ("a(?=b)", Fault::Unsupported("look-ahead `(?=…)`")),
        ("a++", Fault::Unsupported("possessive quantifiers such as `*+`")),
        (r"(a)\1", Fault::Unsupported("back-references such as `\\1`")),
        ("(a", Fault::Wrong("`(` without `)`")),
        (r"\p{Nothing}", Fault::Refused),
    ] {
        assert_eq!(Pattern::new(pattern).unwrap_err(), expected, "{pattern:?}");
    }
}

#[test]
fn the_last_line_end_is_before_and_behind_a_dollar() {
    let all = |pattern: &str, text: &str| -> Vec<(usize, usize)> {
        let pattern = Pattern::new(pattern).unwrap();
        pattern.matches(text).map(|found| (found.start(), found.end())).collect()
    };
    assert_eq!(all("$", "abc\n"), [(3, 3), (4, 4)]);
    assert_eq!(all("(?s)(.*?)$", "abc\ndef\n")[0], (0, 7));
    assert_eq!(all("(?s)(.*)$", "abc\n")[0], (0, 4));
    assert_eq!(all("(?m)^", "a\nb\n"), [(0, 0), (2, 2)]);
    assert_eq!(all("(?m)^", ""), []);
    assert_eq!(all("(?m)$", "a\nb\n"), [(1, 1), (3, 3), (4, 4)]);
    assert_eq!(all("a*", "aaa"), [(0, 3), (3, 3)]);
}
