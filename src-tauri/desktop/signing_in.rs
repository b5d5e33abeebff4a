//! Who is signed in at this window: from the first owner to signing out.

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    remembered::Remembered,
    state::{Desk, Session, not_connected},
};
use crate::{
    connections::{Sensitive, keyring::Kind, secrets::Secrets},
    database::{Access, Database, open_session},
    error::{Code, Error, Result},
    folders,
    ids::{OperationId, OrganizationId, PersonId},
    sessions::{self, Device, Me, ResetCode},
};

/// Who begins an installation; without a code on the private server only.
#[derive(Deserialize, specta::Type)]
#[serde(rename = "FirstOwner", rename_all = "camelCase")]
pub struct NewOwner {
    pub code: Option<String>,
    pub email: String,
    pub name: String,
    pub password: String,
    pub organization_name: Option<String>,
}

impl Desk {
    /// Makes the first owner and signs them in.
    ///
    /// # Errors
    /// As [`sessions::bootstrap_code`], [`sessions::create_first_owner`] and [`sessions::sign_in`].
    pub async fn create_first_owner(&self, new: NewOwner) -> Result<Me> {
        let password = Zeroizing::new(new.password);
        let code = match new.code {
            Some(code) => Zeroizing::new(code),
            None => sessions::bootstrap_code(&mut self.owner().await?).await?,
        };
        let owner = sessions::FirstOwner {
            code: &code,
            email: &new.email,
            name: &new.name,
            password: &password,
            organization_name: new.organization_name.as_deref(),
        };
        let mut connection = self.database()?.pool().acquire().await?;
        sessions::create_first_owner(&mut connection, &owner).await?;
        drop(connection);
        self.alter(|place| {
            if let Some(place) = place {
                place.connected.needs_first_owner = false;
            }
        });
        self.sign_in(&new.email, &password, false).await
    }

    /// Signs in. Staying signed in needs a keyring that works, asked before anything else.
    ///
    /// # Errors
    /// As [`sessions::sign_in`]; `keyring` when somebody wishes to stay and no keyring can keep the session.
    pub async fn sign_in(&self, email: &str, password: &str, stay: bool) -> Result<Me> {
        let (secrets, name) = self.look(|place| {
            let place = place.ok_or_else(not_connected)?;
            Ok::<_, Error>((place.secrets.clone(), place.secret_name.clone()))
        })?;
        if stay
            && let Secrets::Keyring(keyring) = &*secrets
            && let Some(refusal) = keyring.state().await.refusal()
        {
            return Err(refusal.next_step("Sign in without staying signed in, or mend the keyring first."));
        }
        let database = self.database()?;
        let mut connection = database.pool().acquire().await?;
        let signed_in = sessions::sign_in(&mut connection, email, password, &this_device()?, stay).await?;
        drop(connection);
        if stay {
            secrets.persist(&name, Kind::Session, &Sensitive::from(signed_in.token.as_str())).await?;
            Remembered::change(|remembered| {
                remembered.staying.insert(name);
            });
        }
        let access = Access { token: signed_in.token.clone(), organization: None };
        let me = who_is(&database, &access).await?.ok_or_else(Error::signed_out)?;
        self.alter(|place| {
            if let Some(place) = place {
                place.session = Some(Session::new(signed_in.token));
            }
        });
        self.begin_drafts(&me, Some(password));
        Ok(me)
    }

    /// Ends the session, here, in the keyring and on the server. A server that does not answer does not keep anybody
    /// signed in at this window.
    ///
    /// # Errors
    /// `keyring` when the kept session cannot be taken out of it.
    pub async fn sign_out(&self) -> Result<()> {
        let access = self.access(None);
        self.end_drafts();
        let left = self.alter(|place| {
            let place = place.as_mut()?;
            place.session = None;
            Some((place.secrets.clone(), place.secret_name.clone()))
        });
        if let Ok((database, access)) = access {
            let ended = database
                .write("sign_out", &access, OperationId::new(), |connection| Box::pin(sessions::sign_out(connection)))
                .await;
            if let Err(error) = ended {
                tracing::info!(code = ?error.code, "the session will end on the server by itself");
            }
        }
        let Some((secrets, name)) = left else { return Ok(()) };
        if Remembered::read().staying.contains(&name) {
            secrets.delete(&name, Kind::Session).await?;
            Remembered::change(|remembered| {
                remembered.staying.remove(&name);
            });
        }
        Ok(())
    }

    /// Who is signed in, by the server's word; none when the session ended.
    ///
    /// # Errors
    /// `unreachable` when the server is gone.
    pub async fn who_am_i(&self) -> Result<Option<Me>> {
        let Ok((database, access)) = self.access(None) else { return Ok(self.offline().map(|(_, me)| me)) };
        match who_is(&database, &access).await {
            Ok(Some(me)) => {
                if self.drafts().is_ok_and(|open| open.file.person == me.person_id && open.driver.has_line()) {
                    return Ok(Some(me));
                }
                self.begin_drafts(&me, None);
                Ok(Some(me))
            }
            Err(error) if error.code == Code::SignedOut => {
                self.alter(|place| {
                    if let Some(place) = place {
                        place.session = None;
                    }
                });
                Ok(None)
            }
            me => me,
        }
    }

    /// Sets a new password by a code and signs in with it.
    ///
    /// # Errors
    /// As [`sessions::redeem_code`] and [`sessions::sign_in`].
    pub async fn redeem_code(&self, email: &str, code: &str, new_password: &str) -> Result<Me> {
        let mut connection = self.database()?.pool().acquire().await?;
        sessions::redeem_code(&mut connection, email, code, new_password).await?;
        drop(connection);
        self.sign_in(email, new_password, false).await
    }

    /// Changes one's own password; this session stays, all others end.
    ///
    /// # Errors
    /// As [`sessions::change_password`].
    pub async fn change_password(&self, current: &str, new: &str) -> Result<()> {
        let (database, access) = self.access(None)?;
        let me = who_is(&database, &access).await?.ok_or_else(Error::signed_out)?;
        let mut connection = database.pool().acquire().await?;
        sessions::change_password(&mut connection, &access.token, &me.email, &this_device()?, current, new).await?;
        // The drafts open with the new one too.
        self.begin_drafts(&me, Some(new));
        Ok(())
    }

    /// A code for a person of lower rank. Its answer is a secret, so it is no operation whose result the database keeps.
    ///
    /// # Errors
    /// As [`sessions::issue_reset_code`].
    pub async fn issue_reset_code(&self, organization: OrganizationId, person: PersonId) -> Result<ResetCode> {
        let (database, access) = self.access(organization)?;
        let mut transaction = database.pool().begin().await?;
        open_session(&mut transaction, &access).await?;
        let code = sessions::issue_reset_code(&mut transaction, person).await?;
        transaction.commit().await?;
        Ok(code)
    }
}

async fn who_is(database: &Database, access: &Access) -> Result<Option<Me>> {
    database.read("who_am_i", access, |connection| Box::pin(sessions::who_am_i(connection))).await
}

fn this_device() -> Result<Device> {
    Device::of(&folders::config()?)
}
