//! `payload!`: what a mutation answers. Each has the change and the faults; the rest is its own.

macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            $($(#[$field_doc])* pub(super) $field: $type,)*
            /// The change that was made; null where nothing had to be, or there are user errors.
            pub(super) change: Option<crate::api::graphql::people::Change>,
            /// What the caller can mend; where there is any, nothing was changed.
            pub(super) user_errors: Vec<super::outcome::UserError>,
        }
    };
}
pub(super) use payload;
