//! Keeping the catalogue's assets as the app has them. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    integration::{ALL_ASSETS, AppAsset, Catalogue},
    words::number,
};

/// How the assets that an app listed differ from those of the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AssetChanges {
    /// Those that the catalogue does not have, or has otherwise.
    pub put: Vec<AppAsset>,
    /// The ids of those that the catalogue has and the app does not.
    pub gone: Vec<String>,
}

impl AssetChanges {
    /// The most bytes that a catalogue may have as JSON: it is part of the integration's row, which DynamoDB bounds.
    pub const MOST_BYTES: usize = 256 * 1024;

    /// Compares what was listed, all of it, with the catalogue.
    pub fn between(catalogue: &Catalogue, listed: impl IntoIterator<Item = AppAsset>) -> Self {
        let usable = |asset: &AppAsset| !asset.id.is_empty() && asset.id != ALL_ASSETS;
        let listed: BTreeMap<String, AppAsset> =
            listed.into_iter().filter(usable).map(|asset| (asset.id.clone(), asset)).collect();
        let known = catalogue.assets.iter();
        let gone = known.filter(|known| !listed.contains_key(&known.id)).map(|known| known.id.clone());
        Self {
            gone: gone.collect(),
            put: listed.into_values().filter(|asset| catalogue.asset(&asset.id) != Some(asset)).collect(),
        }
    }

    /// Whether the app and the catalogue agree.
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.gone.is_empty()
    }

    /// Why what was listed must not be believed, if so (domain rule 5c): more assets are gone than may be lost at once.
    pub fn safeguard(&self, catalogue: &Catalogue, percent: u8) -> Option<String> {
        let (gone, known) = (self.gone.len() as u64, catalogue.assets.len() as u64);
        if gone * 100 <= known * u64::from(percent) {
            return None;
        }
        Some(format!(
            "the app does not list {} of the catalogue's {} assets, more than {percent} %; look what its \
             credentials may read, then sync once with a higher safeguard",
            number(gone),
            number(known)
        ))
    }

    /// The catalogue as it will be; `None` where it is so already.
    ///
    /// # Errors
    /// How many bytes it would have, where that is more than it may.
    pub fn applied(&self, catalogue: &Catalogue) -> Result<Option<Catalogue>, usize> {
        let mut next = catalogue.clone();
        next.assets.retain(|asset| !self.gone.contains(&asset.id));
        for asset in &self.put {
            match next.assets.iter_mut().find(|known| known.id == asset.id) {
                Some(known) => known.clone_from(asset),
                None => next.assets.push(asset.clone()),
            }
        }
        if next == *catalogue {
            return Ok(None);
        }
        let bytes = serde_json::to_vec(&next).map_or(usize::MAX, |json| json.len());
        if bytes > Self::MOST_BYTES { Err(bytes) } else { Ok(Some(next)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(id: &str, name: &str) -> AppAsset {
        AppAsset { id: id.into(), name: name.into(), permissions: Vec::new() }
    }

    fn catalogue(ids: &[&str]) -> Catalogue {
        Catalogue { assets: ids.iter().map(|id| asset(id, id)).collect(), ..Catalogue::default() }
    }

    #[test]
    fn the_catalogue_becomes_what_the_app_lists() {
        let before = catalogue(&["page", "shop", "old"]);
        let listed =
            [asset("pixel", "pixel"), asset("shop", "Shop"), asset("page", "page"), asset("*", "all")];
        let changes = AssetChanges::between(&before, listed);
        assert_eq!(changes.put, [asset("pixel", "pixel"), asset("shop", "Shop")]);
        assert_eq!(changes.gone, ["old"]);
        let after = changes.applied(&before).unwrap().unwrap();
        assert_eq!(after.assets, [asset("page", "page"), asset("shop", "Shop"), asset("pixel", "pixel")]);
        assert_eq!(changes.applied(&after), Ok(None), "doing it twice is doing it once");
        assert!(AssetChanges::between(&after, after.assets.clone()).is_empty());
    }

    #[test]
    fn more_than_the_share_that_is_gone_is_not_believed() {
        let before = catalogue(&["a", "b", "c", "d", "e"]);
        let listed = |ids: &[&str]| AssetChanges::between(&before, catalogue(ids).assets);
        assert_eq!(listed(&["a", "b", "c", "d"]).safeguard(&before, 20), None);
        assert!(listed(&["a", "b", "c"]).safeguard(&before, 20).unwrap().contains("2 of the catalogue's 5"));
        assert!(listed(&[]).safeguard(&before, 99).is_some());
        assert_eq!(listed(&[]).safeguard(&before, 100), None);
        assert_eq!(AssetChanges::default().safeguard(&catalogue(&[]), 0), None);
    }

    #[test]
    fn a_catalogue_has_a_bound() {
        let many = (0..4_000).map(|number| asset(&format!("act_{number:020}"), "An advertising account"));
        let changes = AssetChanges::between(&Catalogue::default(), many);
        assert!(changes.applied(&Catalogue::default()).unwrap_err() > AssetChanges::MOST_BYTES);
    }
}
