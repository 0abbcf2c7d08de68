//! The template of infra/ says what the code says: each rule is a function over a parsed template that tells what is
//! wrong with it, and each is shown a template that breaks it.

mod alarms;
mod buckets;
mod document;
mod functions;
mod mappings;
mod pools;
mod queues;
mod reads;
mod roles;
mod template;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use landfall_domain::Stage;
use serde_json::Value;
use template::Template;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Our template.
fn ours() -> Template {
    Template::read(&fs::read_to_string(root().join("infra/template.yaml")).unwrap()).unwrap()
}

/// The profiles by name.
fn profiles() -> BTreeMap<String, Value> {
    let files = fs::read_dir(root().join("infra/profiles")).unwrap();
    files
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, document::read(&fs::read_to_string(path).unwrap()).unwrap())
        })
        .collect()
}

/// Our template with another value in one place, whose parent must be there; `null` takes the entry away.
fn with(pointer: &str, value: Value) -> Template {
    let mut template = ours();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = template.0.pointer_mut(parent).expect(pointer);
    if let Some(list) = parent.as_array_mut() {
        *list.get_mut(key.parse::<usize>().unwrap()).expect(pointer) = value;
    } else if value.is_null() {
        parent.as_object_mut().unwrap().remove(key).expect(pointer);
    } else {
        parent.as_object_mut().unwrap().insert(key.to_owned(), value);
    }
    template
}

#[test]
fn the_template_agrees_with_the_code() {
    let template = ours();
    let findings = [
        functions::crates(&template, &reads::variables(&root())),
        functions::variables(&template, &reads::variables(&root())),
        functions::sending(&template),
        functions::giving_back(&template, &Stage::ALL),
        functions::settings(&template, &Stage::ALL),
        mappings::queues(&template, &Stage::ALL),
        mappings::schedules(&template, &Stage::ALL),
        queues::stages(&template, &Stage::ALL),
        queues::all(&template),
        roles::own(&template),
        roles::narrow(&template),
        roles::bodies(&template, &Stage::ALL),
        buckets::closed(&template),
        buckets::bodies(&template),
        buckets::watched(&template),
        pools::fit(&template, &profiles(), &Stage::ALL),
        pools::parameters(&template, &profiles()),
        alarms::complete(&template, &Stage::ALL),
    ];
    let findings = findings.concat();
    assert!(findings.is_empty(), "infra/template.yaml:\n{}", findings.join("\n"));
}
