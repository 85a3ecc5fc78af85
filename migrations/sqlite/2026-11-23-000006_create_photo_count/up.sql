-- How many photos there are, kept by the database itself: counting a million rows for each page takes
-- longer than the page. In sixteen parts, by the last digit of the owner, so that uploads at the same
-- time need not wait for one row.
CREATE TABLE photo_count (
    part CHAR(1) NOT NULL PRIMARY KEY,
    total BIGINT NOT NULL
);
INSERT INTO photo_count SELECT substr(owner_id, -1, 1), COUNT(*) FROM image_post GROUP BY 1;

CREATE TRIGGER photo_count_insert AFTER INSERT ON image_post BEGIN
    INSERT INTO photo_count (part, total) VALUES (substr(NEW.owner_id, -1, 1), 1)
        ON CONFLICT (part) DO UPDATE SET total = total + 1;
END;
-- Of a photo that has moved another part is diminished; the sum stays right.
CREATE TRIGGER photo_count_delete AFTER DELETE ON image_post BEGIN
    INSERT INTO photo_count (part, total) VALUES (substr(OLD.owner_id, -1, 1), -1)
        ON CONFLICT (part) DO UPDATE SET total = total - 1;
END;
