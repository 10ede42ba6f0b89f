//! The Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    Err("the store's adapter is not wired yet".into())
}
