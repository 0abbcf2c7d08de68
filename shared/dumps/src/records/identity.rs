//! Who a network element is, and where it is managed (specs: dumps 3.5).

use std::fmt;
use std::net::Ipv4Addr;

use serde::{Serialize, Serializer};

use crate::values::vocabulary;

/// The identity of a network element inside its network.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NeKey {
    /// By its name, in the form of [`crate::values::nename`].
    Name(String),
    /// By its router id.
    RouterId(Ipv4Addr),
    /// By the plan's name of it (plan-NE).
    Path(String),
}

impl NeKey {
    /// The best identity there is: the name, else the router id, else the plan's name.
    pub fn choose(name: Option<&str>, router_id: Option<Ipv4Addr>, plan_ne: &str) -> Self {
        match (name, router_id) {
            (Some(name), _) => Self::Name(name.to_owned()),
            (None, Some(router_id)) => Self::RouterId(router_id),
            (None, None) => Self::Path(plan_ne.to_owned()),
        }
    }
}

impl fmt::Display for NeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "name:{name}"),
            Self::RouterId(router_id) => write!(f, "rid:{router_id}"),
            Self::Path(plan_ne) => write!(f, "path:{plan_ne}"),
        }
    }
}

impl Serialize for NeKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

vocabulary! {
    /// Where a management address comes from.
    MgmtIpSource {
        /// The node reports it.
        Reported = "reported": ["reported"],
        /// It is the router id.
        RouterId = "router_id": ["router_id"],
        /// It stands in the names of the archive.
        Archive = "archive": ["archive"],
        /// There is none.
        None = "none": [],
    }
}

impl MgmtIpSource {
    /// The best management address there is and where it comes from.
    pub fn choose(
        reported: Option<Ipv4Addr>,
        router_id: Option<Ipv4Addr>,
        path_ip: Option<Ipv4Addr>,
    ) -> (Option<Ipv4Addr>, Self) {
        [(reported, Self::Reported), (router_id, Self::RouterId), (path_ip, Self::Archive)]
            .into_iter()
            .find(|(address, _)| address.is_some())
            .unwrap_or((None, Self::None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Ipv4Addr = Ipv4Addr::new(10, 20, 0, 1);
    const B: Ipv4Addr = Ipv4Addr::new(10, 20, 0, 2);

    #[test]
    fn the_key_is_the_name_else_the_router_id_else_the_plans_name() {
        assert_eq!(NeKey::choose(Some("HEL"), Some(A), "DIR").to_string(), "name:HEL");
        assert_eq!(NeKey::choose(None, Some(A), "DIR").to_string(), "rid:10.20.0.1");
        assert_eq!(NeKey::choose(None, None, "DIR").to_string(), "path:DIR");
    }

    #[test]
    fn the_management_address_falls_back_step_by_step() {
        assert_eq!(MgmtIpSource::choose(Some(A), Some(B), None), (Some(A), MgmtIpSource::Reported));
        assert_eq!(MgmtIpSource::choose(None, Some(B), Some(A)), (Some(B), MgmtIpSource::RouterId));
        assert_eq!(MgmtIpSource::choose(None, None, Some(A)), (Some(A), MgmtIpSource::Archive));
        assert_eq!(MgmtIpSource::choose(None, None, None), (None, MgmtIpSource::None));
    }
}
