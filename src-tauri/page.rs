//! Keyset paging: a page says where the next one starts, so the thousandth costs what the first did.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::error::{Error, Result};

/// What a list is asked for. `sort` names one of the list's own orders; `cursor` is a page's `next_cursor`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ListQuery {
    /// Words to look for; empty finds everything.
    pub search: String,
    pub sort: String,
    pub descending: bool,
    pub cursor: Option<String>,
    /// Rows per page, 1 to 200.
    pub limit: u32,
    /// Only archived rows instead of only those in use.
    pub archived: bool,
    /// Only the total, without rows: for a search whose page came without one.
    #[serde(default)]
    pub count_only: bool,
}

impl ListQuery {
    pub const MAX_LIMIT: u32 = 200;

    /// Rows per page, within what a page may hold.
    #[must_use]
    pub fn limit(&self) -> i64 {
        i64::from(self.limit.clamp(1, Self::MAX_LIMIT))
    }

    /// Rows to ask the database for: one more than a page holds tells whether there is a next one.
    #[must_use]
    pub fn fetch(&self) -> i32 {
        i32::try_from(self.limit()).unwrap_or(i32::MAX - 1) + 1
    }

    /// Whether the page leaves its total out: the first rows of a search are there long before all are counted.
    #[must_use]
    pub fn counts_apart(&self) -> bool {
        !self.search.trim().is_empty()
    }

    /// The order asked for, of those the list has; none given is the first.
    ///
    /// # Errors
    /// `invalid` for an order this list does not have.
    pub fn order<'a>(&'a self, known: &[&'a str]) -> Result<&'a str> {
        known
            .iter()
            .copied()
            .find(|name| self.sort.is_empty() || *name == self.sort)
            .ok_or_else(|| Error::invalid("sort", "This list cannot be put in that order."))
    }

    /// The key of the last row of the page before, as the list wrote it with [`cursor`].
    ///
    /// # Errors
    /// `invalid` for a cursor this list did not write.
    pub fn after<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        self.cursor
            .as_deref()
            .map(|text| {
                hex::decode(text).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(|| {
                    Error::invalid("cursor", "This place in the list is not known any more.")
                        .next_step("Reload the list.")
                })
            })
            .transpose()
    }
}

/// Writes the key of a row into the opaque text a page carries as `next_cursor`.
///
/// # Errors
/// `internal` when the key cannot be written as JSON.
pub fn cursor<T: Serialize>(key: &T) -> Result<String> {
    Ok(hex::encode(serde_json::to_vec(key).map_err(Error::from_json)?))
}

/// Some rows of a list in its order, where the next ones start, and how many there are in all for this filter.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub next_cursor: Option<String>,
    /// Exact when the list's first page was read; the cursor carries it on to the others. Null for a search with more than
    /// this page, which `count_only` counts.
    pub total: Option<u32>,
}

impl<T> Page<T> {
    /// A page from `rows`, of which one more than `query.limit()` was asked for to learn whether there is a next page.
    ///
    /// # Errors
    /// `internal` when a key cannot be written as JSON.
    pub fn new<K: Serialize>(
        mut rows: Vec<T>,
        query: &ListQuery,
        total: Option<i64>,
        key: impl Fn(&T) -> K,
    ) -> Result<Self> {
        let limit = usize::try_from(query.limit()).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = match rows.last() {
            Some(last) if more => Some(cursor(&key(last))?),
            _ => None,
        };
        let counted = total.map(|total| u32::try_from(total).unwrap_or(u32::MAX));
        let is_all = query.cursor.is_none() && next_cursor.is_none();
        let total = if is_all { u32::try_from(rows.len()).ok() } else { counted };
        Ok(Self { rows, next_cursor, total })
    }

    /// The answer to `count_only`.
    #[must_use]
    pub fn counted(total: i64) -> Self {
        Self { rows: Vec::new(), next_cursor: None, total: Some(u32::try_from(total).unwrap_or(u32::MAX)) }
    }
}
