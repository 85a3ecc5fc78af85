DROP TRIGGER photo_count_delete;
DROP TRIGGER photo_count_insert;
DROP TABLE photo_count;
