DROP TABLE image_post;
