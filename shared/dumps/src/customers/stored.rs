//! Customers as they are stored.

use std::collections::{BTreeMap, BTreeSet};

use super::row::Alias;
use crate::metadata::{CustomerKey, CustomerName};

/// A stored customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredCustomer {
    /// The name.
    pub name: String,
    /// The country.
    pub country: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// Whether it is active.
    pub active: bool,
    /// Its aliases.
    pub aliases: BTreeSet<String>,
    /// Keys of its networks.
    pub networks: BTreeSet<String>,
}

/// Customers by key, with the owners of aliases. Has at least the customers that the rows in question name, by
/// key or as an alias, and the owners of their aliases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredCustomers {
    customers: BTreeMap<String, StoredCustomer>,
    /// The owner of each alias.
    owners: BTreeMap<String, String>,
    /// The same by the key that an alias would be if it were none.
    looks: BTreeMap<String, String>,
}

impl StoredCustomers {
    /// Adds a customer, or puts it into the place of the one with its key.
    pub fn insert(&mut self, key: &str, customer: StoredCustomer) {
        for alias in &customer.aliases {
            self.owners.insert(alias.clone(), key.to_owned());
            if let Ok(name) = alias.parse::<CustomerName>() {
                self.looks.insert(name.key().to_string(), key.to_owned());
            }
        }
        self.customers.insert(key.to_owned(), customer);
    }

    /// The customer with this key.
    pub fn get(&self, key: &CustomerKey) -> Option<&StoredCustomer> {
        self.customers.get(key.as_str())
    }

    /// Whose alias or key an alias of this customer is already.
    pub(crate) fn other_owner(&self, key: &CustomerKey, alias: &Alias) -> Option<&str> {
        let by_alias = self.owners.get(alias.as_str()).map(String::as_str);
        let by_key = self.customers.get_key_value(alias.key().as_str()).map(|(key, _)| key.as_str());
        by_alias.into_iter().chain(by_key).find(|owner| *owner != key.as_str())
    }

    /// Whose alias the key of a new customer is already.
    pub(crate) fn alias_owner(&self, key: &CustomerKey) -> Option<&str> {
        let owners = self.owners.get(key.as_str()).into_iter().chain(self.looks.get(key.as_str()));
        owners.map(String::as_str).find(|owner| *owner != key.as_str())
    }
}
