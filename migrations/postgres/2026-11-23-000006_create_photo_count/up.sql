-- How many photos there are, kept by the database itself: counting a million rows for each page takes
-- longer than the page. In sixteen parts, by the last digit of the owner, so that uploads at the same
-- time need not wait for one row; always in the order of the parts, so that nobody waits in a circle.
CREATE TABLE photo_count (
    part CHAR(1) NOT NULL PRIMARY KEY,
    total BIGINT NOT NULL
);
INSERT INTO photo_count SELECT right(owner_id, 1), COUNT(*) FROM image_post GROUP BY 1;

CREATE FUNCTION count_new_photos() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO photo_count (part, total)
        SELECT right(owner_id, 1), COUNT(*) FROM new_photos GROUP BY 1 ORDER BY 1
        ON CONFLICT (part) DO UPDATE SET total = photo_count.total + excluded.total;
    RETURN NULL;
END $$;
-- Of a photo that has moved another part is diminished; the sum stays right.
CREATE FUNCTION count_old_photos() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO photo_count (part, total)
        SELECT right(owner_id, 1), -COUNT(*) FROM old_photos GROUP BY 1 ORDER BY 1
        ON CONFLICT (part) DO UPDATE SET total = photo_count.total + excluded.total;
    RETURN NULL;
END $$;
CREATE TRIGGER photo_count_insert AFTER INSERT ON image_post
    REFERENCING NEW TABLE AS new_photos FOR EACH STATEMENT EXECUTE FUNCTION count_new_photos();
CREATE TRIGGER photo_count_delete AFTER DELETE ON image_post
    REFERENCING OLD TABLE AS old_photos FOR EACH STATEMENT EXECUTE FUNCTION count_old_photos();
