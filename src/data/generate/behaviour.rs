//! What the made-up customers do: visits, messages, orders. Names `people`, `products`, `random`, `vocabulary`.
//! Invariant: the events of a customer depend on the seed and on the customer's number alone.

use super::people::Person;
use super::products::Product;
use super::random::Random;
use super::vocabulary::{CAMPAIGNS, PAGES, REFERRERS, SEARCHES};
use super::{DAY, MINUTE, NOW, SECOND};

/// One thing that happened.
#[derive(Debug, Default)]
pub struct Event {
    /// Microseconds since 1970-01-01 UTC.
    pub at: i64,
    /// The event type.
    pub kind: &'static str,
    /// Where.
    pub channel: Option<&'static str>,
    /// Address, name and section of a page.
    pub page: Option<(String, String, &'static str)>,
    /// Name, address and kind of a link.
    pub link: Option<(&'static str, &'static str, &'static str)>,
    /// The page before.
    pub referrer: Option<&'static str>,
    /// The kind of device.
    pub device: Option<&'static str>,
    /// Words, and how many products were found.
    pub search: Option<(&'static str, Option<i64>)>,
    /// The order.
    pub order: Option<Order>,
    /// The cart's id.
    pub cart: Option<String>,
    /// Products.
    pub items: Option<Vec<Item>>,
    /// Index of the campaign, message and link.
    pub message: Option<(usize, String, Option<&'static str>)>,
}

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    /// Its number.
    pub id: String,
    /// Cents.
    pub total: Option<i64>,
    /// Cents.
    pub discount: Option<i64>,
    /// By ISO 4217.
    pub currency: Option<&'static str>,
    /// How it was paid.
    pub payment: Option<&'static str>,
}

/// Products of one kind.
#[derive(Debug, Clone)]
pub struct Item {
    /// Index of the product; past the end for one that is not in the range any more.
    pub product: usize,
    /// How many.
    pub quantity: Option<i64>,
    /// Cents for all of them.
    pub price: Option<i64>,
}

/// Devices, the commonest first.
const DEVICES: &[&str] = &["mobile", "desktop", "tablet"];
/// Days that the events reach back.
const DAYS: i64 = 420;

/// All events of a customer, not in order.
pub fn events(person: &Person, products: &[Product], random: &mut Random) -> Vec<Event> {
    let mut story = Story { person, products, random, events: Vec::new(), device: "mobile", cart: 0 };
    while story.events.len() < person.activity {
        let start = story.start();
        story.device = *story.random.popular(DEVICES);
        match story.random.below(100) {
            0..=54 => story.visit(start, "web"),
            55..=69 => story.app(start),
            70..=94 => story.message(start),
            _ => story.store(start),
        }
    }
    story.events
}

struct Story<'a> {
    person: &'a Person,
    products: &'a [Product],
    random: &'a mut Random,
    events: Vec<Event>,
    device: &'static str,
    cart: u32,
}

impl Story<'_> {
    /// When a visit begins: mostly lately, before the customer grew quiet.
    fn start(&mut self) -> i64 {
        let span = (DAYS - self.person.quiet).max(1) as u64;
        let days = self.person.quiet + self.random.below(span).min(self.random.below(span)) as i64;
        let mut at = NOW - days * DAY - self.random.below(86_400) as i64 * SECOND;
        if self.random.permille(20) {
            // At midnight sharp in Stockholm, in winter: the edge of a day.
            at = at.div_euclid(DAY) * DAY - 3600 * SECOND;
        }
        if self.random.permille(3) {
            // Planned for the days to come.
            at = NOW + self.random.below(5 * 86_400) as i64 * SECOND;
        }
        at
    }

    /// A little later; now and then at the same second.
    fn step(&mut self, at: &mut i64, most: i64) -> i64 {
        *at += self.random.below((most / SECOND).max(1) as u64) as i64 * SECOND;
        *at
    }

    fn event(&mut self, at: i64, kind: &'static str, channel: &'static str) -> &mut Event {
        let device = (channel == "web" && !self.random.permille(50)).then_some(self.device);
        let device = if channel == "app" { Some("mobile") } else { device };
        let channel = (!self.random.permille(20)).then_some(channel);
        let event = Event { at, kind, channel, device, ..Event::default() };
        let last = self.events.len();
        self.events.push(event);
        &mut self.events[last]
    }

    fn product(&mut self) -> usize {
        let per_category = self.products.len() / 6;
        if self.random.permille(650) {
            let numbers: Vec<usize> = (0..per_category).collect();
            return self.person.favourite * per_category + *self.random.popular(&numbers);
        }
        // One in some hundreds is not in the range any more.
        self.random.below(self.products.len() as u64 + 2) as usize
    }

    fn item(&mut self, product: usize) -> Item {
        let quantity = 1 + i64::from(self.random.heads(3));
        let price = self.products.get(product).and_then(|p| p.cents).unwrap_or(1_990);
        Item {
            product,
            quantity: (!self.random.permille(30)).then_some(quantity),
            price: (!self.random.permille(20)).then_some(price * quantity),
        }
    }

    fn visit(&mut self, start: i64, channel: &'static str) {
        let mut at = start;
        for i in 0..=self.random.heads(3) {
            let &(url, name, section) = self.random.popular(PAGES);
            let referrer = (i == 0 && self.random.permille(400)).then(|| *self.random.popular(REFERRERS));
            let now = self.step(&mut at, 3 * MINUTE);
            let event = self.event(now, "web.webpagedetails.pageViews", channel);
            event.page = Some((url.to_owned(), name.to_owned(), section));
            event.referrer = referrer;
        }
        if self.random.permille(300) {
            let words = *self.random.popular(SEARCHES);
            let found = (!self.random.permille(50)).then(|| self.random.below(120) as i64);
            let now = self.step(&mut at, MINUTE);
            self.event(now, "search.queries", channel).search = Some((words, found));
        }
        if self.random.permille(80) {
            let now = self.step(&mut at, MINUTE);
            self.event(now, "web.webinteraction.linkClicks", channel).link = Some(*self.random_link());
        }
        let mut seen = Vec::new();
        for _ in 0..=self.random.heads(4) {
            let product = self.product();
            seen.push(product);
            self.view(&mut at, product, channel);
        }
        if self.random.permille(60) {
            let item = Item { product: seen[0], quantity: None, price: None };
            let now = self.step(&mut at, 2 * MINUTE);
            self.event(now, "commerce.saveForLaters", channel).items = Some(vec![item]);
        }
        if self.random.permille(330) {
            self.basket(&mut at, seen, channel);
        }
    }

    fn random_link(&mut self) -> &'static (&'static str, &'static str, &'static str) {
        const LINKS: &[(&str, &str, &str)] = &[
            ("size-guide", "https://shop.example/size-guide.pdf", "download"),
            ("instagram", "https://social.example/shop", "exit"),
            ("chat", "https://shop.example/help/chat", "other"),
        ];
        self.random.popular(LINKS)
    }

    fn view(&mut self, at: &mut i64, product: usize, channel: &'static str) {
        let now = self.step(at, 4 * MINUTE);
        let (sku, category) = self.products.get(product).map_or(("OLD-001", "shoes"), |p| (p.sku.as_str(), p.category));
        let page = (format!("https://shop.example/p/{}", sku.to_lowercase()), format!("product:{sku}"), category);
        let event = self.event(now, "commerce.productViews", channel);
        event.page = Some(page);
        event.items = Some(vec![Item { product, quantity: None, price: None }]);
    }

    fn basket(&mut self, at: &mut i64, mut seen: Vec<usize>, channel: &'static str) {
        seen.truncate(1 + self.random.below(3) as usize);
        self.cart += 1;
        let cart = format!("{}-{}", self.person.id, self.cart);
        let mut items: Vec<Item> = seen.iter().map(|&p| self.item(p)).collect();
        for item in items.clone() {
            let now = self.step(at, 2 * MINUTE);
            let event = self.event(now, "commerce.productListAdds", channel);
            event.items = Some(vec![item]);
            event.cart = Some(cart.clone());
        }
        if items.len() > 1 && self.random.permille(120) {
            let removed = items.pop();
            let now = self.step(at, 2 * MINUTE);
            let event = self.event(now, "commerce.productListRemovals", channel);
            event.items = removed.map(|item| vec![item]);
            event.cart = Some(cart.clone());
        }
        if self.random.permille(400) {
            return;
        }
        let now = self.step(at, 2 * MINUTE);
        self.event(now, "commerce.productListViews", channel).cart = Some(cart.clone());
        let now = self.step(at, 5 * MINUTE);
        let event = self.event(now, "commerce.checkouts", channel);
        event.cart = Some(cart.clone());
        event.items = Some(items.clone());
        if self.random.permille(650) {
            // Some think about it until the next day.
            let pause = if self.random.permille(100) { DAY } else { 10 * MINUTE };
            let now = self.step(at, pause);
            self.purchase(now, items, Some(cart), channel);
        }
    }

    fn purchase(&mut self, at: i64, items: Vec<Item>, cart: Option<String>, channel: &'static str) {
        let sum: i64 = items.iter().filter_map(|item| item.price).sum();
        let sum = sum.min(self.person.budget * 4);
        let discount = self.random.permille(250).then(|| sum / *self.random.one(&[5, 10, 20]));
        let foreign = self.random.permille(60);
        let currency = if foreign { "EUR" } else { self.person.country.currency };
        let order = Order {
            id: format!("O{}-{}", self.person.id, self.events.len()),
            total: (!self.random.permille(10)).then_some(sum - discount.unwrap_or(0)),
            discount,
            currency: (!self.random.permille(20)).then_some(currency),
            payment: (!self.random.permille(30)).then(|| *self.random.popular(&["card", "invoice", "wallet"])),
        };
        let event = self.event(at, "commerce.purchases", channel);
        event.order = Some(order.clone());
        event.items = Some(items);
        event.cart = cart;
        if self.random.permille(40) {
            let later = at + self.random.between(3600, 10 * 86_400) * SECOND;
            self.event(later, "commerce.backofficeOrderCancelled", "callCenter").order = Some(order);
        }
    }

    fn app(&mut self, start: i64) {
        self.event(start, "application.launch", "app");
        if self.random.permille(600) {
            self.visit(start, "app");
        }
    }

    fn store(&mut self, start: i64) {
        self.event(start, "location.entry", "store");
        if self.random.permille(300) {
            let product = self.product();
            let item = self.item(product);
            let mut at = start;
            let now = self.step(&mut at, 40 * MINUTE);
            self.purchase(now, vec![item], None, "store");
        }
    }

    fn message(&mut self, start: i64) {
        let numbers: Vec<usize> = (0..CAMPAIGNS.len()).collect();
        let campaign = *self.random.popular(&numbers);
        let message = format!("M{}-{}", self.person.id, self.events.len());
        let mut at = start;
        let told = |story: &mut Self, at: i64, kind, link| {
            story.event(at, kind, "email").message = Some((campaign, message.clone(), link));
        };
        told(self, at, "directMarketing.emailSent", None);
        if self.random.permille(30) {
            return;
        }
        let now = self.step(&mut at, MINUTE);
        told(self, now, "directMarketing.emailDelivered", None);
        if !self.random.permille(420) {
            return;
        }
        let now = self.step(&mut at, 2 * DAY);
        told(self, now, "directMarketing.emailOpened", None);
        if self.random.permille(15) {
            let now = self.step(&mut at, MINUTE);
            told(self, now, "directMarketing.emailUnsubscribed", None);
        } else if self.random.permille(380) {
            let now = self.step(&mut at, 5 * MINUTE);
            told(self, now, "directMarketing.emailClicked", Some("hero"));
            self.visit(at + SECOND, "web");
        }
    }
}
