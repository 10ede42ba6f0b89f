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
    let mut bytes = world.load(path).await;
    let page = world.page(path).await;
    assert!(page.contains("console.css"), "a page names its files: {path}");
    let mut foreign = Vec::new();
    for attribute in ["src=\"", "<link rel=\"stylesheet\" href=\"", "<link rel=\"icon\" href=\""] {
        for rest in page.split(attribute).skip(1) {
            let file = rest.split('"').next().unwrap_or_default().replace("&amp;", "&");
            if file.starts_with('/') {
                bytes += world.load(&file).await;
            } else {
                foreign.push(file);
            }
        }
    }
    Load { bytes, foreign }
}
