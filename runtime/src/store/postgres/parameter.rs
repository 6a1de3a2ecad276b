//! What is bound to a statement, with the type that the statement is told of it.

use std::borrow::Cow;

use tokio_postgres::types::{ToSql, Type};

/// A value and its type. A statement that is not prepared first is told the types of its parameters with them.
pub(super) trait Parameter: ToSql + Sync {
    fn sql_type(&self) -> Type;
}

/// Implements [`Parameter`] for what has this type, whether or not it may be missing.
macro_rules! typed {
    ($($rust:ty => $sql:ident),*) => {$(
        impl Parameter for $rust {
            fn sql_type(&self) -> Type {
                Type::$sql
            }
        }

        impl Parameter for Option<$rust> {
            fn sql_type(&self) -> Type {
                Type::$sql
            }
        }
    )*};
}

typed!(Cow<'_, str> => TEXT, String => TEXT, &str => TEXT, &[u8] => BYTEA, i64 => INT8, bool => BOOL);

/// The parameters as a statement takes them.
pub(super) fn typed<'a>(parameters: &[&'a dyn Parameter]) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    let with_type = |parameter: &&'a dyn Parameter| (*parameter as _, parameter.sql_type());
    parameters.iter().map(with_type).collect()
}
