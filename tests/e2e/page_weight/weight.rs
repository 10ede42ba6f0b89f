//! What a page loads on a first visit.

use super::World;

/// A first visit.
#[derive(Debug)]
pub(crate) struct Load {
    /// The page and its files, as they go over the wire.
    pub(crate) bytes: usize,
    /// Addresses that are not ours.
    pub(crate) foreign: Vec<String>,
}

/// Loads a page with everything that it names.
pub(crate) async fn first_load(world: &World, path: &str) -> Load {
    let (mut bytes, page) = world.load(path).await;
    let mut foreign = Vec::new();
    for attribute in ["src=\"", "<link rel=\"stylesheet\" href=\"", "<link rel=\"icon\" href=\""] {
        for rest in page.split(attribute).skip(1) {
            let file = rest.split('"').next().unwrap_or_default().replace("&amp;", "&");
            if file.starts_with('/') {
                bytes += world.load(&file).await.0;
            } else {
                foreign.push(file);
            }
        }
    }
    Load { bytes, foreign }
}
