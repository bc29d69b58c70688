use super::Ended;
use crate::cli::ServeArguments;
use crate::environment::Environment;
use crate::messages::Lang;
use crate::serve::configuration::Configuration;
use crate::serve::serve;

/// `fairhearing serve`
pub(crate) fn run(
    arguments: &ServeArguments,
    lang: Lang,
    environment: &Environment,
) -> anyhow::Result<Ended> {
    let configuration = Configuration::gather(arguments, environment)?;
    serve(&configuration, arguments.samples.clone(), environment, lang.catalogue())?;
    Ok(Ended::Well)
}
