CREATE TABLE message_trace (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    unique_id VARCHAR(13) NOT NULL,
    class VARCHAR(255) NOT NULL,
    transport VARCHAR(255) NOT NULL,
    event VARCHAR(10) NOT NULL CHECK (event IN ('received', 'handled', 'retried', 'failed')),
    attempt INTEGER NOT NULL,
    worker VARCHAR(255) NOT NULL,
    at DATETIME NOT NULL,
    duration DOUBLE NOT NULL,
    error TEXT
);
-- What became of these messages?
CREATE INDEX message_trace_unique_id ON message_trace (unique_id, id);
-- What is old enough to go?
CREATE INDEX message_trace_at ON message_trace (at);
