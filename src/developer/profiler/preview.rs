//! Shows a queued mail in the profiler as a worker would render it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::{EmailPreview, Preview};
use crate::mailer::{Composer, LOGO, LOGO_ID};
use crate::message::command::SendEmailMessage;

impl EmailPreview for Composer {
    fn preview(&self, body: &Value) -> Result<Preview, String> {
        let message: SendEmailMessage =
            serde_json::from_value(body.clone()).map_err(|error| error.to_string())?;
        let mail = self.compose(&message).map_err(|error| error.to_string())?;
        let body = self.bodies().render(&message.template, &message.context);
        let body = body.map_err(|error| format!("{error:#}"))?;
        let logo = format!("data:image/png;base64,{}", BASE64_STANDARD.encode(LOGO));
        Ok(Preview {
            subject: mail.subject,
            text: body.text,
            html: Some(body.html.replace(&format!("cid:{LOGO_ID}"), &logo)),
            raw: mail.message,
        })
    }
}
