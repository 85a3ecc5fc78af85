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
        /// A rendition with a long side of 320 pixels, if the photo is larger.
        small -> Nullable<Text>,
        /// A rendition with a long side of 1280 pixels, if the one that is shown is larger.
        large -> Nullable<Text>,
        /// A `ThumbHash`: what to show until a rendition has come. Base64.
        placeholder -> Nullable<Text>,
        /// SHA-256 of the upload, in hexadecimal digits.
        content_hash -> Nullable<Text>,
        /// What is to be seen, in the owner's words.
        alt -> Nullable<Text>,
    }
}

diesel::table! {
    /// How far each owner's changes have been counted.
    photo_feed (owner_id) {
        /// The visitor or account.
        owner_id -> Text,
        /// The number of the last change.
        last -> BigInt,
        /// Up to this number changes are no longer known.
        forgotten -> BigInt,
    }
}

diesel::table! {
    /// Of each photo that an owner has or had, the last change.
    photo_event (owner_id, image_post_id) {
        /// The visitor or account.
        owner_id -> Text,
        /// The photo, which may be gone.
        image_post_id -> Text,
        /// The number of its last change.
        number -> BigInt,
    }
}

diesel::table! {
    /// What workers did with messages; written only on a developer's machine.
    message_trace (id) {
        /// Counts up, so that the last one of a message wins.
        id -> BigInt,
        /// The id that the audit gave the message.
        unique_id -> Text,
        /// The wire name of the message.
        class -> Text,
        /// The transport from which it came.
        transport -> Text,
        /// What happened; see `TraceEvent`.
        event -> Text,
        /// 1 at the first try.
        attempt -> Integer,
        /// `HOST/PID` of the worker.
        worker -> Text,
        /// When it happened, UTC.
        at -> Timestamp,
        /// Milliseconds since the worker received it.
        duration -> Double,
        /// Why it failed, if it did.
        error -> Nullable<Text>,
    }
}

diesel::table! {
    /// How many photos there are, in parts that triggers keep.
    photo_count (part) {
        /// The last digit of an owner's id.
        part -> Text,
        /// How many; the sum of all is what counts.
        total -> BigInt,
    }
}

diesel::table! {
    /// Accounts.
    app_user (id) {
        /// A UUID of version 7.
        id -> Text,
        /// The address, in lower case; nobody else has the same.
        email -> Text,
        /// What the person wants to be called.
        name -> Text,
        /// The password, hashed with argon2id, in the PHC format.
        password_hash -> Text,
        /// What the person may do; see `Role`.
        role -> Text,
        /// The visitor who registered, whose photos are the account's now.
        visitor_id -> Nullable<Text>,
        /// When the account was made.
        created_at -> Timestamp,
    }
}

diesel::table! {
    /// Who is signed in, on which browser.
    session (token_hash) {
        /// SHA-256 of the token in the cookie, in hexadecimal digits.
        token_hash -> Text,
        /// Whose session it is.
        user_id -> Text,
        /// When somebody signed in, UTC.
        created_at -> Timestamp,
        /// When it was last used, to the minute.
        seen_at -> Timestamp,
    }
}

diesel::table! {
    /// Attempts that may be guesses, counted by what they have in common.
    attempt (bucket) {
        /// What they have in common: a kind, and a hash of an account or an address.
        bucket -> Text,
        /// How many, since `since`.
        count -> Integer,
        /// When the counting began.
        since -> Timestamp,
        /// Until when no further attempt is heard.
        blocked_until -> Timestamp,
    }
}

diesel::table! {
    /// Which photo storage is the one of this gallery. One row.
    photo_storage (name) {
        /// Always `photos`: the table has one row.
        name -> Text,
        /// The id that the storage's marker file carries, a UUID.
        marker -> Text,
        /// Whether the marker file has been written.
        is_set_up -> Bool,
    }
}

diesel::table! {
    /// What workers do by themselves from time to time.
    upkeep (name) {
        /// Which task of upkeep.
        name -> Text,
        /// When it was last begun.
        began_at -> Timestamp,
    }
}

diesel::joinable!(session -> app_user (user_id));
diesel::allow_tables_to_appear_in_same_query!(app_user, session);
