//! The words that made-up customers, products and events consist of. Names nothing. Invariant: every host is of the
//! reserved domain `example`, so that no address reaches anyone.

/// Given names.
pub const FIRST: &[&str] = &[
    "Anna", "Erik", "Maja", "Lars", "Ingrid", "Olav", "Freja", "Søren", "Åsa", "Nils", "Elin", "Mats", "Saga", "Jonas",
    "Liv", "Henrik", "Aino", "Väinö", "Greta", "Felix", "Zoë", "Arthur", "Chloë", "Hugo",
];
/// Family names.
pub const LAST: &[&str] = &[
    "Lindqvist",
    "Berg",
    "Hansen",
    "Nygård",
    "Sjöberg",
    "Dahl",
    "Kjær",
    "Vik",
    "Holm",
    "Ek",
    "Strand",
    "Mäkelä",
    "Falk",
    "Krüger",
    "Okafor",
    "O'Neill",
    "van Dijk",
    "Rossi",
];
/// Hosts of mail addresses, the largest first.
pub const HOSTS: &[&str] =
    &["gmail.example", "outlook.example", "post.example", "icloud.example", "telia.example", "Gmail.Example"];

/// A country with a currency, languages and cities.
#[derive(Debug)]
pub struct Country {
    /// By ISO 3166.
    pub code: &'static str,
    /// By ISO 4217.
    pub currency: &'static str,
    /// As customers write them.
    pub languages: &'static [&'static str],
    /// The largest first.
    pub cities: &'static [&'static str],
}

/// Where customers live, most of them in the first.
pub const COUNTRIES: &[Country] = &[
    Country {
        code: "SE",
        currency: "SEK",
        languages: &["sv", "sv-SE", "SV", "en"],
        cities: &["Stockholm", "Göteborg", "Malmö", "Uppsala", "Umeå"],
    },
    Country {
        code: "NO",
        currency: "NOK",
        languages: &["nb", "nb-NO", "nn", "en"],
        cities: &["Oslo", "Bergen", "Tromsø"],
    },
    Country { code: "DK", currency: "DKK", languages: &["da", "da-DK"], cities: &["København", "Aarhus", "Odense"] },
    Country { code: "FI", currency: "EUR", languages: &["fi", "sv-FI"], cities: &["Helsinki", "Tampere"] },
    Country { code: "DE", currency: "EUR", languages: &["de", "en"], cities: &["Berlin", "Köln", "München"] },
    Country { code: "GB", currency: "GBP", languages: &["en-GB"], cities: &["London", "Leeds"] },
    Country { code: "NL", currency: "EUR", languages: &["nl", "en"], cities: &["Utrecht"] },
];

/// Categories of products: name, prefix of the article numbers, what they are called, lowest and highest price in euro.
pub const CATEGORIES: &[(&str, &str, &[&str], i64, i64)] = &[
    ("shoes", "SHO", &["Runner", "Trail", "Court", "Boot", "Loafer"], 49, 189),
    ("shirts", "SHI", &["Tee", "Oxford", "Polo", "Flannel"], 15, 79),
    ("trousers", "TRO", &["Chino", "Jeans", "Cargo"], 39, 129),
    ("jackets", "JAC", &["Parka", "Shell", "Down", "Rain"], 79, 399),
    ("bags", "BAG", &["Tote", "Backpack", "Duffel"], 29, 199),
    ("accessories", "ACC", &["Cap", "Scarf", "Belt", "Socks", "Gloves"], 5, 49),
];
/// Makers of products.
pub const BRANDS: &[&str] = &["Fjellrev", "Nordan", "Havsvind", "Lume", "Tåga", "Kvist", "Arvo", "Mossa"];
/// Words that describe products.
pub const PRODUCT_TAGS: &[&str] = &["new", "vegan", "sale", "recycled", "limited"];
/// Words that the staff put on customers.
pub const TAGS: &[&str] = &["newsletter", "vip", "beta", "student", "press", "employee", "wholesale"];
/// Campaigns, the newest first.
pub const CAMPAIGNS: &[&str] =
    &["autumn-sale", "autumn-shoes", "back-to-work", "summer-sale", "spring-news", "welcome"];
/// Subject lines of campaigns, in the same order.
pub const SUBJECTS: &[&str] = &[
    "Autumn starts now",
    "New shoes for wet days",
    "Fit for the office",
    "Last days of the sale",
    "What is new this spring",
    "Welcome to the shop",
];
/// What is searched for.
pub const SEARCHES: &[&str] =
    &["shoes", "rain jacket", "Running Shoes", "jeans", "gift", "backpack 20l", "socks wool", "50% off", "sköna skor"];
/// Pages of the shop that show no product: address, name, section.
pub const PAGES: &[(&str, &str, &str)] = &[
    ("https://shop.example/", "home", "home"),
    ("https://shop.example/shoes?sort=new", "category:shoes", "shoes"),
    ("https://shop.example/jackets", "category:jackets", "jackets"),
    ("https://shop.example/sale", "sale", "sale"),
    ("https://shop.example/help/returns", "help:returns", "help"),
    ("https://shop.example/stores", "stores", "stores"),
];
/// Where visits come from.
pub const REFERRERS: &[&str] =
    &["https://search.example/?q=shoes", "https://social.example/feed", "https://news.example/"];
/// What weighs in a churn score.
pub const CHURN_FACTORS: &[&str] =
    &["days_since_last_purchase", "orders_365_days", "emails_opened_90_days", "visits_30_days", "average_order"];
/// What weighs in a conversion score.
pub const CONVERSION_FACTORS: &[&str] =
    &["cart_adds_7_days", "product_views_14_days", "loyalty_points", "days_since_visit"];
