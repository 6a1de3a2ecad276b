//! Words of the language: each is defined in one place, with all that is said of it anywhere.

/// Defines words: for each the name in specs, the variant in Rust, the doc comment that editors show, and what documents say.
///
/// ```text
/// /// What the schema says about the key.
/// pub enum Rotation as "Rotation" {
///     /// What the schema says about the word.
///     Never = "never", "never replaced" => "Answers hold none: it is never replaced.";
/// }
/// ```
///
/// `as` names the type of `rekindle-runtime` with the same variants: text, as this crate does not know the runtime. A test of the
/// package `rekindle` holds both against each other. Behind the name may stand a label, for the cell of a table, and a sentence;
/// both are left out where no document says anything of the word.
macro_rules! words {
    ($(
        $(#[$about:meta])*
        pub enum $type:ident $(as $runtime:literal)? {
            $(
                $(#[$doc:meta])*
                $variant:ident = $name:tt $(, $label:literal)? $(=> $sentence:literal)?;
            )+
        }
    )+) => { $(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize)]
        #[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
        pub enum $type {
            $( $(#[$doc])* #[serde(rename = $name)] $variant, )+
        }

        impl $type {
            /// Every word, in the order of the language.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            $(
                /// The type of `rekindle-runtime` that has the same variants.
                pub const RUNTIME: &'static str = $runtime;
            )?

            /// The word as specs have it.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )+ }
            }

            /// The word with this name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|word| word.name() == name)
            }

            /// The variant in Rust, here and in the runtime.
            pub const fn variant(self) -> &'static str {
                match self { $( Self::$variant => stringify!($variant), )+ }
            }

            /// A few words, for a list or the cell of a table.
            pub const fn label(self) -> &'static str {
                match self { $( Self::$variant => concat!("" $(, $label)?), )+ }
            }

            /// What documents say about a token or a provider of which this is true; empty where they say nothing.
            pub const fn sentence(self) -> &'static str {
                match self { $( Self::$variant => concat!("" $(, $sentence)?), )+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    )+ };
}

pub(crate) use words;
