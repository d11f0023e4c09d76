//! Errors of ours within the engine's.

use datafusion::error::DataFusionError;

/// The error of a type that an engine's error is or was caused by.
pub(crate) fn find<E: std::error::Error + 'static>(error: &DataFusionError) -> Option<&E> {
    let mut current: &(dyn std::error::Error + 'static) = error;
    loop {
        if let Some(found) = current.downcast_ref::<E>() {
            return Some(found);
        }
        current = match current.downcast_ref::<DataFusionError>() {
            // Several consumers of one plan share its error.
            Some(DataFusionError::Shared(shared)) => return find(shared),
            Some(DataFusionError::Collection(all)) => return all.iter().find_map(find),
            _ => current.source()?,
        };
    }
}
