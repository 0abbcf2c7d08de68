//! What is known of a dump before it is sent, and the request that comes of it.

use std::collections::BTreeMap;

use clap::Args;
use landfall_dumps::metadata::{Field, KeyKind, MetadataError, RawMetadata, classify_key};
use serde::Serialize;

use crate::{Exit, Failure};

/// What an upload of a dump says about itself, besides its ticket (specs: dumps 6.1).
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct DumpArgs {
    /// Whose dump it is: key, name or alias.
    #[arg(long)]
    customer: Option<String>,
    /// The network it shows.
    #[arg(long)]
    network: Option<String>,
    /// The health check it belongs to.
    #[arg(long)]
    hc_id: Option<String>,
    /// The country of the network, two letters.
    #[arg(long)]
    country: Option<String>,
    /// What took the dump.
    #[arg(long)]
    origin: Option<String>,
    /// When it was taken, as 2025-01-18T03:14:07Z.
    #[arg(long, value_name = "TIME")]
    capture_ts: Option<String>,
    /// Replace the dump that is in the way.
    #[arg(long)]
    overwrite: bool,
}

impl DumpArgs {
    /// The capture time as it was given.
    pub fn capture_ts(&self) -> Option<&str> {
        self.capture_ts.as_deref()
    }
}

/// The fields of an upload that are known, whoever named them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answers(BTreeMap<Field, String>);

impl Answers {
    /// What the flags say.
    pub fn of_flags(args: &DumpArgs, ticket: Option<&str>) -> Self {
        let mut answers = Self::default();
        let given = [
            (Field::Customer, args.customer.as_deref()),
            (Field::Network, args.network.as_deref()),
            (Field::Ticket, ticket),
            (Field::HcId, args.hc_id.as_deref()),
            (Field::Country, args.country.as_deref()),
            (Field::Origin, args.origin.as_deref()),
            (Field::CaptureTs, args.capture_ts.as_deref()),
            (Field::Overwrite, args.overwrite.then_some("true")),
        ];
        for (field, value) in given {
            answers.set(field, value.unwrap_or_default());
        }
        answers
    }

    /// The value of a field.
    pub fn get(&self, field: Field) -> Option<&str> {
        self.0.get(&field).map(String::as_str)
    }

    /// Sets a field; a blank value counts as none.
    pub fn set(&mut self, field: Field, value: &str) {
        let value = value.trim();
        if !value.is_empty() {
            self.0.insert(field, value.to_owned());
        }
    }

    /// The same upload under another ticket.
    pub fn with_ticket(&self, ticket: &str) -> Self {
        let mut answers = self.clone();
        answers.set(Field::Ticket, ticket);
        answers
    }

    /// The needed fields that nobody has named, also not the folders of the key.
    pub fn missing(&self, needed: &[Field], key: Option<&str>) -> Vec<Field> {
        let of_key = key.map(RawMetadata::from_key).unwrap_or_default();
        let known = |field: Field| self.get(field).or_else(|| of_key.get(field)).is_some();
        needed.iter().copied().filter(|field| !known(*field)).collect()
    }

    /// Whether the platform would take an upload of this metadata, whatever its key.
    ///
    /// # Errors
    /// [`Exit::Arguments`] for the first field that it would reject.
    pub fn judge(&self) -> Result<(), Failure> {
        // A name without folders says nothing itself.
        super::check("any.tgz", &self.metadata())
            .map_err(|error| refused(error).while_doing("every archive would be rejected"))
    }

    /// As user metadata of the object.
    pub fn metadata(&self) -> BTreeMap<String, String> {
        let header = |(field, value): (&Field, &String)| {
            (field.as_str().replace('_', "-"), super::header_value(value))
        };
        self.0.iter().map(header).collect()
    }
}

/// An upload that is ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Request {
    /// The key.
    pub key: String,
    /// User metadata: names without `x-amz-meta-`, values as in a header.
    pub metadata: BTreeMap<String, String>,
}

/// The key of a dump: its three needed fields as folders, then its name.
pub(crate) fn dump_key(answers: &Answers, name: &str) -> Option<String> {
    let folders = Field::NEEDED.map(|field| answers.get(field));
    let [Some(customer), Some(network), Some(ticket)] = folders else { return None };
    Some(format!("dumps/{customer}/{network}/{ticket}/{name}"))
}

/// The request of a file, from what is known of it. The one way from flags and from prompts to an upload; it sends
/// and reads nothing. `name` is the end of the key where no key is given.
///
/// # Errors
/// [`Exit::Arguments`] where a needed field is missing, and where the platform would reject the upload.
pub(crate) fn request(name: &str, answers: &Answers, key: Option<&str>) -> Result<Request, Failure> {
    let missing = answers.missing(&Field::NEEDED, key);
    if !missing.is_empty() {
        return Err(nameless(&missing));
    }
    let Some(key) = key.map(str::to_owned).or_else(|| dump_key(answers, name)) else {
        return Err(nameless(&Field::NEEDED));
    };
    if classify_key(&key) != KeyKind::Archive {
        return Err(Failure::new(Exit::Arguments, format!("{key} would not be taken for a dump"))
            .advise("name it with the ending .tgz or .tar.gz"));
    }
    let metadata = answers.metadata();
    match super::check(&key, &metadata) {
        Ok(()) => Ok(Request { key, metadata }),
        Err(error) => Err(refused(error).while_doing(format!("{name} would be rejected as {key}"))),
    }
}

fn refused(error: MetadataError) -> Failure {
    let advice = match &error {
        MetadataError::Invalid { field, .. } => format!("see {} in `--help`", flag(*field)),
        _ => "see --customer, --network, --ticket and the other options in `--help`".to_owned(),
    };
    Failure::of(Exit::Arguments, error).advise(advice)
}

/// Needed fields are missing, and nobody can be asked.
pub(super) fn nameless(missing: &[Field]) -> Failure {
    let flags: Vec<String> = missing.iter().map(|field| flag(*field)).collect();
    Failure::new(Exit::Arguments, format!("missing: {}", flags.join(", ")))
        .advise("give them as flags; on a terminal the command asks for what is missing")
}

fn flag(field: Field) -> String {
    format!("--{}", field.as_str().replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags() -> Answers {
        let args = DumpArgs {
            customer: Some("Käse & Co".into()),
            network: Some("core".into()),
            hc_id: Some("HC-7".into()),
            overwrite: true,
            ..DumpArgs::default()
        };
        Answers::of_flags(&args, Some("CHG-1"))
    }

    #[test]
    fn test_cli_modes_mode1_mode2_answers_and_flags_give_the_same_request() {
        let mut prompted = Answers::of_flags(&DumpArgs { overwrite: true, ..DumpArgs::default() }, None);
        let typed = [
            (Field::Customer, " Käse & Co "),
            (Field::Network, "core"),
            (Field::Ticket, "CHG-1"),
            (Field::HcId, "HC-7"),
            (Field::Country, ""),
        ];
        for (field, value) in typed {
            prompted.set(field, value);
        }
        let request_of = |answers: &Answers| request("a.tgz", answers, None).unwrap();
        assert_eq!(request_of(&prompted), request_of(&flags()));
        insta::assert_json_snapshot!(request_of(&prompted), @r#"
        {
          "key": "dumps/Käse & Co/core/CHG-1/a.tgz",
          "metadata": {
            "customer": "K%C3%A4se & Co",
            "hc-id": "HC-7",
            "network": "core",
            "overwrite": "true",
            "ticket": "CHG-1"
          }
        }
        "#);
    }

    #[test]
    fn a_key_with_folders_names_the_needed_fields_itself() {
        let key = "dumps/acme/core/CHG-1/a.tgz";
        let request = request("a.tgz", &Answers::default(), Some(key)).unwrap();
        assert_eq!((request.key.as_str(), request.metadata.len()), (key, 0));
    }

    #[test]
    fn a_missing_or_malformed_field_names_its_flag() {
        let told = |answers: &Answers| request("a.tgz", answers, None).unwrap_err().to_string();
        insta::assert_snapshot!(told(&Answers::default()), @r"
        missing: --customer, --network, --ticket
        give them as flags; on a terminal the command asks for what is missing
        ");
        let mut bad = flags();
        bad.set(Field::HcId, "seven");
        insta::assert_snapshot!(told(&bad), @r#"
        a.tgz would be rejected as dumps/Käse & Co/core/CHG-1/a.tgz: hc_id in the object metadata is not valid: "seven" is not a health-check id: HC, optional -, digits
        see --hc-id in `--help`
        "#);
        insta::assert_snapshot!(request("a.zip", &flags(), None).unwrap_err(), @r"
        dumps/Käse & Co/core/CHG-1/a.zip would not be taken for a dump
        name it with the ending .tgz or .tar.gz
        ");
    }
}
