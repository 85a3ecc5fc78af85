-- SQLite has no notifications: a worker sees every commit in the file.
SELECT 1;
