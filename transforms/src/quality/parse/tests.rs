//! What is DQDL, what is said of what is not, and that a ruleset's text is the ruleset.

use proptest::prelude::*;

use super::super::syntax::Rule;
use super::*;
use crate::testing::{assert_all, told};

fn rules(text: &str) -> Vec<Rule> {
    let document = format!("Rules = [\n{text}\n]");
    parse("quality.dqdl", &document)
        .unwrap_or_else(|error| panic!("{text}: {}", told(&error)))
        .rules
}

fn refused(document: &str) -> String {
    match parse("q.dqdl", document) {
        Ok(ruleset) => panic!("{document:?} is taken as {ruleset}"),
        Err(error) => told(&error).replace("q.dqdl:", ""),
    }
}

#[test]
fn rules_are_shown_as_they_are_written() {
    let written = [
        "RowCount > 0",
        "RowCount between -5 and 10.5",
        r#"RowCount not in [1,2,3] where "price > 10""#,
        r#"Completeness of price between 0.5 and 0.8"#,
        r#"ColumnCorrelation of price and "the sum" < 1"#,
        r#"IsPrimaryKey shop "order-id" "line""#,
        r#"ColumnValues "kind" in ["a","b",NULL,EMPTY,WHITESPACES_ONLY]"#,
        r#"ColumnValues "kind" not in $kinds"#,
        r#"ColumnValues "code" matches "[A-Z]{2}\d+\"?" where "kind = 'x'""#,
        r#"ColumnValues "day" between (now() - 3 days) and now() with threshold > 0.9"#,
        r#"ColumnValues "day" != "2026-01-31""#,
        r#"ColumnDataType "day" = "Date" with format = "dd-MM-yyyy" with threshold between 0.4 and 0.8"#,
        r#"DataFreshness "at" <= 24 hours"#,
        r#"FileSize > 5 MB"#,
        "ColumnCount = avg(std(last(percentile(1,2,3))))",
        "RowCount between (0.9 * avg(last(10))) and 1.1 * avg(last(10)) + 2",
        r#"IsComplete "a" labels=["team"="shop", "level"="1"]"#,
        r#"(RowCount > 0) AND (IsComplete "a") AND (IsUnique "a")"#,
        r#"((RowCount > 0) AND (IsComplete "a")) OR (IsUnique "a" "b")"#,
        r#"((RowCount > 0) OR (IsComplete "a")) labels=["team"="shop"]"#,
    ];
    assert_all(written.map(|text| {
        let shown: Vec<String> = rules(text).iter().map(ToString::to_string).collect();
        (text.to_owned(), shown.join(" | "), text.to_owned())
    }));
}

#[test]
fn layout_comments_and_keywords_of_both_cases_make_no_difference() {
    let cases = [
        ("RowCount>=1,# two\n IsComplete\t\"a\"", r#"RowCount >= 1 | IsComplete "a""#),
        ("RowCount ! = 1", "RowCount != 1"),
        (r#"ColumnValues "a" = null"#, r#"ColumnValues "a" = NULL"#),
        (
            "RowCount > 0 and (ColumnCount > 0 or ColumnCount < 9)",
            "(RowCount > 0) AND ((ColumnCount > 0) OR (ColumnCount < 9))",
        ),
        (
            "RowCount > 0 or RowCount > 1 and RowCount > 2",
            "(RowCount > 0) OR ((RowCount > 1) AND (RowCount > 2))",
        ),
        ("((RowCount > 0))", "RowCount > 0"),
        (
            r#"(RowCount > 0) labels=["a"="b"] AND (RowCount > 1)"#,
            r#"(RowCount > 0 labels=["a"="b"]) AND (RowCount > 1)"#,
        ),
        (r#"IsComplete "a" with x = 1 where "b""#, r#"IsComplete "a" where "b" with x = 1"#),
    ];
    assert_all(cases.map(|(text, expected)| {
        let shown: Vec<String> = rules(text).iter().map(ToString::to_string).collect();
        (text.to_owned(), shown.join(" | "), expected.to_owned())
    }));
}

#[test]
fn a_document_has_its_sections() {
    let text = r#"
        Metadata = { "Version": "1.0" }
        DataSources = { "Primary": "songs", "AdditionalDataSources": [ "artists", "labels" ] }
        kinds = [ "x", "y", NULL ]
        one = "x"
        DefaultLabels = [ "team"="shop" ]
        Rules = [ RowCount > 0 ]
        Analyzers = [ Completeness "a", RowCount ]"#;
    let shown = parse("quality.dqdl", text).unwrap().to_string();
    let expected = r#"Metadata = {"Version": "1.0"}
DataSources = {"Primary": "songs", "AdditionalDataSources": ["artists", "labels"]}
kinds = ["x","y",NULL]
one = "x"
DefaultLabels=["team"="shop"]
Rules = [
    RowCount > 0
]
Analyzers = [
    Completeness "a",
    RowCount
]
"#;
    assert_eq!(shown, expected);
    assert_eq!(parse("quality.dqdl", &shown).unwrap().to_string(), shown);
}

#[test]
fn what_is_no_dqdl_is_refused_at_its_place() {
    let deep = format!("Rules = [ {} ]", "(".repeat(40));
    let cases = [
        ("", "1:1: there are no rules [write Rules = [ … ]]"),
        ("Rules = [ ]", "1:12: there are no rules [write Rules = [ … ]]"),
        (
            "Rule = [ RowCount > 0 ]",
            "1:1: `Rule` is no section, and no text or list of texts [did you mean `Rules`?]",
        ),
        ("Rules [ RowCount > 0 ]", "1:1: `Rules` without a `=` [write `Rules = …`]"),
        ("Rule [ RowCount > 0 ]", "1:1: `Rule` without a `=` [did you mean `Rules`?]"),
        ("Rules = [ RowCount > 0", "1:23: expected `,` or `]`, found the end of the file"),
        ("Rules = [ RowCount > 0, ]", "1:25: expected a rule, found `]`"),
        (
            "Rules = [\n RowCount > ]",
            "2:13: expected a number, a text in quotes or a keyword such as NULL, found `]`",
        ),
        (
            "Rules = [ RowCount > x ]",
            "1:22: expected a number, a text in quotes or a keyword such as NULL, found `x` [texts stand between \"quotes\"]",
        ),
        ("Rules = [ RowCount not > 1 ]", "1:24: expected `between`, `in` or `matches`, found `>`"),
        ("Rules = [ RowCount between 1, 2 ]", "1:29: expected `and`, found `,`"),
        ("Rules = [ RowCount in [] ]", "1:23: an empty list"),
        (
            "Rules = [ IsComplete 'a' ]",
            "1:22: `'` is not a part of DQDL [texts and names stand between \"quotes\"]",
        ),
        ("Rules = [ IsComplete \"a ]", "1:22: a text without its second quote"),
        ("Rules = [ (RowCount > 0 ]", "1:25: expected `)`, found `]`"),
        ("Rules = [ RowCount > 0 where \"a\" where \"b\" ]", "1:40: a second `where`"),
        ("Rules = [ RowCount > (now() * 1 days) ]", "1:29: expected `-` or `+`, found `*`"),
        ("Rules = [ RowCount > 5000000 days ]", "1:22: not a whole number up to 1000000"),
        ("Rules = [ A ] Rules = [ B ]", "1:15: `Rules` is there twice"),
        ("Metadata = { \"Author\": \"x\" }", "1:14: an unknown key [there is Version]"),
        ("DataSources = { \"Primary\": [\"x\"] }", "1:28: `Primary` is one name"),
        ("Analyzers = [ RowCount > 1 ]", "1:24: an analyzer has no condition [make it a rule]"),
        ("_x = \"a\" Rules = [ A ]", "1:1: variable `_x` begins with `.` or `_`"),
        ("x = 5 Rules = [ A ]", "1:1: `x` is no section, and no text or list of texts"),
        ("x = [\"a\", 5] Rules = [ A ]", "1:11: a variable holds texts only"),
        (deep.as_str(), "1:43: nested deeper than 32 parentheses"),
    ];
    let cases = cases.map(|(text, said)| (text.to_owned(), refused(text), said.to_owned()));
    assert_all(cases);
}

#[test]
fn lists_numbers_and_rulesets_are_bounded() {
    let many = |part: &str, count: usize| vec![part; count].join(",");
    let terms = vec!["1"; 22].join(" + ");
    for (text, said) in [
        (format!("Rules = [ {} ]", many("A", 2_001)), "more than 2000 rules"),
        (format!("Rules = [ A in [{}] ]", many("1", 10_001)), "a list of more than 10000"),
        (format!("Rules = [ A {} ]", "x ".repeat(10_001)), "more than 10000 parameters"),
        (format!("Rules = [ A > {terms} ]"), "more than 20 terms"),
        (format!("Rules = [ A > {}1 ]", "(".repeat(100_000)), "nested deeper"),
        (format!("Rules = [ A > {} ]", "f(".repeat(100_000)), "nested deeper"),
    ] {
        let error = refused(&text);
        assert!(error.contains(said), "{said}: {error}");
    }
}

fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof!["-?[0-9]{1,5}", "-?[0-9]{1,3}\\.[0-9]{1,4}"];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            (inner.clone(), "[-+*/]", inner.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            inner.clone().prop_map(|inner| format!("({inner})")),
            inner.prop_map(|inner| format!("last({inner})")),
        ]
    })
}

fn operand() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => number(),
        2 => "\"([a-zA-Z0-9 .,'#()äß\\[\\]]|\\\\\"|\\\\\\\\|\\\\d|\n){0,8}\"",
        1 => prop_oneof![Just("NULL"), Just("EMPTY"), Just("$x"), Just("now()")].prop_map(str::to_owned),
        1 => (0..9_u32, "days|hours|minutes|KB|TB").prop_map(|(n, unit)| format!("{n} {unit}")),
        1 => (0..9_u32).prop_map(|n| format!("(now() - {n} hours)")),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    prop_oneof![
        (">|>=|<|<=|=|!=|matches|not matches", operand()).prop_map(|(op, x)| format!("{op} {x}")),
        ("between|not between", operand(), operand())
            .prop_map(|(op, a, b)| format!("{op} {a} and {b}")),
        ("in|not in", prop::collection::vec(operand(), 1..4))
            .prop_map(|(op, all)| format!("{op} [{}]", all.join(" , "))),
    ]
}

fn leaf() -> impl Strategy<Value = String> {
    let param = "(of |and )?(\"[a-z \\\\.]{1,6}x\"|[b-e_.0-9]{1,6}|\\$v)";
    (
        "[A-Z][a-z]{2,8}",
        prop::collection::vec(param, 0..3),
        prop::option::of(condition()),
        prop::option::of("where \"[a-z= ']{1,9}x\""),
        prop::option::of("labels=\\[\"a\"=\"b\"(, \"c\"=\"d\")?\\]"),
        prop::option::of(condition().prop_map(|condition| format!("with threshold {condition}"))),
    )
        .prop_map(|(kind, params, condition, filter, labels, tag)| {
            let parts = [condition, filter, labels, tag].into_iter().flatten();
            [kind].into_iter().chain(params).chain(parts).collect::<Vec<_>>().join(" ")
        })
}

fn any_rule() -> impl Strategy<Value = String> {
    leaf().prop_recursive(3, 8, 3, |inner| {
        ("AND|or", prop::collection::vec(inner, 1..4)).prop_map(|(operator, rules)| {
            let rules: Vec<String> = rules.iter().map(|rule| format!("({rule})")).collect();
            rules.join(&format!(" {operator} "))
        })
    })
}

/// Without places, which differ where the layout does.
fn structure(text: &str) -> String {
    let ruleset = parse("q.dqdl", text).unwrap_or_else(|error| panic!("{text}: {}", told(&error)));
    let shown = format!("{ruleset:?}");
    let mut parts = shown.split("At {");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |all, part| all + part.split_once('}').unwrap().1)
}

proptest! {
    #[test]
    fn a_ruleset_that_is_printed_and_read_again_is_the_same(
        rules in prop::collection::vec(any_rule(), 1..5),
    ) {
        let text = format!("v = [\"a\"]\nRules = [ {} ]", rules.join(",\n"));
        let printed = parse("q.dqdl", &text).unwrap().to_string();
        prop_assert_eq!(structure(&printed), structure(&text));
        prop_assert_eq!(parse("q.dqdl", &printed).unwrap().to_string(), printed);
    }

    #[test]
    fn no_text_brings_the_parser_down(
        parts in prop::collection::vec(
            prop_oneof![
                any_rule(),
                condition(),
                "Rules = \\[|DataSources = \\{|Analyzers|[\\[\\](){},:$#\"=<>!\\\\-]",
                "\\PC{0,5}",
            ],
            0..8,
        ),
    ) {
        let _result = parse("q.dqdl", &parts.join(" "));
        let _result = parse("q.dqdl", &format!("Rules = [ {} ]", parts.join(" ")));
    }
}
