DROP TRIGGER IF EXISTS notify_trigger ON messenger_messages;
DROP FUNCTION IF EXISTS notify_messenger_messages();
