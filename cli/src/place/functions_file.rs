//! `functions.env`: what `cargo lambda watch --env-file` gives functions that work on a platform's data.

use std::path::{Path, PathBuf};

use landfall_local::functions::FunctionsUrl;
use landfall_local::platform::Platform;

use super::private_file::PrivateFile;
use crate::{Exit, Failure};

/// The file's name in the data folder.
const NAME: &str = "functions.env";

/// `functions.env` as long as this lives. It has the password of the database and the secret key of the store.
#[derive(Debug)]
pub(crate) struct FunctionsFile {
    /// Where the functions run.
    pub url: FunctionsUrl,
    /// The file.
    pub path: PathBuf,
    _file: PrivateFile,
}

impl FunctionsFile {
    /// Writes the file, where the functions run elsewhere.
    pub fn write(
        data: &Path,
        functions: Option<FunctionsUrl>,
        platform: &Platform,
    ) -> Result<Option<Self>, Failure> {
        let Some(url) = functions else { return Ok(None) };
        let path = data.join(NAME);
        let file = PrivateFile::write(path.clone(), text(&platform.function_variables())?.as_bytes())?;
        Ok(Some(Self { url, path, _file: file }))
    }
}

/// The file's text, which a shell reads too.
fn text(variables: &[(&str, String)]) -> Result<String, Failure> {
    let lines = variables.iter().map(|(name, value)| {
        // Quotes are not escaped in such a file.
        if value.contains(['\'', '\n', '\r']) {
            let text = format!("{name} has a quote or the end of a line, which {NAME} cannot hold");
            return Err(Failure::new(Exit::Arguments, text).advise("choose another value"));
        }
        Ok(format!("{name}='{value}'\n"))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_and_what_cannot_be_is_refused() {
        let file = text(&[("A", "x y".into()), ("B", "postgres://h/d?host=/run&x=%20#".into())]).unwrap();
        assert_eq!(file, "A='x y'\nB='postgres://h/d?host=/run&x=%20#'\n");
        for value in ["it's", "two\nlines"] {
            let failure = text(&[("SECRET", value.into())]).unwrap_err().to_string();
            assert!(failure.contains("SECRET") && !failure.contains(value), "{failure}");
        }
    }
}
