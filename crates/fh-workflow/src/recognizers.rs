use std::sync::{Mutex, PoisonError};

use fh_speech::EngineSettings;

use crate::inspection::{EngineWish, InspectionSettings, Recognizer};

/// Recognisers that wait for the next call, models loaded.
pub(crate) struct Recognizers {
    wish: EngineWish,
    settings: EngineSettings,
    idle: Mutex<Vec<Recognizer>>,
}

impl Recognizers {
    pub(crate) fn new(settings: &InspectionSettings) -> Self {
        Self {
            wish: settings.engine.clone(),
            settings: settings.engine_settings.clone(),
            idle: Mutex::default(),
        }
    }

    /// Works with one that nobody else uses. One whose work panics is thrown away.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Recognizer) -> T) -> T {
        let idle = self.lock().pop();
        let mut recognizer =
            idle.unwrap_or_else(|| Recognizer::new(self.wish.clone(), self.settings.clone()));
        let result = work(&mut recognizer);
        self.lock().push(recognizer);
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Recognizer>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
