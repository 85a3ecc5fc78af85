DROP TABLE upkeep;
DROP TABLE photo_storage;
