//! Points, distances, cities and names of areas (specs: tickets 6, 8).

mod alias;
mod city;
mod point;

pub use alias::ClusterNames;
pub use city::City;
pub use point::{Point, feed_point, haversine_km, number};
