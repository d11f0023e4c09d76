//! The beginning of a JSON file that is one array.

/// The whole elements of an array's beginning, each on a line of its own. Whether they are JSON is not looked at.
pub(super) fn lines(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte == b'[').map_or(bytes.len(), |at| at + 1);
    let (mut out, mut element) = (Vec::new(), Vec::new());
    let (mut depth, mut in_text, mut is_escaped) = (0_usize, false, false);
    for byte in bytes.iter().skip(start).copied() {
        match byte {
            _ if in_text => {
                in_text = is_escaped || byte != b'"';
                is_escaped = !is_escaped && byte == b'\\';
            }
            b'"' => in_text = true,
            b'{' | b'[' => depth += 1,
            b',' | b']' if depth == 0 => {
                out.append(&mut element);
                out.push(b'\n');
                if byte == b']' {
                    return out;
                }
                continue;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            // Between values only: an element is read from one line.
            b'\n' | b'\r' => continue,
            _ => {}
        }
        element.push(byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_element_is_a_line_and_what_is_cut_off_is_none() {
        for (text, expected) in [
            ("[{\"a\": 1},\n {\"a\": [2, 3]}]", "{\"a\": 1}\n {\"a\": [2, 3]}\n"),
            ("[\n{\n\"a\": {\"b\": 1}\n}\n, {\"a\"", "{\"a\": {\"b\": 1}}\n"),
            (
                "[{\"a\": \"],{\\\"\"}, {\"b\": \"\\\\\"}]",
                "{\"a\": \"],{\\\"\"}\n {\"b\": \"\\\\\"}\n",
            ),
            ("[]", "\n"),
            ("[{\"a\": \"long", ""),
        ] {
            assert_eq!(String::from_utf8(lines(text.as_bytes())).unwrap(), expected, "{text}");
        }
    }
}
