use fh_model::WebhookId;
use fh_store::NewWebhook;

use crate::fetch::check_url;
use crate::jobs::webhook_secret;
use crate::permission::Permission;
use crate::{Caller, CommandError, Workflow, event_names};

/// A receiver of events that is to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutWebhook {
    /// Where events are posted to.
    pub url: String,
    /// The names of the events wanted, of [`event_names::TOLD`]; all where empty.
    pub events: Vec<String>,
}

/// A registered receiver, with its secret, which is shown this once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReceiver {
    /// Its identifier.
    pub id: WebhookId,
    /// What events are signed with, as <https://www.standardwebhooks.com> writes it.
    pub secret: String,
}

impl Workflow {
    /// Registers a receiver of events.
    pub async fn put_webhook(
        &self,
        caller: &Caller,
        webhook: PutWebhook,
    ) -> Result<NewReceiver, CommandError> {
        caller.require(Permission::ManageWebhooks)?;
        check_url(&webhook.url)
            .map_err(|error| CommandError::invalid("url", "a URL to post to", error.to_string()))?;
        if let Some(unknown) =
            webhook.events.iter().find(|name| !event_names::TOLD.contains(&name.as_str()))
        {
            return Err(CommandError::invalid(
                "events",
                format!("names of {:?}", event_names::TOLD),
                format!("`{}`", unknown.escape_debug()),
            ));
        }
        let id = WebhookId(self.random().uuid());
        let mut bytes = [0; 24];
        self.random().fill(&mut bytes);
        let secret = webhook_secret(&bytes);
        let PutWebhook { url, events } = webhook;
        let scope = self.scope(caller);
        scope.put_webhook(NewWebhook { id, url, secret: secret.clone(), events }).await?;
        scope.note(caller.entry("webhook.create", id.to_string())).await?;
        Ok(NewReceiver { id, secret })
    }

    /// Switches a receiver on or off.
    pub async fn enable_webhook(
        &self,
        caller: &Caller,
        id: WebhookId,
        enabled: bool,
    ) -> Result<(), CommandError> {
        caller.require(Permission::ManageWebhooks)?;
        let scope = self.scope(caller);
        if !scope.enable_webhook(id, enabled).await? {
            return Err(CommandError::NotFound { what: "webhook" });
        }
        let action = if enabled { "webhook.enable" } else { "webhook.disable" };
        scope.note(caller.entry(action, id.to_string())).await?;
        Ok(())
    }

    /// Deletes a receiver with its log of deliveries.
    pub async fn delete_webhook(&self, caller: &Caller, id: WebhookId) -> Result<(), CommandError> {
        caller.require(Permission::ManageWebhooks)?;
        let scope = self.scope(caller);
        if !scope.delete_webhook(id).await? {
            return Err(CommandError::NotFound { what: "webhook" });
        }
        scope.note(caller.entry("webhook.delete", id.to_string())).await?;
        Ok(())
    }
}
