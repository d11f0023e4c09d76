//! Nodes of data quality.

use super::*;

/// A node of data quality over `input`.
fn rules(input: &str, rules: &str, timing: Option<&str>) -> Value {
    json!({ "EvaluateDataQuality": {
        "Name": "Rules", "Inputs": [input], "Ruleset": rules,
        "StopJobOnFailureOptions": { "StopJobOnFailureTiming": timing },
    } })
}

const ROWS: &str = "Rules = [ RowCount > 0 ]";

#[tokio::test]
async fn rules_are_those_of_the_model_that_holds_their_rows() {
    let select = json!({ "SelectFields": { "Name": "S", "Inputs": ["a"], "Paths": [["id"]] } });
    let looked_at = json!({ "Spigot": { "Name": "Look", "Inputs": ["s"], "Path": "s3://b/x" } });
    // Rules beside the way to the target, on it, and of rows that no table holds.
    let nodes = json!({
        "a": songs(), "s": select, "l": looked_at, "t": target("l", "t"),
        "beside": rules("s", ROWS, None), "again": rules("l", ROWS, None), "before": rules("a", ROWS, None),
    });
    let made = made_with(&nodes, &[]).await;
    let text = |name: &str| made.files.iter().find(|(file, _)| file == name).unwrap().1.as_str();
    assert_eq!(text("t.dqdl"), format!("{ROWS}\n"));
    let rulesets = made.files.iter().filter(|(file, _)| file.ends_with(".dqdl")).count();
    assert_eq!(rulesets, 1);
    for (node, said) in [
        ("beside", "its rules are in t.dqdl, unchanged"),
        ("again", "t.dqdl has the rules of another node"),
        ("before", "no table holds the rows"),
    ] {
        let (at, notes) = outcome(&made, node);
        assert_eq!(at, Outcome::Noted, "{node}: {notes}");
        assert!(notes.contains(said), "{node}: {notes}");
    }
    let lost = made.nodes.iter().find(|node| node.id == "before").unwrap();
    assert!(text(&lost.file).contains("\n--   Rules = [ RowCount > 0 ]\nSELECT *\n"));
}

#[tokio::test]
async fn a_rule_that_fails_does_what_it_does_in_glue() {
    for (timing, said, is_told) in [
        (None, "is told of, and the rows are written", true),
        (Some("Immediate"), "as in Glue nothing is written", false),
        (Some("AfterDataLoad"), "the rows are written before the job fails", false),
    ] {
        let nodes = json!({ "a": songs(), "n": rules("a", ROWS, timing), "t": target("n", "t") });
        let made = made_with(&nodes, &[]).await;
        let (_, notes) = outcome(&made, "n");
        assert!(notes.contains(said), "{notes}");
        assert_eq!(made.only_told.contains("t"), is_told, "{timing:?}");
    }
    // Where the job would stop, rules are not lost in silence.
    let select = json!({ "SelectFields": { "Name": "S", "Inputs": ["n"], "Paths": [["id"]] } });
    let stopping = rules("a", ROWS, Some("Immediate"));
    let nodes = json!({ "a": songs(), "n": stopping, "s": select, "t": target("s", "t") });
    let made = made_with(&nodes, &[]).await;
    assert_eq!(outcome(&made, "n").0, Outcome::ToBeWritten);
}

#[tokio::test]
async fn rules_that_are_not_read_here_are_to_be_written() {
    for (text, said) in [
        ("Rules = [\n  IsComplete \"nowhere\" ]", "this rule is not read here"),
        ("Rules = [\n  RowCount > avg(last(3)) ]", "this rule is not read here"),
    ] {
        let nodes = json!({ "a": songs(), "n": rules("a", text, None), "t": target("n", "t") });
        let made = made_with(&nodes, &[]).await;
        let node = made.nodes.iter().find(|node| node.id == "n").unwrap();
        assert_eq!(
            (node.outcome, node.file.as_str(), node.line),
            (Outcome::ToBeWritten, "t.dqdl", 2)
        );
        assert!(node.notes[0].contains(said), "{:?}", node.notes);
    }
}
