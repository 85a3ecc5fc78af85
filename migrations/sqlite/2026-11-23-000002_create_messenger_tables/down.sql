DROP TABLE messenger_signals;
DROP TABLE messenger_discards;
DROP TABLE messenger_outbox_deliveries;
DROP TABLE messenger_outbox;
DROP TABLE messenger_messages_deliveries;
DROP TABLE messenger_messages;
