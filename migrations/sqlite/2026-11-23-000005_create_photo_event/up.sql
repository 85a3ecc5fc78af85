-- The last number that an owner's changes have got. Its row is also the lock that makes them commit
-- in the order of their numbers.
CREATE TABLE photo_feed (
    owner_id VARCHAR(36) NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL,
    forgotten BIGINT NOT NULL
);

-- Of each photo that an owner has or had, the last change.
CREATE TABLE photo_event (
    owner_id VARCHAR(36) NOT NULL,
    image_post_id VARCHAR(36) NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (owner_id, image_post_id)
);
-- What came after a number?
CREATE INDEX photo_event_number ON photo_event (owner_id, number);

ALTER TABLE image_post ADD COLUMN small VARCHAR(80);
ALTER TABLE image_post ADD COLUMN large VARCHAR(80);
ALTER TABLE image_post ADD COLUMN placeholder VARCHAR(64);
ALTER TABLE image_post ADD COLUMN content_hash VARCHAR(64);
ALTER TABLE image_post ADD COLUMN alt VARCHAR(500);
-- Has the owner uploaded these bytes before?
CREATE INDEX image_post_content ON image_post (owner_id, content_hash);
