//! A function that cannot start tells Lambda why, so that the answer to the invocation says it as well as the log.

use http::{Method, Uri};
use lambda_runtime::{Diagnostic, Error};
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{PooledClient, build_request};

use crate::Env;

const INIT_ERROR: &str = "/2018-06-01/runtime/init/error";
/// The kind of failure, in the form that Lambda wants: category and reason.
const ERROR_TYPE: &str = "Runtime.InitError";

/// Waits for what a function does before its first event, and reports to Lambda where that fails.
///
/// # Errors
/// The failure, with which the process is to end.
pub async fn initialized<T>(env: &Env, start: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let started = start.await;
    if let Err(failure) = &started
        && let Some(address) = env.get("AWS_LAMBDA_RUNTIME_API")
        && let Err(error) = report(address, failure).await
    {
        tracing::warn!("Lambda was not told why the function does not start: {error}");
    }
    started
}

async fn report(address: &str, failure: &Error) -> Result<(), Error> {
    let client = PooledClient::builder().with_endpoint(address.parse::<Uri>()?).build();
    let diagnostic = Diagnostic { error_type: ERROR_TYPE.into(), error_message: failure.to_string() };
    let request = build_request()
        .method(Method::POST)
        .uri(INIT_ERROR)
        .header("lambda-runtime-function-error-type", ERROR_TYPE)
        .body(Body::from(serde_json::to_vec(&diagnostic)?))?;
    let status = client.call(request).await?.status();
    if !status.is_success() {
        return Err(format!("it answered {status}").into());
    }
    Ok(())
}
