//! Prompt lines and command echoes (specs: dumps 3.2).

/// The words that may follow a plugin's command.
const DETAILS: [&str; 6] = ["all", "active", "detail", "det", "brief", "*"];

/// What a prompt line tells about the section it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prompt {
    /// The echo of a `show` command of the plugin.
    OwnShow,
    /// The echo of another `show` command.
    OtherShow,
    /// No command, or one that shows nothing.
    Plain,
}

/// Reads a prompt line: `NAME[...]#` with at most two blanks before it and blanks before a command.
pub(super) fn prompt(line: &str, commands: &[&str]) -> Option<Prompt> {
    let start = line.trim_start_matches(' ');
    if line.len().saturating_sub(start.len()) > 2 {
        return None;
    }
    let rest = start.trim_start_matches(is_name);
    if rest.len() == start.len() {
        return None;
    }
    let rest = match rest.strip_prefix('[') {
        Some(inside) => inside.split_once(']')?.1,
        None => rest,
    };
    let command = rest.strip_prefix('#')?;
    if !command.is_empty() && !command.starts_with(' ') {
        return None;
    }
    Some(judge(command, commands))
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || "_.+%/()@:-".contains(c)
}

fn judge(command: &str, commands: &[&str]) -> Prompt {
    let words = words(command);
    if !words.clone().next().is_some_and(|first| starts_with(first, "show")) {
        return Prompt::Plain;
    }
    if commands.iter().any(|own| is_own(&mut words.clone(), own)) {
        return Prompt::OwnShow;
    }
    Prompt::OtherShow
}

fn words(command: &str) -> impl Iterator<Item = &str> + Clone {
    command.split(' ').filter(|word| !word.is_empty())
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// Whether the words are the command alone, with one of the known words, or with a pipe behind it.
fn is_own<'c>(words: &mut impl Iterator<Item = &'c str>, own: &str) -> bool {
    if !own.split(' ').all(|part| words.next().is_some_and(|word| word.eq_ignore_ascii_case(part))) {
        return false;
    }
    match words.next() {
        None => true,
        Some(word) if word.starts_with('|') => true,
        Some(word) => DETAILS.iter().any(|known| word.eq_ignore_ascii_case(known)) && words.next().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_and_echoes_are_told_apart() {
        let commands = ["show lsp", "show lsps"];
        for (line, found) in [
            ("HEL-CORE-01[1]# show lsp", Some(Prompt::OwnShow)),
            ("  hel#  SHOW   LSPS", Some(Prompt::OwnShow)),
            ("hel# show lsp detail", Some(Prompt::OwnShow)),
            ("hel# show lsp *", Some(Prompt::OwnShow)),
            ("hel# show lsp | no-more", Some(Prompt::OwnShow)),
            ("hel# show lsp detail all", Some(Prompt::OtherShow)),
            ("hel# show lsp 17", Some(Prompt::OtherShow)),
            ("hel# show node", Some(Prompt::OtherShow)),
            ("hel# set notification off", Some(Prompt::Plain)),
            ("hel#", Some(Prompt::Plain)),
            ("a_b.c+d%e/f(g)@h:i-j[x y]#", Some(Prompt::Plain)),
            ("   hel# show lsp", None),
            ("hel#show lsp", None),
            ("# comment", None),
            ("two words# show lsp", None),
            ("hel[1# show lsp", None),
            ("show lsp", None),
        ] {
            assert_eq!(prompt(line, &commands), found, "{line:?}");
        }
    }
}
