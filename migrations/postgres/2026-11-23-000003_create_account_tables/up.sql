-- Not "user", which is a word of PostgreSQL's own.
CREATE TABLE app_user (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    email VARCHAR(254) NOT NULL,
    name VARCHAR(255) NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    role VARCHAR(10) NOT NULL CHECK (role IN ('user', 'admin')),
    visitor_id VARCHAR(36),
    created_at TIMESTAMP(6) WITHOUT TIME ZONE NOT NULL
);
CREATE UNIQUE INDEX app_user_email ON app_user (email);

CREATE TABLE session (
    token_hash VARCHAR(64) NOT NULL PRIMARY KEY,
    user_id VARCHAR(36) NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    created_at TIMESTAMP(6) WITHOUT TIME ZONE NOT NULL,
    seen_at TIMESTAMP(6) WITHOUT TIME ZONE NOT NULL
);
-- Sign out everywhere.
CREATE INDEX session_of_user ON session (user_id);
-- Sessions that nobody will use again are removed.
CREATE INDEX session_seen_at ON session (seen_at);

CREATE TABLE attempt (
    bucket VARCHAR(80) NOT NULL PRIMARY KEY,
    count INTEGER NOT NULL,
    since TIMESTAMP(6) WITHOUT TIME ZONE NOT NULL,
    blocked_until TIMESTAMP(6) WITHOUT TIME ZONE NOT NULL
);
CREATE INDEX attempt_blocked_until ON attempt (blocked_until);
