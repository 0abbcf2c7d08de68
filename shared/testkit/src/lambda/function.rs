//! What Lambda knows of a function before it starts it.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use landfall_domain::Stage;
use tokio::process::Command;

/// The region of all functions here.
const REGION: &str = "eu-north-1";

/// A function: its program, its settings, its variables.
#[derive(Debug, Clone)]
pub struct LambdaFunction {
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    memory_mib: u32,
    timeout: Duration,
    variables: Vec<(String, String)>,
}

impl LambdaFunction {
    /// The function of a stage with the memory and the time-out of its table, and no variables of its own.
    pub fn new(stage: Stage, program: impl Into<PathBuf>) -> Self {
        let settings = stage.settings();
        Self {
            name: stage.as_str().to_owned(),
            program: program.into(),
            arguments: Vec::new(),
            memory_mib: settings.memory,
            timeout: settings.timeout,
            variables: Vec::new(),
        }
    }

    /// With a variable; the last value of a name counts.
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// With an argument to its program. Lambda gives none: this is for a program that is a function among others.
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// Its time-out.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// How events name it.
    pub fn arn(&self) -> String {
        format!("arn:aws:lambda:{REGION}:123456789012:function:{}", self.name)
    }

    /// Its process, with the variables that Lambda sets and no others, and this runtime API.
    pub(super) fn command(&self, runtime_api: &str) -> Command {
        let name = &self.name;
        let root = self.program.parent().unwrap_or(&self.program);
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command.env_clear();
        command.envs([
            ("AWS_LAMBDA_RUNTIME_API", runtime_api),
            ("AWS_LAMBDA_FUNCTION_NAME", name),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &self.memory_mib.to_string()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", &format!("/aws/lambda/{name}")),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "2025/03/01/[$LATEST]0123456789abcdef0123456789abcdef"),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "example"),
            ("AWS_SESSION_TOKEN", "example"),
            ("_HANDLER", "bootstrap"),
            ("LANG", "en_US.UTF-8"),
            ("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin"),
            ("TZ", ":UTC"),
        ]);
        command.env("LAMBDA_TASK_ROOT", root).current_dir(root);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }
}
