CREATE TABLE image_post (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    owner_id VARCHAR(36) NOT NULL,
    filename VARCHAR(36) NOT NULL,
    original_filename VARCHAR(255) NOT NULL,
    status VARCHAR(10) NOT NULL CHECK (status IN ('queued', 'processing', 'done', 'failed')),
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    media VARCHAR(80) NOT NULL,
    thumbnail VARCHAR(80),
    failure VARCHAR(40),
    ponka_added_at TIMESTAMP(6) WITHOUT TIME ZONE,
    created_at TIMESTAMP(6) WITHOUT TIME ZONE NOT NULL,
    idempotency_key VARCHAR(255)
);
-- The gallery of one owner, newest first, page by page.
CREATE INDEX image_post_owner ON image_post (owner_id, id);
-- Whose file is it?
CREATE INDEX image_post_filename ON image_post (filename);
-- A request that is sent again finds the photos of the first time.
CREATE UNIQUE INDEX image_post_idempotency ON image_post (owner_id, idempotency_key);
