//! Files of `panarc-core` whose threads pass work to each other, compiled with locks, threads and channels of shuttle,
//! which tries schedule after schedule (`tests/`). Nothing here is part of the package.

mod channel;
mod sync;

/// Errors are the core's own.
mod error {
    pub(crate) use panarc_core::error::{Error, Result};
}

/// Of the builder: what bounds the work in flight.
#[allow(dead_code, unreachable_pub, reason = "the builder needs more than is tried here")]
pub mod build {
    #[path = "../../../core/src/build/crew.rs"]
    mod crew;

    #[path = "../../../core/src/build/stats.rs"]
    mod stats;

    pub mod table;
}

/// Of the reader: work on several threads whose results are taken in order.
#[allow(dead_code, reason = "the reader needs more than is tried here")]
pub mod archive {
    #[path = "../../../core/src/archive/in_order.rs"]
    mod in_order;

    pub mod line;
}
