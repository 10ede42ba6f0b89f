//! Files that pages load. All are our own: no page asks anybody else for anything.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::header;

use crate::error::Problem;

/// One file.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static [u8],
}

const ASSETS: [Asset; 4] = [
    Asset {
        name: "console.css",
        media_type: "text/css; charset=utf-8",
        content: include_bytes!("../../assets/console.css"),
    },
    Asset {
        name: "console.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_bytes!("../../assets/console.js"),
    },
    Asset {
        name: "htmx.min.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_bytes!("../../assets/htmx.min.js"),
    },
    Asset { name: "icon.svg", media_type: "image/svg+xml", content: include_bytes!("../../assets/icon.svg") },
];

/// Moves with the files' content, so that a browser keeps a file exactly as long as it is the right one.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    ASSETS.iter().for_each(|asset| asset.content.hash(&mut hasher));
    format!("{:016x}", hasher.finish())
});

/// Where a file is.
pub(super) fn url(name: &str) -> String {
    format!("/assets/{name}?v={}", *VERSION)
}

/// Serves a file.
pub(super) async fn serve(Path(name): Path<String>) -> Result<Response, Problem> {
    let asset = ASSETS.iter().find(|asset| asset.name == name).ok_or_else(Problem::no_route)?;
    let headers = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, asset.content).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First load: at most 100 kB over the wire, pages included.
    #[test]
    fn the_files_are_small() {
        let total: usize = ASSETS.iter().map(|asset| asset.content.len()).sum();
        assert!(total < 80 * 1024, "{total}");
    }

    #[test]
    fn no_file_asks_anybody_else() {
        for asset in ASSETS.iter().filter(|asset| asset.name.starts_with("console")) {
            let text = std::str::from_utf8(asset.content).unwrap();
            assert!(!text.contains("http://") && !text.contains("https://"), "{}", asset.name);
        }
    }
}
