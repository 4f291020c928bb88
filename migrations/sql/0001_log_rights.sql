-- A service role may append to the log and read of it what its caller may read; nothing more.
GRANT USAGE ON SCHEMA log TO concord_service;
GRANT SELECT ON log.ledgers, log.readers, log.events, log.person_keys, log.disclosures, log.attachments TO concord_service;
GRANT concord_service TO concord_directory, concord_scoring, concord_governance, concord_metrics, concord_ledger, concord_webhooks;
GRANT INSERT ON log.disclosures, log.attachments TO concord_service;
GRANT SELECT, INSERT ON log.idempotency TO concord_service;
GRANT SELECT, INSERT, UPDATE ON log.places TO concord_service;
REVOKE EXECUTE ON FUNCTION log.append(uuid, uuid[], text[], bigint[], text[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.append(uuid, uuid[], text[], bigint[], text[], bytea[]) TO concord_service;
REVOKE EXECUTE ON FUNCTION log.open_ledger(uuid, text, uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.open_ledger(uuid, text, uuid[]) TO concord_directory, concord_governance;
REVOKE EXECUTE ON FUNCTION log.end_readership(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.end_readership(uuid, uuid) TO concord_governance;

ALTER TABLE log.ledgers ENABLE ROW LEVEL SECURITY;
ALTER TABLE log.readers ENABLE ROW LEVEL SECURITY;
ALTER TABLE log.events ENABLE ROW LEVEL SECURITY;
ALTER TABLE log.person_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE log.disclosures ENABLE ROW LEVEL SECURITY;
ALTER TABLE log.attachments ENABLE ROW LEVEL SECURITY;
ALTER TABLE log.idempotency ENABLE ROW LEVEL SECURITY;

-- Written so that who may read is found once a statement, and hashed, not once a row; and by the index of the caller's
-- organisation: the policy of readers alone would hide the others only after reading all of them, ledgers without end.
CREATE POLICY of_the_caller ON log.readers USING ((SELECT log.is_system()) OR org_id = (SELECT log.current_org()));
CREATE POLICY of_the_caller ON log.ledgers USING ((SELECT log.is_system())
    OR ledger_id IN (SELECT r.ledger_id FROM log.readers r WHERE r.org_id = (SELECT log.current_org())));
CREATE POLICY of_the_caller ON log.events USING ((SELECT log.is_system())
    OR ledger_id IN (SELECT r.ledger_id FROM log.readers r WHERE r.org_id = (SELECT log.current_org()) AND r.until_seq IS NULL)
    OR EXISTS (SELECT 1 FROM log.readers r WHERE r.org_id = (SELECT log.current_org())
                  AND r.ledger_id = events.ledger_id AND events.seq <= r.until_seq));
CREATE POLICY of_the_caller ON log.person_keys USING ((SELECT log.is_system())
    OR ledger_id IN (SELECT r.ledger_id FROM log.readers r WHERE r.org_id = (SELECT log.current_org())));
CREATE POLICY of_the_caller ON log.disclosures USING ((SELECT log.is_system())
    OR ledger_id IN (SELECT r.ledger_id FROM log.readers r WHERE r.org_id = (SELECT log.current_org()) AND r.until_seq IS NULL)
    OR EXISTS (SELECT 1 FROM log.readers r WHERE r.org_id = (SELECT log.current_org())
                  AND r.ledger_id = disclosures.ledger_id AND disclosures.seq <= r.until_seq));
CREATE POLICY of_the_caller ON log.attachments USING ((SELECT log.is_system())
    OR ledger_id IN (SELECT r.ledger_id FROM log.readers r WHERE r.org_id = (SELECT log.current_org())));
CREATE POLICY of_the_caller ON log.idempotency USING (log.is_system() OR org_id = log.current_org());
