//! File names that show whether two globs can match the same file (specs: dumps 4, registry contract).

/// The names a glob stands for in the overlap check: with every `*` as nothing and as `x1`. A class counts as
/// its first character and `?` as `x`, so that the names really match.
pub(super) fn probes(glob: &str) -> [String; 2] {
    ["", "x1"].map(|star| fill(glob, star))
}

fn fill(glob: &str, star: &str) -> String {
    let mut out = String::with_capacity(glob.len());
    let mut chars = glob.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => out.push_str(star),
            '?' => out.push('x'),
            '[' => {
                out.extend(chars.next());
                let _ = chars.by_ref().find(|c| *c == ']');
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_classes_and_marks_become_names() {
        assert_eq!(probes("nea*.trc.[0-9]*"), ["nea.trc.0", "neax1.trc.0x1"]);
        assert_eq!(probes("a?.out"), ["ax.out", "ax.out"]);
    }
}
