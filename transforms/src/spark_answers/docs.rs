//! The tables of docs/spark.md.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use super::known::Known;
use super::recorded::Case;
use super::{Verdict, text_of};
use crate::functions::call::Answer;
use crate::functions::calls;

const BEGIN: &str =
    "<!-- begin of what `UPDATE_DOCS=1 cargo test --workspace --lib spark_answers` writes -->\n";
const END: &str = "<!-- end of it -->\n";

#[derive(Default)]
struct Topic<'a> {
    cases: usize,
    same: usize,
    reasons: Vec<&'a str>,
}

/// Compares the page with the cases, or writes it.
pub(super) fn check(judged: &[(Case, Verdict)], known: &Known) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/spark.md");
    let text = text_of(&path);
    let (before, rest) =
        text.split_once(BEGIN).expect("docs/spark.md lacks the begin of the tables");
    let (found, after) = rest.split_once(END).expect("docs/spark.md lacks the end of the tables");
    let expected = tables(judged, known);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, [before, BEGIN, &expected, END, after].concat()).unwrap();
        return;
    }
    assert!(
        found == expected,
        "the tables in docs/spark.md are not those of the cases; UPDATE_DOCS=1 cargo test --workspace --lib spark_answers writes them"
    );
}

fn tables(judged: &[(Case, Verdict)], known: &Known) -> String {
    let mut files: BTreeMap<&str, BTreeMap<&str, Topic<'_>>> = BTreeMap::new();
    for (case, verdict) in judged {
        let topic = files.entry(&case.file).or_default().entry(&case.topic).or_default();
        topic.cases += 1;
        if verdict.fault().is_none() {
            topic.same += 1;
        }
        if let Some(reason) = known.reason(&case.sql)
            && !topic.reasons.contains(&reason)
        {
            topic.reasons.push(reason);
        }
    }
    let count = |wanted: &Verdict| judged.iter().filter(|(_, verdict)| verdict == wanted).count();
    let (same, refused, more) =
        (count(&Verdict::Same), count(&Verdict::Refused), count(&Verdict::More));
    let mut out = format!(
        "\n{} cases: {same} have the same columns and rows as in Spark, {refused} fail in Spark and here, {more} fail in Spark only, and {} have another answer or are refused here, as listed.\n",
        judged.len(),
        known.len()
    );
    for (file, topics) in &files {
        write!(
            out,
            "\n### {file}\n\n| what | cases | as Spark | what differs |\n|---|---|---|---|\n"
        )
        .unwrap();
        for (name, Topic { cases, same, reasons }) in topics {
            let reasons = reasons.join("; ").replace('|', "\\|");
            writeln!(out, "| `{name}` | {cases} | {same} | {reasons} |").unwrap();
        }
    }
    out.push_str("\n### Refused\n\n| function | why, and what to write |\n|---|---|\n");
    for call in calls().values() {
        if let Answer::Refused(why) = call.answer {
            writeln!(out, "| `{}` | {} |", call.name, why.replace('|', "\\|")).unwrap();
        }
    }
    out.push('\n');
    out
}
