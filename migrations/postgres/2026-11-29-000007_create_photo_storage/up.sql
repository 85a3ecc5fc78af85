-- Which photo storage is the one of this gallery: the id that its marker file carries. One row.
CREATE TABLE photo_storage (
    name VARCHAR(10) NOT NULL PRIMARY KEY,
    marker VARCHAR(36) NOT NULL,
    is_set_up BOOLEAN NOT NULL
);

-- What workers do by themselves from time to time, and when it was last begun.
CREATE TABLE upkeep (
    name VARCHAR(190) NOT NULL PRIMARY KEY,
    began_at TIMESTAMP(6) WITHOUT TIME ZONE NOT NULL
);
