//! The tables of the gallery, as diesel sees them. The queue has its own, in the library.

diesel::table! {
    /// Uploaded photos.
    image_post (id) {
        /// A UUID of version 7: newer photos have greater ids.
        id -> Text,
        /// The visitor or account whose photo it is.
        owner_id -> Text,
        /// The id of the file in the photo storage.
        filename -> Text,
        /// The client's name for it, made harmless.
        original_filename -> Text,
        /// Where the photo is on its way; see `PhotoStatus`.
        status -> Text,
        /// Pixels across.
        width -> Integer,
        /// Pixels down.
        height -> Integer,
        /// The rendition that is shown.
        media -> Text,
        /// A smaller one for the grid.
        thumbnail -> Nullable<Text>,
        /// Why it failed, as a code of the message catalogue.
        failure -> Nullable<Text>,
        /// When Ponka came by.
        ponka_added_at -> Nullable<Timestamp>,
        /// When it was uploaded.
        created_at -> Timestamp,
        /// The client's `Idempotency-Key` and the number of the file in its request.
        idempotency_key -> Nullable<Text>,
    }
}
