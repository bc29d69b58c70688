use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use fh_model::RandomSource;
use tokio::sync::oneshot;

use super::SignInError;

/// How many are computed at a time.
const THREADS: usize = 2;

/// Hashes and checks passwords with argon2id: 19 MiB, 2 passes, the least that OWASP's password
/// storage sheet recommends. A few at a time, or a flood of sign-ins would take all memory; and on
/// threads of their own, since an allocator keeps for each thread what it once used.
pub(crate) struct Passwords {
    work: Sender<Work>,
    /// Checked where there is no such person, so that it takes as long.
    nobody: String,
}

type Work = Box<dyn FnOnce() + Send>;

/// Works until nobody can send any more.
fn work_off(work: &Mutex<Receiver<Work>>) {
    loop {
        // Whoever holds the lock waits for work, the others for the lock.
        let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            // A panic is that work's own affair: who waits for it finds its sender gone.
            Ok(work) => drop(catch_unwind(AssertUnwindSafe(work))),
            Err(_) => return,
        }
    }
}

fn argon2() -> Argon2<'static> {
    let params =
        Params::new(19 * 1024, 2, 1, None).expect("the numbers are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The hash of a password in argon2's own notation. Takes tens of milliseconds of processor.
pub fn hash_password(password: &str, random: &dyn RandomSource) -> String {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    let salt = SaltString::encode_b64(&salt).expect("16 bytes are a salt");
    let hash = argon2().hash_password(password.as_bytes(), &salt);
    hash.expect("argon2 hashes any password shorter than 4 GiB").to_string()
}

impl Passwords {
    pub(crate) fn new(random: &dyn RandomSource) -> Self {
        let (work, received) = mpsc::channel();
        let received = Arc::new(Mutex::new(received));
        for _ in 0..THREADS {
            let received = Arc::clone(&received);
            std::thread::spawn(move || work_off(&received));
        }
        Self { work, nobody: hash_password("", random) }
    }

    /// [`hash_password`] beside other work.
    pub(crate) async fn hash(
        &self,
        password: String,
        random: std::sync::Arc<dyn RandomSource>,
    ) -> Result<String, SignInError> {
        self.compute(move || hash_password(&password, random.as_ref())).await
    }

    /// Whether `password` is the one of `hash`; without a hash it takes as long and is not.
    pub(crate) async fn check(
        &self,
        password: String,
        hash: Option<&str>,
    ) -> Result<bool, SignInError> {
        let (known, hash) = (hash.is_some(), hash.unwrap_or(&self.nobody).to_owned());
        let right = self
            .compute(move || {
                PasswordHash::new(&hash)
                    .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await?;
        Ok(known && right)
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, SignInError> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move || {
            // Nobody waits any more: a flood of requests that were given up costs nothing.
            if !answer.is_closed() {
                let _ = answer.send(work());
            }
        });
        self.work.send(work).map_err(|_| SignInError::Fault("the hashing threads ended".into()))?;
        answered.await.map_err(|error| SignInError::Fault(error.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Counting;

    #[tokio::test]
    async fn a_password_fits_its_hash_and_no_hash_fits_nobody() {
        let random = Counting::default();
        let passwords = Passwords::new(&random);
        let hash = hash_password("correct horse", &random);
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.check("correct horse".to_owned(), Some(&hash)).await.unwrap());
        assert!(!passwords.check("Correct horse".to_owned(), Some(&hash)).await.unwrap());
        // The hash that stands in for nobody's is of the empty password: it must not let in.
        assert!(!passwords.check(String::new(), None).await.unwrap());
        assert!(!passwords.check(String::new(), Some("not a hash")).await.unwrap());
    }
}
