DROP TABLE message_trace;
