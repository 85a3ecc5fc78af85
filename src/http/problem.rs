//! Errors for programs: `application/problem+json` (RFC 9457), with Symfony's violations.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::catalogue::UploadRefusal;

/// The content type of a [`Problem`].
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What went wrong, as the API says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// An identifier of the kind of problem: `about:blank` means that the status says it all.
    #[serde(rename = "type")]
    pub kind: String,
    /// A few words for the kind of problem.
    pub title: &'static str,
    /// The HTTP status, once more for whoever sees only the body.
    pub status: u16,
    /// One sentence about this very case.
    pub detail: String,
    /// This very case, by the name under which the log has it, if we are to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// What is wrong with which input; empty if the input is not to blame.
    pub violations: Vec<Violation>,
}

/// One complaint about one input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// The name of the form field.
    pub property_path: String,
    /// The sentence that a person reads.
    pub title: String,
    /// The word for programs; see [`UploadRefusal::code`].
    pub code: String,
    /// The name of the file in question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

impl Problem {
    /// A problem that is no fault of the input.
    #[must_use]
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            instance: None,
            violations: Vec::new(),
        }
    }

    /// The same about this incident, a UUID.
    #[must_use]
    pub fn with_incident(self, incident: Option<&str>) -> Self {
        Self { instance: incident.map(|incident| format!("urn:uuid:{incident}")), ..self }
    }

    /// A refused upload: one violation on the field `file`.
    #[must_use]
    pub fn from_refusal(refusal: &UploadRefusal, file: Option<&str>) -> Self {
        let sentence = refusal.sentence(file.unwrap_or("This photo"));
        let violation = Violation {
            property_path: "file".to_owned(),
            title: sentence.clone(),
            code: refusal.code().to_owned(),
            file: file.map(ToOwned::to_owned),
        };
        Self { violations: vec![violation], ..Self::new(refusal.status(), sentence) }
    }

    /// An input that cannot be taken: one violation on this field.
    #[must_use]
    pub fn from_violation(field: &str, code: &str, sentence: &str) -> Self {
        let violation = Violation {
            property_path: field.to_owned(),
            title: sentence.to_owned(),
            code: code.to_owned(),
            file: None,
        };
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, sentence);
        Self { violations: vec![violation], ..problem }
    }

    /// The status, ready for a response.
    #[must_use]
    pub fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The answer with this problem as its body.
    #[must_use]
    pub fn response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).content_type(PROBLEM_JSON).json(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_field_sentence_code_and_file() {
        let problem = Problem::from_refusal(&UploadRefusal::NotSupported, Some("cat.bmp"));
        let sentence = "cat.bmp isn't a JPEG, PNG, WebP or GIF image.";
        assert_eq!(
            serde_json::to_value(&problem).unwrap(),
            serde_json::json!({
                "type": "about:blank",
                "title": "Unsupported Media Type",
                "status": 415,
                "detail": sentence,
                "violations": [{
                    "propertyPath": "file",
                    "title": sentence,
                    "code": "not_supported",
                    "file": "cat.bmp",
                }],
            })
        );
        let content_type = problem.response().headers().get("content-type").cloned();
        assert_eq!(content_type.unwrap(), PROBLEM_JSON);
    }
}
