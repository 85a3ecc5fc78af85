//! What an application gives its handlers: connections, clients, settings.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Something of the application that a function takes as a parameter: given to
/// [`MessengerBuilder::data`](crate::MessengerBuilder::data) once, shared by all calls.
///
/// A function that takes what was not given is refused when the messenger is built.
pub struct Data<T> {
    value: Arc<T>,
}

impl<T> Data<T> {
    /// The value itself, to be kept beyond the call.
    #[must_use]
    pub fn into_inner(self) -> Arc<T> {
        self.value
    }
}

impl<T> Deref for Data<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Clone for Data<T> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value) }
    }
}

impl<T: fmt::Debug> fmt::Debug for Data<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// A type that a handler needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    id: TypeId,
    pub(crate) name: &'static str,
}

impl Need {
    pub(super) fn of<T: 'static>() -> Self {
        Self { id: TypeId::of::<T>(), name: std::any::type_name::<T>() }
    }
}

/// Everything that was given, one value a type.
#[derive(Default)]
pub(crate) struct DataMap(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl DataMap {
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: Arc<T>) {
        self.0.insert(TypeId::of::<T>(), value);
    }

    pub(crate) fn has(&self, need: &Need) -> bool {
        self.0.contains_key(&need.id)
    }

    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<Data<T>> {
        let found = self.0.get(&TypeId::of::<T>()).cloned()?;
        found.downcast().ok().map(|value| Data { value })
    }
}
