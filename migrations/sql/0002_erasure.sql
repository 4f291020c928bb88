-- The ledgers that disclose something of a person.
CREATE FUNCTION log.ledgers_of_person(p_person uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT d.ledger_id FROM log.disclosures d WHERE d.person_id = p_person AND d.sealed IS NOT NULL;
$$;

-- The writers of these ledgers wait for this transaction. In the order of ids, so that two erasures never wait for each other.
CREATE FUNCTION log.hold_ledgers(p_ledgers uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    PERFORM FROM log.ledgers l WHERE l.ledger_id = ANY (p_ledgers) ORDER BY l.ledger_id FOR UPDATE;
END $$;

-- Values of a ledger go for good, with attachments that only they named and, if it is said whose, the key they were sealed
-- under. That there was a value stays, so that readers see it as erased. The events themselves hold digests and stay as they are.
CREATE FUNCTION log.erase_values(p_ledger uuid, p_seqs bigint[], p_names text[], p_attachments text[], p_person uuid)
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE log.disclosures d SET sealed = NULL FROM unnest(p_seqs, p_names) AS gone (seq, name)
     WHERE d.ledger_id = p_ledger AND d.seq = gone.seq AND d.name = gone.name;
    DELETE FROM log.person_keys WHERE ledger_id = p_ledger AND person_id = p_person;
    DELETE FROM log.attachments WHERE ledger_id = p_ledger AND sha256 = ANY (p_attachments);
$$;

-- Kept answers that hold one of these texts are replaced, of everybody who reads one of these ledgers.
CREATE FUNCTION log.erase_answers(p_ledgers uuid[], p_texts text[], p_answer bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE log.idempotency i SET status = 409, answer = p_answer, headers = '{"Content-Type": "application/problem+json"}'
     WHERE i.org_id IN (SELECT r.org_id FROM log.readers r WHERE r.ledger_id = ANY (p_ledgers))
       AND EXISTS (SELECT FROM unnest(p_texts) t WHERE position(convert_to(t, 'UTF8') IN i.answer) > 0);
$$;

REVOKE EXECUTE ON FUNCTION log.ledgers_of_person(uuid), log.hold_ledgers(uuid[]),
    log.erase_values(uuid, bigint[], text[], text[], uuid), log.erase_answers(uuid[], text[], bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.ledgers_of_person(uuid), log.hold_ledgers(uuid[]),
    log.erase_values(uuid, bigint[], text[], text[], uuid), log.erase_answers(uuid[], text[], bytea) TO concord_directory;
