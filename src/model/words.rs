//! `words!`: an enum whose words are the same in the API, in files and in case names.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal),* $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, async_graphql::Enum)]
        $(#[$doc])*
        pub enum $name { $($(#[$word_doc])* #[serde(rename = $text)] #[graphql(name = $text)] $word),* }

        impl $name {
            /// Every word, in declared order.
            pub const ALL: &'static [$name] = &[$($name::$word),*];

            /// The word as it stands in the API, in files and in case names.
            pub fn name(self) -> &'static str {
                match self { $($name::$word => $text),* }
            }
        }
    };
}
pub(crate) use words;
