DROP INDEX image_post_content;
ALTER TABLE image_post DROP COLUMN alt;
ALTER TABLE image_post DROP COLUMN content_hash;
ALTER TABLE image_post DROP COLUMN placeholder;
ALTER TABLE image_post DROP COLUMN large;
ALTER TABLE image_post DROP COLUMN small;
DROP TABLE photo_event;
DROP TABLE photo_feed;
