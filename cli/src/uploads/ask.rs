//! Asking for what the flags do not say.

use std::io::{self, IsTerminal};

use dialoguer::theme::SimpleTheme;
use dialoguer::{Completion, History, Input};
use landfall_dumps::metadata::{Country, CustomerName, Field, HcId, InvalidValue, NetworkKey, Ticket};
use landfall_store::{Store, dump};

use super::fields::{Answers, nameless};
use crate::commands::Context;
use crate::{Console, Exit, Failure};

/// Names that are offered.
const OFFERED: i64 = 200;
/// Names that are written out before a question.
const NAMED: usize = 10;

/// Completes what is known of an upload: asks for all that matters on a terminal once a needed field is missing. The
/// database, where one is found, tells which names there are.
///
/// # Errors
/// [`Exit::Arguments`] naming the flags, where there is no terminal or `no_input` forbids to ask.
pub(crate) async fn complete(
    answers: &mut Answers,
    (needed, key): (&[Field], Option<&str>),
    no_input: bool,
    (context, console): (&Context, &Console),
) -> Result<(), Failure> {
    let missing = answers.missing(needed, key);
    if missing.is_empty() {
        return Ok(());
    }
    if no_input || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(nameless(&missing));
    }
    let store = match context.place() {
        Ok(place) => place.store().await.ok(),
        Err(_) => None,
    };
    for field in missing.into_iter().chain([Field::HcId, Field::Country]) {
        if answers.get(field).is_some() {
            continue;
        }
        let known = match &store {
            // Without suggestions the question can still be answered.
            Some(store) => known(store, field, answers).await.unwrap_or_default(),
            None => Vec::new(),
        };
        answers.set(field, &ask(field, known, console)?);
    }
    Ok(())
}

/// The names that a field may have, as far as the database tells.
async fn known(store: &Store, field: Field, answers: &Answers) -> Result<Vec<String>, Failure> {
    match (field, answers.get(Field::Customer).map(str::parse::<CustomerName>)) {
        (Field::Customer, _) => Ok(dump::customer_keys(store.pool(), OFFERED).await?),
        (Field::Network, Some(Ok(customer))) => {
            let (key, alias) = (customer.key().to_string(), customer.alias());
            Ok(dump::network_keys(store.pool(), (&key, &alias), OFFERED).await?)
        }
        _ => Ok(Vec::new()),
    }
}

fn ask(field: Field, known: Vec<String>, console: &Console) -> Result<String, Failure> {
    if !known.is_empty() {
        let more = if known.len() > NAMED { ", ..." } else { "" };
        let names = known.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        console.say(format_args!("known: {names}{more} (arrow up and down, tab completes)"));
    }
    let (prompt, optional) = question(field);
    let mut known = Known(known);
    let completion = known.clone();
    Input::<String>::with_theme(&SimpleTheme)
        .with_prompt(prompt)
        .allow_empty(optional)
        .validate_with(|text: &String| valid(field, text))
        .history_with(&mut known)
        .completion_with(&completion)
        .interact_text()
        .map_err(|error| Failure::of(Exit::Arguments, error).while_doing("the terminal gave no answer"))
}

fn question(field: Field) -> (&'static str, bool) {
    match field {
        Field::Customer => ("Customer", false),
        Field::Network => ("Network", false),
        Field::Ticket => ("Ticket", false),
        Field::HcId => ("Health check (enter for none)", true),
        Field::Country => ("Country (enter for the customer's)", true),
        Field::Origin => ("Origin (enter for the file's)", true),
        Field::CaptureTs => ("Capture time (enter for the archive's)", true),
        Field::Overwrite => ("Overwrite (true or false)", true),
    }
}

fn valid(field: Field, text: &str) -> Result<(), InvalidValue> {
    if text.trim().is_empty() && question(field).1 {
        return Ok(());
    }
    match field {
        Field::Customer => text.parse::<CustomerName>().map(|_| ()),
        Field::Network => text.parse::<NetworkKey>().map(|_| ()),
        Field::Ticket => text.parse::<Ticket>().map(|_| ()),
        Field::HcId => text.parse::<HcId>().map(|_| ()),
        Field::Country => text.parse::<Country>().map(|_| ()),
        // Judged with the whole request.
        Field::Origin | Field::CaptureTs | Field::Overwrite => Ok(()),
    }
}

/// Names for arrow keys and tab.
#[derive(Debug, Clone)]
struct Known(Vec<String>);

impl History<String> for Known {
    fn read(&self, position: usize) -> Option<String> {
        self.0.get(position).cloned()
    }

    /// What is typed becomes known when it is stored.
    fn write(&mut self, _: &String) {}
}

impl Completion for Known {
    /// The first name that begins so, in any case; of a whole name the one after it.
    fn get(&self, input: &str) -> Option<String> {
        let next = self.0.iter().skip_while(|name| *name != input).nth(1);
        let begins = |name: &&String| name.to_lowercase().starts_with(&input.to_lowercase());
        next.or_else(|| self.0.iter().find(begins)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tab_completes_the_first_name_that_begins_so_then_goes_on_with_the_next() {
        let known = Known(["acme", "acorn", "globex"].map(str::to_owned).into());
        let tab = |input| known.get(input);
        assert_eq!(tab("").as_deref(), Some("acme"));
        assert_eq!(tab("AC").as_deref(), Some("acme"));
        assert_eq!(tab("acme").as_deref(), Some("acorn"));
        assert_eq!(tab("x"), None);
        assert_eq!(History::read(&known, 2).as_deref(), Some("globex"));
    }

    #[test]
    fn an_answer_is_held_to_the_rule_of_its_field() {
        assert!(valid(Field::Ticket, "x").is_err());
        assert!(valid(Field::Ticket, "").is_err());
        assert!(valid(Field::HcId, "").is_ok());
        assert!(valid(Field::HcId, "HC7").is_ok());
        assert!(valid(Field::Country, "Finland").is_err());
    }
}
