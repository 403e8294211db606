//! The made-up range of products. Names `random`, `vocabulary` and `arrays`. Invariant: each category has as many.

use arrow_array::ArrayRef;
use arrow_schema::ArrowError;

use super::arrays::{Ends, Texts, distinct, list, money};
use super::random::Random;
use super::vocabulary::{BRANDS, CATEGORIES, PRODUCT_TAGS};

/// A product.
#[derive(Debug)]
pub struct Product {
    /// The article number.
    pub sku: String,
    /// What it is called.
    pub name: String,
    /// Its category.
    pub category: &'static str,
    /// Its maker.
    pub brand: Option<&'static str>,
    /// The price in euro cents.
    pub cents: Option<i64>,
    /// Words that describe it.
    pub tags: Option<Vec<&'static str>>,
}

/// Products of each category.
const PER_CATEGORY: usize = 40;

/// The range.
pub fn products(seed: u64) -> Vec<Product> {
    let mut all = Vec::with_capacity(CATEGORIES.len() * PER_CATEGORY);
    for (c, &(category, prefix, names, low, high)) in CATEGORIES.iter().enumerate() {
        for i in 0..PER_CATEGORY {
            let mut random = Random::new(seed ^ 0x9a11, (c * PER_CATEGORY + i) as u64);
            let brand = *random.popular(BRANDS);
            let tags: Vec<&str> = PRODUCT_TAGS.iter().copied().filter(|_| random.permille(180)).collect();
            all.push(Product {
                sku: format!("{prefix}-{:03}", i + 1),
                name: format!("{brand} {} {}", random.one(names), i + 1),
                category,
                brand: (!random.permille(50)).then_some(brand),
                cents: (!random.permille(20)).then(|| random.between(low, high) * 100 - *random.one(&[0, 1, 10])),
                tags: (!random.permille(100)).then_some(tags),
            });
        }
    }
    all
}

/// The columns of the range.
pub fn columns(products: &[Product]) -> Result<Vec<(&'static str, ArrayRef)>, ArrowError> {
    let (mut category, mut brand, mut tag, mut tags) =
        (Texts::default(), Texts::default(), Texts::default(), Ends::default());
    for product in products {
        category.push(Some(product.category));
        brand.push(product.brand);
        tags.push(product.tags.as_ref().map(Vec::len));
        product.tags.iter().flatten().for_each(|word| tag.push(Some(word)));
    }
    Ok(vec![
        ("SKU", distinct(products.iter().map(|p| Some(p.sku.clone())).collect())),
        ("name", distinct(products.iter().map(|p| Some(p.name.clone())).collect())),
        ("category", category.array()?),
        ("brand", brand.array()?),
        ("price", money(products.iter().map(|p| p.cents).collect())?),
        ("tags", list(tags, tag.array()?)?),
    ])
}
