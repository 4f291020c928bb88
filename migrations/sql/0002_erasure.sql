-- The ledgers that disclose something of a person, and that of their organisation: each held for this transaction, in the
-- order of their ids, so that two erasures never wait for each other.
CREATE FUNCTION log.ledgers_of_person(p_person uuid, p_home uuid) RETURNS SETOF uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE v_ledger uuid;
BEGIN
    FOR v_ledger IN SELECT d.ledger_id FROM log.disclosures d WHERE d.person_id = p_person AND d.sealed IS NOT NULL
                     UNION SELECT p_home ORDER BY 1 LOOP
        PERFORM FROM log.ledgers l WHERE l.ledger_id = v_ledger FOR UPDATE;
        RETURN NEXT v_ledger;
    END LOOP;
END $$;

-- What a ledger discloses of a person goes for good: the values, the key, and attachments that only they named. That there
-- was a value stays, so that readers see it as erased. The events themselves hold digests and stay as they are.
CREATE FUNCTION log.erase_person(p_ledger uuid, p_person uuid, p_attachments text[]) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE log.disclosures SET sealed = NULL WHERE ledger_id = p_ledger AND person_id = p_person;
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

REVOKE EXECUTE ON FUNCTION log.ledgers_of_person(uuid, uuid), log.erase_person(uuid, uuid, text[]),
    log.erase_answers(uuid[], text[], bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.ledgers_of_person(uuid, uuid), log.erase_person(uuid, uuid, text[]),
    log.erase_answers(uuid[], text[], bytea) TO concord_directory;
