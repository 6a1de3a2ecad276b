//! What a type can do, asked without breaking the build where it cannot.

use std::marker::PhantomData;

/// Whether a type is `Clone`, asked at run time: a test that is compiled against many clients can hold each to its contract.
///
/// ```
/// struct Once;
/// assert!(rekindle_testkit::is_clone!(String));
/// assert!(!rekindle_testkit::is_clone!(Once));
/// ```
#[macro_export]
macro_rules! is_clone {
    ($type:ty) => {{
        #[allow(unused_imports, reason = "only the answer `no` comes from the trait")]
        use $crate::private::NotClone as _;
        $crate::private::Probe::<$type>::NEW.is_clone()
    }};
}

/// The question of [`is_clone!`](crate::is_clone).
#[derive(Debug)]
pub struct Probe<T>(PhantomData<T>);

impl<T> Probe<T> {
    /// A question about `T`.
    pub const NEW: Self = Self(PhantomData);
}

impl<T: Clone> Probe<T> {
    /// Yes. Where `T` is not `Clone` this method does not exist, and the one of [`NotClone`] answers in its place.
    pub const fn is_clone(&self) -> bool {
        true
    }
}

/// The answer for types that are not `Clone`.
pub trait NotClone {
    /// No.
    fn is_clone(&self) -> bool {
        false
    }
}

impl<T> NotClone for Probe<T> {}
