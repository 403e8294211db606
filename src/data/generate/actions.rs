//! The columns of the made-up events. Names `behaviour` and `arrays`. Invariant: as in `arrays`.

use arrow_array::ArrayRef;
use arrow_schema::ArrowError;

use super::arrays::{Ends, Texts, distinct, instants, integers, list, money, object};
use super::behaviour::Event;
use super::products::Product;
use super::vocabulary::{CAMPAIGNS, SUBJECTS};

/// The columns while events are made.
#[derive(Default)]
pub struct Columns {
    id: Vec<Option<String>>,
    profile: Texts,
    at: Vec<Option<i64>>,
    kind: Texts,
    channel: Texts,
    page: [Texts; 3],
    link: [Texts; 3],
    referrer: Texts,
    device: Texts,
    words: Texts,
    found: Vec<Option<i64>>,
    order: Vec<Option<String>>,
    total: Vec<Option<i64>>,
    discount: Vec<Option<i64>>,
    currency: Texts,
    payment: Texts,
    cart: Vec<Option<String>>,
    items: Ends,
    sku: Texts,
    name: Texts,
    quantity: Vec<Option<i64>>,
    price: Vec<Option<i64>>,
    campaign: Texts,
    message: Vec<Option<String>>,
    subject: Texts,
    clicked: Texts,
}

fn push_all(columns: &mut [Texts; 3], texts: Option<[&str; 3]>) {
    for (i, column) in columns.iter_mut().enumerate() {
        column.push(texts.map(|texts| texts[i]));
    }
}

impl Columns {
    /// Adds an event of a profile.
    pub fn push(&mut self, profile: &str, event: Event, products: &[Product]) {
        // Ids in another order than time, as they are in life.
        let number = (self.id.len() as u32).wrapping_mul(2_654_435_761);
        self.id.push(Some(format!("{number:08x}")));
        self.profile.push(Some(profile));
        self.at.push(Some(event.at));
        self.kind.push(Some(event.kind));
        self.channel.push(event.channel);
        push_all(&mut self.page, event.page.as_ref().map(|(url, name, section)| [url.as_str(), name, section]));
        push_all(&mut self.link, event.link.map(|(name, url, kind)| [name, url, kind]));
        self.referrer.push(event.referrer);
        self.device.push(event.device);
        self.words.push(event.search.map(|(words, _)| words));
        self.found.push(event.search.and_then(|(_, found)| found));
        let order = event.order;
        self.currency.push(order.as_ref().and_then(|o| o.currency));
        self.payment.push(order.as_ref().and_then(|o| o.payment));
        self.total.push(order.as_ref().and_then(|o| o.total));
        self.discount.push(order.as_ref().and_then(|o| o.discount));
        self.order.push(order.map(|o| o.id));
        self.cart.push(event.cart);
        self.items.push(event.items.as_ref().map(Vec::len));
        for item in event.items.iter().flatten() {
            let product = products.get(item.product);
            self.sku.push(Some(product.map_or("OLD-001", |p| &p.sku)));
            self.name.push(product.map(|p| p.name.as_str()));
            self.quantity.push(item.quantity);
            self.price.push(item.price);
        }
        self.campaign.push(event.message.as_ref().map(|m| CAMPAIGNS[m.0]));
        self.subject.push(event.message.as_ref().map(|m| SUBJECTS[m.0]));
        self.clicked.push(event.message.as_ref().and_then(|m| m.2));
        self.message.push(event.message.map(|m| m.1));
    }

    /// The columns.
    pub fn finish(self) -> Result<Vec<(&'static str, ArrayRef)>, ArrowError> {
        let [url, page, section] = self.page;
        let [link, link_url, link_kind] = self.link;
        let sku = self.sku.array()?;
        let item = object(vec![
            ("SKU", sku.clone()),
            ("name", self.name.array()?),
            ("quantity", integers(self.quantity)),
            ("priceTotal", money(self.price)?),
            ("product", sku),
        ])?;
        let page = object(vec![("URL", url.array()?), ("name", page.array()?), ("siteSection", section.array()?)])?;
        let link = object(vec![("name", link.array()?), ("URL", link_url.array()?), ("type", link_kind.array()?)])?;
        let order = object(vec![
            ("purchaseID", distinct(self.order)),
            ("priceTotal", money(self.total)?),
            ("discountAmount", money(self.discount)?),
            ("currencyCode", self.currency.array()?),
            ("paymentType", self.payment.array()?),
        ])?;
        Ok(vec![
            ("_id", distinct(self.id)),
            ("profileId", self.profile.array()?),
            ("timestamp", instants(self.at)),
            ("eventType", self.kind.array()?),
            ("channel", self.channel.array()?),
            (
                "web",
                object(vec![
                    ("webPageDetails", page),
                    ("webInteraction", link),
                    ("webReferrer", object(vec![("URL", self.referrer.array()?)])?),
                ])?,
            ),
            ("device", object(vec![("type", self.device.array()?)])?),
            ("search", object(vec![("keywords", self.words.array()?), ("numberOfResults", integers(self.found))])?),
            ("commerce", object(vec![("order", order), ("cart", object(vec![("cartID", distinct(self.cart))])?)])?),
            ("productListItems", list(self.items, item)?),
            (
                "directMarketing",
                object(vec![
                    ("campaignID", self.campaign.array()?),
                    ("messageID", distinct(self.message)),
                    ("subject", self.subject.array()?),
                    ("linkName", self.clicked.array()?),
                ])?,
            ),
        ])
    }
}
