DROP TRIGGER photo_count_delete ON image_post;
DROP TRIGGER photo_count_insert ON image_post;
DROP FUNCTION count_old_photos();
DROP FUNCTION count_new_photos();
DROP TABLE photo_count;
