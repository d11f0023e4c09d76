//! Text and regular expressions: <https://spark.apache.org/docs/3.5.6/sql-ref-functions-builtin.html#string-functions>.

mod chars;
mod charset;
mod concat;
mod digits;
mod format_number;
mod format_string;
mod java_regex;
mod like;
mod parts;
mod pattern;
mod regexp;
mod replacement;
mod url;
mod written;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;
pub(super) use regexp::fault_of_pattern;

use super::call::Call;
use super::call::Kind::{Any, Binary, Int, Long, Text, TextOrBinary, TextOrNested};

/// The function of LIKE where the operator does not do: `unglue_like(text, pattern, escape)`.
pub(crate) const LIKE: &str = "unglue_like";

/// The calls of this family.
pub(super) const CALLS: &[Call] = &[
    // Parts and places.
    Call::to("concat", "unglue_concat", &[TextOrNested]),
    Call::to("concat_ws", "unglue_concat_ws", &[Text, TextOrNested]),
    Call::new("substring", &[TextOrBinary, Int]),
    Call::to("substr", "substring", &[TextOrBinary, Int]),
    Call::to("left", "unglue_left", &[TextOrBinary, Int]),
    Call::to("right", "unglue_right", &[Text, Int]),
    Call::new("split_part", &[Text, Text, Int]),
    Call::to("substring_index", "unglue_substring_index", &[Text, Text, Int]),
    Call::new("instr", &[Text]),
    Call::new("locate", &[Text, Text, Int]),
    Call::to("position", "locate", &[Text, Text, Int]),
    Call::to("overlay", "unglue_overlay", &[TextOrBinary, Text, Int, Int]),
    Call::to("replace", "unglue_replace", &[Text]),
    Call::new("find_in_set", &[Text]),
    Call::new("elt", &[Int, Text]),
    Call::new("contains", &[Text]),
    Call::to("startswith", "starts_with", &[Text]),
    Call::to("endswith", "ends_with", &[Text]),
    // The whole text in another form.
    Call::new("upper", &[Text]),
    Call::to("ucase", "upper", &[Text]),
    Call::new("lower", &[Text]),
    Call::to("lcase", "lower", &[Text]),
    Call::to("initcap", "unglue_initcap", &[Text]),
    Call::new("trim", &[Text]),
    Call::new("btrim", &[Text]),
    Call::to("ltrim", "unglue_ltrim", &[Text]),
    Call::to("rtrim", "unglue_rtrim", &[Text]),
    Call::new("lpad", &[TextOrBinary, Int, Text]),
    Call::new("rpad", &[TextOrBinary, Int, Text]),
    Call::new("repeat", &[Text, Int]),
    Call::new("space", &[Int]),
    Call::to("reverse", "unglue_reverse", &[TextOrNested]),
    Call::new("translate", &[Text]),
    Call::new("mask", &[Text]),
    Call::new("soundex", &[Text]),
    Call::new("luhn_check", &[Text]),
    // Lengths and characters.
    Call::new("length", &[TextOrBinary]),
    Call::to("len", "length", &[TextOrBinary]),
    Call::to("char_length", "length", &[TextOrBinary]),
    Call::to("character_length", "length", &[TextOrBinary]),
    Call::to("octet_length", "unglue_octet_length", &[TextOrBinary]),
    Call::to("bit_length", "unglue_bit_length", &[TextOrBinary]),
    Call::new("ascii", &[Text]),
    Call::to("char", "unglue_char", &[Long]),
    Call::to("chr", "unglue_char", &[Long]),
    Call::to("levenshtein", "unglue_levenshtein", &[Text, Text, Int]),
    // Bytes.
    Call::to("hex", "unglue_hex", &[Any]),
    Call::to("unhex", "unglue_unhex", &[Text]),
    Call::to("base64", "unglue_base64", &[Binary]),
    Call::to("unbase64", "unglue_unbase64", &[Text]),
    Call::to("encode", "unglue_encode", &[Text]),
    Call::written("decode", &[Any], written::decode),
    Call::new("to_binary", &[Text]),
    Call::new("try_to_binary", &[Text]),
    Call::refused("aes_encrypt", "values cannot be encrypted here"),
    Call::refused("aes_decrypt", "values cannot be decrypted here"),
    Call::refused("sentences", "split text with split(text, pattern)"),
    // Patterns.
    Call::written("like", &[Text], written::like),
    Call::written("ilike", &[Text], written::ilike),
    Call::new(LIKE, &[Text]),
    Call::new("rlike", &[Text]),
    Call::to("regexp", "rlike", &[Text]),
    Call::to("regexp_like", "rlike", &[Text]),
    Call::new("regexp_extract", &[Text, Text, Int]),
    Call::new("regexp_extract_all", &[Text, Text, Int]),
    Call::to("regexp_replace", "unglue_regexp_replace", &[Text, Text, Text, Int]),
    Call::to("regexp_count", "unglue_regexp_count", &[Text]),
    Call::to("regexp_instr", "unglue_regexp_instr", &[Text, Text, Int]),
    Call::new("regexp_substr", &[Text]),
    Call::new("split", &[Text, Text, Int]),
    Call::new("uuid", &[]),
    // URLs.
    Call::to("parse_url", "unglue_parse_url", &[Text]),
    Call::to("url_encode", "unglue_url_encode", &[Text]),
    Call::to("url_decode", "unglue_url_decode", &[Text]),
    // Numbers as texts.
    Call::to("format_string", "unglue_format_string", &[Text, Any]),
    Call::to("printf", "unglue_format_string", &[Text, Any]),
    Call::new("format_number", &[Any]),
    Call::refused("to_number", "use CAST(replace(text, ',', '') AS DECIMAL(p, s))"),
    Call::refused("try_to_number", "use CAST(replace(text, ',', '') AS DECIMAL(p, s))"),
    Call::refused("to_char", "use format_number(number, '#,##0.00') or date_format(time, pattern)"),
    Call::refused("to_varchar", "use format_number(number, '#,##0.00')"),
];

/// The functions of this family that are ours.
#[must_use]
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    [
        regexp::all(),
        parts::all(),
        chars::all(),
        concat::all(),
        charset::all(),
        like::all(),
        url::all(),
        format_number::all(),
        format_string::all(),
    ]
    .concat()
}
