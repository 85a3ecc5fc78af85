-- The queue: Symfony's columns and index, and nothing else.
CREATE TABLE IF NOT EXISTS messenger_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    body CLOB NOT NULL,
    headers CLOB NOT NULL,
    queue_name VARCHAR(190) NOT NULL,
    created_at DATETIME NOT NULL,
    available_at DATETIME NOT NULL,
    delivered_at DATETIME DEFAULT NULL
);
CREATE INDEX IF NOT EXISTS IDX_75EA56E0FB7336F0E3BD61CE16BA31DBBF396750 ON messenger_messages (queue_name, available_at, delivered_at, id);
-- How often a message was delivered with which workers vanished.
CREATE TABLE IF NOT EXISTS messenger_messages_deliveries (message_id BIGINT NOT NULL PRIMARY KEY, deliveries INTEGER NOT NULL);
-- Messages for transports that cannot join a transaction, until they are sent.
CREATE TABLE IF NOT EXISTS messenger_outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    body CLOB NOT NULL,
    headers CLOB NOT NULL,
    queue_name VARCHAR(190) NOT NULL,
    created_at DATETIME NOT NULL,
    available_at DATETIME NOT NULL,
    delivered_at DATETIME DEFAULT NULL
);
CREATE INDEX IF NOT EXISTS IDX_4B68FF93FB7336F0E3BD61CE16BA31DBBF396750 ON messenger_outbox (queue_name, available_at, delivered_at, id);
-- How often a message was delivered with which workers vanished.
CREATE TABLE IF NOT EXISTS messenger_outbox_deliveries (message_id BIGINT NOT NULL PRIMARY KEY, deliveries INTEGER NOT NULL);
-- How many messages were dropped: never in silence.
CREATE TABLE IF NOT EXISTS messenger_discards (
    message VARCHAR(255) NOT NULL,
    transport VARCHAR(190) NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (message, transport)
);
-- Requests to all workers.
CREATE TABLE IF NOT EXISTS messenger_signals (
    name VARCHAR(190) NOT NULL PRIMARY KEY,
    requested_at DATETIME NOT NULL
);
