//! What must not compile against a generated client: see `cases/`. A package of its own, so that little is built for it.
