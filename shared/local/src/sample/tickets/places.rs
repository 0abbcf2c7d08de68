//! Where the sample tickets are: areas that there are, and places in them that there are not.

/// An area of a city.
#[derive(Debug)]
pub(super) struct Area {
    /// As the feed calls it: a name, or a code.
    pub cluster: &'static str,
    /// Its name, where `cluster` is a code.
    pub name: &'static str,
    /// Its region.
    pub region: &'static str,
    /// About where it is: latitude and longitude.
    pub at: (f64, f64),
    /// Places in it.
    pub places: &'static [Place],
}

/// A place, as the feed tells of it.
#[derive(Debug)]
pub(super) struct Place {
    /// Free text, often with network codes.
    pub location_name: &'static str,
    /// Where the geocoder says it is; none where it does not know.
    pub at: Option<(f64, f64)>,
}

const fn place(location_name: &'static str, at: Option<(f64, f64)>) -> Place {
    Place { location_name, at }
}

/// The areas. One place is found in another city, and refused; two are not found.
pub(super) const AREAS: [Area; 6] = [
    Area {
        cluster: "Westlands",
        name: "westlands",
        region: " NAIROBI  WEST ",
        at: (-1.2676, 36.8108),
        places: &[
            place("Acacia Heights FDT12/P4", Some((-1.2653, 36.8041))),
            place("KE-NRB-4411 - Copper Beech Court", Some((-1.2611, 36.8019))),
            place("Jacaranda, \"Phase 2\" Offices (OLT 3)", None),
        ],
    },
    Area {
        cluster: "QOA",
        name: "Quarry Road",
        region: "Nairobi North",
        at: (-1.2790, 36.8560),
        places: &[
            place("Slate House FAT-8539", Some((-1.2781, 36.8573))),
            // There is one of that name at the coast.
            place("Harbour Tower", Some((-4.0421, 39.6698))),
        ],
    },
    Area {
        cluster: "PTMP",
        name: "Pipeline",
        region: "Nairobi South",
        at: (-1.3150, 36.8920),
        places: &[
            place("Terminal Flats ODF-2", Some((-1.3163, 36.8941))),
            place("Block C FDT02/P10", Some((-1.3139, 36.8902))),
        ],
    },
    Area {
        cluster: "Nyali",
        name: "nyali",
        region: "coast",
        at: (-4.0330, 39.7080),
        places: &[
            place("Coral Court FAT 17", Some((-4.0288, 39.7133))),
            place("Reef Arcade 2/14", Some((-4.0351, 39.7047))),
        ],
    },
    Area {
        cluster: "Milimani",
        name: "milimani",
        region: "Nyanza",
        at: (-0.1022, 34.7617),
        places: &[place("Heron Gardens P7", Some((-0.1048, 34.7559)))],
    },
    Area {
        cluster: "Section 58",
        name: "section 58",
        region: "RIFT",
        at: (-0.2950, 36.0870),
        places: &[place("Crater View Estate SPL-4", Some((-0.2968, 36.0915))), place("OLT07", None)],
    },
];
