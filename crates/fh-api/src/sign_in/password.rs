use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::{
    self, Decimal, Ident, Output, ParamsString, PasswordHash, PasswordHasher,
    PasswordVerifier as _, Salt, SaltString,
};
use argon2::{Algorithm, Argon2, Block, Params, Version};
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

thread_local! {
    /// What argon2 works in. Taken and given back for every password, such large pieces end up
    /// scattered over the allocator's memory: it came to 15 of them.
    static ROOM: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

/// argon2 in room that the thread keeps.
struct InRoom(Argon2<'static>);

impl PasswordHasher for InRoom {
    type Params = Params;

    fn hash_password<'a>(
        &self,
        password: &[u8],
        salt: impl Into<Salt<'a>>,
    ) -> password_hash::Result<PasswordHash<'a>> {
        self.hash_password_customized(password, None, None, self.0.params().clone(), salt)
    }

    fn hash_password_customized<'a>(
        &self,
        password: &[u8],
        algorithm: Option<Ident<'a>>,
        version: Option<Decimal>,
        params: Params,
        salt: impl Into<Salt<'a>>,
    ) -> password_hash::Result<PasswordHash<'a>> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?.unwrap_or_default();
        let version = version.map(Version::try_from).transpose()?.unwrap_or_default();
        let (salt, mut bytes) = (salt.into(), [0; 64]);
        let salt_bytes = salt.decode_b64(&mut bytes)?;
        let argon2 = Argon2::new(algorithm, version, params.clone());
        let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let output = Output::init_with(length, |out| {
            ROOM.with_borrow_mut(|room| {
                room.resize(params.block_count().max(room.len()), Block::new());
                Ok(argon2.hash_password_into_with_memory(password, salt_bytes, out, room)?)
            })
        })?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(&params)?,
            salt: Some(salt),
            hash: Some(output),
        })
    }
}

/// The hash of a password in argon2's own notation. Takes tens of milliseconds of processor.
pub fn hash_password(password: &str, random: &dyn RandomSource) -> String {
    hashed(&argon2(), password, random)
}

fn hashed(hasher: &impl PasswordHasher, password: &str, random: &dyn RandomSource) -> String {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    let salt = SaltString::encode_b64(&salt).expect("16 bytes are a salt");
    let hash = hasher.hash_password(password.as_bytes(), &salt);
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
        self.compute(move || hashed(&InRoom(argon2()), &password, random.as_ref())).await
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
                let hasher = InRoom(argon2());
                PasswordHash::new(&hash)
                    .is_ok_and(|hash| hasher.verify_password(password.as_bytes(), &hash).is_ok())
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
        let random = std::sync::Arc::new(random);
        let beside = passwords.hash("correct horse".to_owned(), random).await.unwrap();
        let parsed = PasswordHash::new(&beside).unwrap();
        assert!(argon2().verify_password(b"correct horse", &parsed).is_ok());
    }
}
