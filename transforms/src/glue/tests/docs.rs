//! docs/glue.md: its examples are those of [`super::examples`], and each transform has a section.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::testing::{root, text_of};

const EXAMPLES: &str = include_str!("examples.rs");
const BEGIN: &str = "<!-- example ";

/// The body of each example by the name of its test, as it stands in a page.
fn examples() -> BTreeMap<&'static str, String> {
    let mut examples = BTreeMap::new();
    for function in EXAMPLES.split("#[tokio::test]\nasync fn ").skip(1) {
        let (name, rest) = function.split_once('(').unwrap();
        let (_, body) = rest.split_once("{\n").unwrap();
        let (body, _) = body.split_once("\n}\n").unwrap();
        let lines = body.lines().map(|line| line.strip_prefix("    ").unwrap_or(line));
        let lines: Vec<&str> = lines.filter(|line| *line != "Ok(())").collect();
        examples.insert(name, lines.join("\n"));
    }
    examples
}

/// The page with each example in its place.
fn with_examples(page: &str) -> String {
    let mut examples = examples();
    let mut parts = page.split(BEGIN);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(" -->\n").unwrap();
        let example = examples
            .remove(name)
            .unwrap_or_else(|| panic!("there is no example `{name}`, or it is there twice"));
        let after = match rest.strip_prefix("```rust\n") {
            Some(block) => block.split_once("\n```\n").unwrap().1,
            None => rest,
        };
        write!(out, "{BEGIN}{name} -->\n```rust\n{example}\n```\n{after}").unwrap();
    }
    let left: Vec<&str> = examples.into_keys().collect();
    assert!(left.is_empty(), "docs/glue.md lacks a line `{BEGIN}NAME -->` for {left:?}");
    out
}

#[test]
fn the_examples_of_the_page_are_those_of_the_tests() {
    let path = root().join("docs/glue.md");
    let page = text_of(&path);
    let expected = with_examples(&page);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap();
        return;
    }
    let differs = page.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
    assert!(
        page == expected,
        "docs/glue.md does not have the examples of transforms/src/glue/tests/examples.rs, from here on: {differs:?}; \
         UPDATE_DOCS=1 cargo test --workspace --lib the_examples_of_the_page writes them"
    );
}

/// Each transform that is exported.
fn transforms() -> Vec<String> {
    const OTHERS: [&str; 4] = ["SelectFromCollection", "MapToCollection", "FlatMap", "Spigot"];
    let mut found: Vec<String> = OTHERS.map(str::to_owned).to_vec();
    for entry in std::fs::read_dir(root().join("transforms/src/glue")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let source = text_of(&path);
            let names = source.split("\nimpl Transform for ").skip(1);
            found
                .extend(names.filter_map(|rest| rest.split_whitespace().next()).map(str::to_owned));
        }
    }
    found
}

#[test]
fn each_transform_has_a_section_and_an_example() {
    let page = text_of(&root().join("docs/glue.md"));
    let transforms = transforms();
    assert!(transforms.len() > 25, "{transforms:?}");
    for name in transforms {
        let is_headed =
            page.lines().any(|line| line.starts_with("## ") && line.contains(&format!("`{name}`")));
        assert!(is_headed, "docs/glue.md has no section `{name}`");
        assert!(EXAMPLES.contains(&format!("{name}::")), "there is no example of {name}");
    }
}
