-- The one clock of Concord: every process asks the database, so no two of them can disagree.
CREATE FUNCTION log.now_us() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce((SELECT now_us FROM log.test_clock),
                    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
$$;

-- The organisation that asks, set for the transaction; null when nobody does.
CREATE FUNCTION log.current_org() RETURNS uuid LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT nullif(nullif(current_setting('concord.org', true), ''), 'system')::uuid
$$;

-- Workers act for no organisation; they say so for their transaction.
CREATE FUNCTION log.is_system() RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT coalesce(current_setting('concord.org', true), '') = 'system'
$$;

CREATE FUNCTION log.open_ledger(p_ledger uuid, p_kind text, p_readers uuid[]) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO log.ledgers (ledger_id, kind) VALUES (p_ledger, p_kind);
    INSERT INTO log.readers (ledger_id, org_id) SELECT p_ledger, unnest(p_readers);
$$;

-- A party leaves: it reads the ledger as far as it goes now, the events of this transaction included, and no further.
-- The seq of its exit; null when it does not read the ledger, or has left before.
CREATE FUNCTION log.end_readership(p_ledger uuid, p_org uuid) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE log.readers r SET until_seq = l.size - 1 FROM log.ledgers l
     WHERE r.ledger_id = p_ledger AND r.org_id = p_org AND r.until_seq IS NULL AND l.ledger_id = p_ledger
    RETURNING r.until_seq
$$;

-- Gives the events of one transaction their seq and recorded time. SQLSTATE CN403: the caller's organisation does not
-- read the ledger, or no longer; CN404: no such ledger; CN412: a stream has moved on.
-- The versions of a stream ascend in the arrays. The clock is read into a variable first: an UPDATE with a volatile function cannot be sent to one node of a cluster.
CREATE FUNCTION log.append(
    p_ledger uuid, p_ids uuid[], p_streams text[], p_versions bigint[], p_types text[], p_bodies bytea[]
) RETURNS TABLE (first_seq bigint, recorded_us bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    v_now     bigint := log.now_us();
    v_changed timestamptz := clock_timestamp();
    v_count   bigint := array_length(p_ids, 1);
    v_size    bigint;
    v_us      bigint;
    v_version bigint;
BEGIN
    -- Only who reads a ledger writes to it: nobody's service may, not for another company and not for one that has left.
    IF current_setting('role') <> 'none' AND NOT log.is_system() AND NOT EXISTS (
           SELECT FROM log.readers r WHERE r.ledger_id = p_ledger AND r.org_id = log.current_org() AND r.until_seq IS NULL) THEN
        RAISE EXCEPTION 'the caller does not read ledger %', p_ledger USING ERRCODE = 'CN403';
    END IF;

    FOR i IN 1 .. v_count LOOP
        CONTINUE WHEN array_position(p_streams, p_streams[i]) < i;
        SELECT e.version INTO v_version FROM log.events e
         WHERE e.ledger_id = p_ledger AND e.stream = p_streams[i] ORDER BY e.version DESC LIMIT 1;
        IF v_version <> p_versions[i] - 1 THEN
            RAISE EXCEPTION 'stream % has moved on', p_streams[i] USING ERRCODE = 'CN412';
        END IF;
    END LOOP;

    UPDATE log.ledgers
       SET size = size + v_count, last_us = greatest(last_us, v_now), changed_at = v_changed
     WHERE ledger_id = p_ledger
    RETURNING size - v_count, last_us INTO v_size, v_us;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no ledger %', p_ledger USING ERRCODE = 'CN404';
    END IF;

    INSERT INTO log.events (ledger_id, seq, recorded_us, event_id, stream, version, type, body, leaf)
    SELECT p_ledger, v_size + u.n - 1, v_us, u.id, u.stream, u.version, u.type, u.body,
           sha256('\x0001'::bytea || int8send(v_size + u.n - 1) || int8send(v_us) || u.body)
      FROM unnest(p_ids, p_streams, p_versions, p_types, p_bodies) WITH ORDINALITY
           AS u (id, stream, version, type, body, n);
    RETURN QUERY SELECT v_size, v_us;
END $$;

-- The person's key in this ledger, made on first use from the random bytes offered.
CREATE FUNCTION log.person_key(p_ledger uuid, p_person uuid, p_offered bytea) RETURNS bytea
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE v_key bytea;
BEGIN
    SELECT k.key INTO v_key FROM log.person_keys k WHERE k.ledger_id = p_ledger AND k.person_id = p_person;
    IF v_key IS NULL THEN
        INSERT INTO log.person_keys (ledger_id, person_id, key) VALUES (p_ledger, p_person, p_offered) ON CONFLICT DO NOTHING;
        SELECT k.key INTO v_key FROM log.person_keys k WHERE k.ledger_id = p_ledger AND k.person_id = p_person;
    END IF;
    RETURN v_key;
END $$;
