-- How many requests of each credential and each organisation the processes have leased in the present window. Unlogged,
-- as it need not outlive a crash: writing it costs no WAL and its commit waits for no disk.
CREATE UNLOGGED TABLE log.allowances (
    key       text PRIMARY KEY,
    window_no bigint NOT NULL,
    taken     bigint NOT NULL
) WITH (fillfactor = 50);

-- For each key what a process may spend until the window ends: a sixteenth of what is left, one at least, so that little
-- lies unused elsewhere when the rest runs out. `owed` was spent before it was leased. Keys come in order: no deadlock.
CREATE FUNCTION log.lease(p_keys text[], p_limits bigint[], p_owed bigint[], p_window_seconds int)
RETURNS TABLE (window_no bigint, granted bigint, elsewhere bigint, ends_in_seconds double precision)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    v_seconds double precision := extract(epoch FROM clock_timestamp());
    v_window  bigint := floor(v_seconds / p_window_seconds);
    v_ends    double precision := (v_window + 1) * p_window_seconds - v_seconds;
    v_taken   bigint;
    v_granted bigint;
BEGIN
    FOR i IN 1 .. array_length(p_keys, 1) LOOP
        INSERT INTO log.allowances AS a (key, window_no, taken) VALUES (p_keys[i], v_window, 0)
        ON CONFLICT (key) DO UPDATE SET window_no = v_window, taken = CASE WHEN a.window_no = v_window THEN a.taken ELSE 0 END
        RETURNING a.taken INTO v_taken;
        v_taken := least(p_limits[i], v_taken + p_owed[i]);
        v_granted := ceil((p_limits[i] - v_taken) / 16.0);
        UPDATE log.allowances a SET taken = v_taken + v_granted WHERE a.key = p_keys[i];
        RETURN QUERY SELECT v_window, v_granted, p_limits[i] - v_taken - v_granted, v_ends;
    END LOOP;
END $$;
