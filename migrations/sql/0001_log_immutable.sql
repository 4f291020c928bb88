-- What is recorded stays as it is: refused for the owner too, not only for those without the right.
CREATE FUNCTION log.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'log.% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'CN409';
END $$;

CREATE TRIGGER events_are_facts BEFORE UPDATE OR DELETE ON log.events FOR EACH ROW EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER events_stay BEFORE TRUNCATE ON log.events FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER attachments_are_facts BEFORE UPDATE ON log.attachments FOR EACH ROW EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER attachments_stay BEFORE TRUNCATE ON log.attachments FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
