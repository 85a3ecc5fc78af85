-- Workers are told of every message, also of one that PHP or a plain INSERT writes: Symfony's function and trigger,
-- which is silent where a message is claimed or the gallery itself tells of it. A role that may not change the table or make a function goes without:
-- workers then look for such messages every few seconds. The owner can make it later: `console messenger:setup-transports`.
DO $do$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'messenger_messages'::regclass AND tgname = 'notify_trigger')
        AND pg_has_role((SELECT relowner FROM pg_class WHERE oid = 'messenger_messages'::regclass), 'USAGE')
        AND COALESCE(
            (SELECT pg_has_role(proowner, 'USAGE') FROM pg_proc WHERE oid = to_regprocedure('notify_messenger_messages()')),
            has_schema_privilege(current_schema(), 'CREATE'))
    THEN
        CREATE OR REPLACE FUNCTION notify_messenger_messages() RETURNS TRIGGER AS $$
            BEGIN PERFORM pg_notify('messenger_messages', NEW.queue_name::text); RETURN NEW; END;
        $$ LANGUAGE plpgsql;
        CREATE TRIGGER notify_trigger AFTER INSERT OR UPDATE ON messenger_messages FOR EACH ROW
            WHEN (NEW.delivered_at IS NULL AND current_setting('messenger.notifies_by_hand', true) IS DISTINCT FROM 'yes')
            EXECUTE PROCEDURE notify_messenger_messages();
    END IF;
END
$do$;
