//! What the templates of the account pages are given.

use serde::Serialize;
use uuid::Uuid;

use super::form::Field;

/// Who is signed in, for the top of every page. Whoever finds out puts it into the request's
/// extensions: the page of an error may be made when the answer is on its way out.
#[derive(Debug, Clone, Serialize)]
pub struct AccountView {
    /// What the person wants to be called.
    pub name: String,
    /// The address with which one signs in.
    pub email: String,
    /// The id by which a script says for whom its page was made.
    pub id: Uuid,
}

/// `account/register.html` and `account/login.html`.
#[derive(Debug, Clone, Serialize)]
pub struct FormPage {
    fields: Vec<Field>,
    next: Option<String>,
    problem: Option<String>,
}

/// `account/show.html`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AccountPage {
    rename: Vec<Field>,
    change_password: Vec<Field>,
    delete: Vec<Field>,
    problem: Option<String>,
    notice: Option<&'static str>,
    photos: u64,
}

impl FormPage {
    /// A form with these fields.
    #[must_use]
    pub fn new(fields: Vec<Field>) -> Self {
        Self { fields, next: None, problem: None }
    }

    /// Where to go afterwards.
    #[must_use]
    pub fn with_next(self, path: &str) -> Self {
        Self { next: (path != "/").then(|| path.to_owned()), ..self }
    }

    /// What was wrong with the form as a whole, as a sentence.
    #[must_use]
    pub fn with_problem(self, sentence: impl Into<String>) -> Self {
        Self { problem: Some(sentence.into()), ..self }
    }
}

impl AccountPage {
    /// The account with its forms and the number of its photos.
    #[must_use]
    pub fn new(name: &str, photos: u64) -> Self {
        let current = || Field::password("current", "Current password", "current-password");
        let new = Field::password("password", "New password", "new-password");
        let confirm = Field::password("confirm", "Your password", "current-password");
        Self {
            rename: vec![Field::text("name", "Your name", "name").with_value(name)],
            change_password: vec![current(), new.hint("At least 8 characters, any you like.")],
            delete: vec![confirm],
            photos,
            ..Self::default()
        }
    }

    /// The same page with a sentence about what went well.
    #[must_use]
    pub fn with_notice(self, sentence: Option<&'static str>) -> Self {
        Self { notice: sentence, ..self }
    }

    /// Something was wrong, in the field with this id.
    #[must_use]
    pub fn with_error(mut self, id: &str, sentence: &str) -> Self {
        let lists = [&mut self.rename, &mut self.change_password, &mut self.delete];
        for field in lists.into_iter().flatten().filter(|field| field.is(id)) {
            *field = field.clone().with_error(Some(sentence.to_owned()));
        }
        self
    }

    /// What was typed as the new name.
    #[must_use]
    pub fn with_name(mut self, typed: &str) -> Self {
        self.rename = self.rename.into_iter().map(|field| field.with_value(typed)).collect();
        self
    }

    /// What was wrong as a whole, as a sentence.
    #[must_use]
    pub fn with_problem(self, sentence: impl Into<String>) -> Self {
        Self { problem: Some(sentence.into()), ..self }
    }
}
