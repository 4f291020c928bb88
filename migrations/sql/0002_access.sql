-- What directory tells every service's transaction. Functions, so that no service reads its tables.
CREATE SCHEMA access;
GRANT USAGE ON SCHEMA access TO concord_service, PUBLIC;

-- The roles of an active person in their organisation; null when there is no such person any more.
CREATE FUNCTION access.standing(p_org uuid, p_person uuid) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p.roles FROM directory.people p JOIN directory.organisations o ON o.ledger_id = p.ledger_id AND o.id = p_org
     WHERE p.ledger_id = p_org AND p.id = p_person AND p.active AND NOT o.closed
$$;

-- The same for a token of the development issuer, which speaks for no organisation that has an identity provider of its own.
CREATE FUNCTION access.development_standing(p_org uuid, p_person uuid) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT access.standing(p_org, p_person) WHERE NOT EXISTS (SELECT FROM directory.issuers i WHERE i.ledger_id = p_org)
$$;

-- The one organisation that an issuer speaks for, for which audience its tokens are, and whom it calls by this subject.
CREATE FUNCTION access.signed_in(p_issuer text, p_subject text) RETURNS TABLE (org_id uuid, audience text, person_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT i.ledger_id, i.audience, p.person_id FROM directory.issuers i
      LEFT JOIN directory.identities p ON p.ledger_id = i.ledger_id AND p.issuer = i.issuer AND p.subject = p_subject
     WHERE i.issuer = p_issuer
$$;

-- What a key's visible prefix leads to. The secret is compared by the caller, in constant time.
CREATE FUNCTION access.credential(p_prefix text)
RETURNS TABLE (org_id uuid, key_id uuid, secret_hash text, scopes text[], alliances uuid[], expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT s.ledger_id, s.key_id, s.secret_hash, k.scopes, k.alliances, s.expires_at
      FROM directory.api_key_secrets s JOIN directory.api_keys k ON k.ledger_id = s.ledger_id AND k.id = s.key_id
      JOIN directory.organisations o ON o.ledger_id = s.ledger_id AND o.id = s.ledger_id
     WHERE s.prefix = p_prefix AND NOT k.revoked AND NOT o.closed
$$;

-- What an open invitation's visible prefix leads to. The secret is compared by the caller, in constant time.
CREATE FUNCTION access.invitation(p_prefix text) RETURNS TABLE (org_id uuid, person_id uuid, secret_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT i.ledger_id, i.person_id, i.secret_hash FROM directory.invitations i
      JOIN directory.organisations o ON o.ledger_id = i.ledger_id AND o.id = i.ledger_id
     WHERE i.prefix = p_prefix AND i.status = 'open' AND NOT o.closed
       AND i.expires_at > to_timestamp(log.now_us() / 1000000.0)
$$;

-- The roles that a person holds in an alliance on a day.
CREATE FUNCTION access.alliance_roles(p_alliance uuid, p_person uuid, p_at timestamptz) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT array_agg(r.role) FROM directory.alliance_roles r
     WHERE r.ledger_id = p_alliance AND r.person_id = p_person
       AND r.starts_on <= (p_at AT TIME ZONE 'UTC')::date AND (r.until IS NULL OR (p_at AT TIME ZONE 'UTC')::date < r.until)
$$;

-- Whose rights a person uses in an alliance at a moment: their own, and those of active colleagues who named them delegate.
-- What was lent is not lent on. Roles are null where the person holds none.
CREATE FUNCTION access.seats(p_alliance uuid, p_person uuid, p_at timestamptz) RETURNS TABLE (person_id uuid, roles text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p_person, access.alliance_roles(p_alliance, p_person, p_at)
    UNION ALL
    SELECT d.person_id, access.alliance_roles(p_alliance, d.person_id, p_at)
      FROM directory.delegations d
     WHERE d.ledger_id = p_alliance AND d.delegate_id = p_person
       AND d.starts_on <= (p_at AT TIME ZONE 'UTC')::date AND (p_at AT TIME ZONE 'UTC')::date < d.until
       AND access.standing(d.side, d.person_id) IS NOT NULL
$$;

-- Names to show for the ids of a ledger: organisations that may read it, people of the asking organisation or with a
-- role in this alliance, and systems of those organisations.
CREATE FUNCTION access.names(p_ledger uuid) RETURNS TABLE (id uuid, name text, org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH orgs AS (SELECT r.org_id FROM log.readers r WHERE r.ledger_id = p_ledger AND (log.is_system()
                     OR EXISTS (SELECT 1 FROM log.readers me WHERE me.ledger_id = p_ledger AND me.org_id = log.current_org())))
    SELECT o.id, o.display_name, o.id FROM directory.organisations o JOIN orgs ON o.ledger_id = orgs.org_id
    UNION ALL
    SELECT p.id, p.name, p.ledger_id FROM directory.people p JOIN orgs ON p.ledger_id = orgs.org_id
     WHERE p.ledger_id = log.current_org()
        OR EXISTS (SELECT 1 FROM directory.alliance_roles r WHERE r.ledger_id = p_ledger AND r.person_id = p.id)
        OR EXISTS (SELECT 1 FROM directory.delegations d WHERE d.ledger_id = p_ledger AND d.delegate_id = p.id)
    UNION ALL
    SELECT k.id, k.name, k.ledger_id FROM directory.api_keys k JOIN orgs ON k.ledger_id = orgs.org_id
$$;

-- The names of those who acted in a ledger, by the ids its entries bear: a deed in the joint history has a name.
CREATE FUNCTION access.actors(p_ledger uuid, p_ids uuid[]) RETURNS TABLE (id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p.id, p.name FROM directory.people p
      JOIN log.readers r ON r.org_id = p.ledger_id AND r.ledger_id = p_ledger
     WHERE p.id = ANY (p_ids) AND (log.is_system() OR EXISTS (
           SELECT 1 FROM log.readers me WHERE me.ledger_id = p_ledger AND me.org_id = log.current_org()))
$$;

-- The working calendars of an alliance's parties, for the clocks.
CREATE FUNCTION access.calendars(p_ledger uuid) RETURNS TABLE (org_id uuid, calendar jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT o.id, o.calendar FROM directory.organisations o JOIN log.readers r ON r.org_id = o.id AND r.ledger_id = p_ledger
     WHERE log.is_system() OR EXISTS (SELECT 1 FROM log.readers me WHERE me.ledger_id = p_ledger AND me.org_id = log.current_org())
$$;

-- Whether an organisation exists and is open; asked before it is invited into an alliance.
CREATE FUNCTION access.organisation_exists(p_org uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT EXISTS (SELECT 1 FROM directory.organisations o WHERE o.ledger_id = p_org AND o.id = p_org AND NOT o.closed)
$$;

-- The organisations that the asking one may know: itself, and those it shares or shared an alliance with; the parties of
-- these alliances alone when some are named, for a key that is bound to them.
CREATE FUNCTION access.organisations(p_alliances uuid[]) RETURNS TABLE (id uuid, legal_name text, display_name text,
    country text, calendar jsonb, closed boolean, version bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT o.id, o.legal_name, o.display_name, o.country, o.calendar, o.closed, o.version FROM directory.organisations o
     WHERE o.id = o.ledger_id AND o.id IN (
           SELECT r.org_id FROM log.readers me JOIN log.readers r ON r.ledger_id = me.ledger_id
            WHERE me.org_id = log.current_org()
              AND (cardinality(p_alliances) = 0 OR me.ledger_id = ANY (p_alliances)))
$$;

-- A key was used from an address. Whether that is new, and to be recorded: of one key, the first hundred addresses are.
CREATE FUNCTION directory.note_key_use(p_org uuid, p_key uuid, p_address text, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = pg_catalog AS $$
DECLARE v_new boolean;
BEGIN
    IF (SELECT count(*) FROM directory.api_key_uses u WHERE u.ledger_id = p_org AND u.key_id = p_key) >= 100
       AND NOT EXISTS (SELECT FROM directory.api_key_uses u
                        WHERE u.ledger_id = p_org AND u.key_id = p_key AND u.address = p_address) THEN
        p_address := 'others';
    END IF;
    INSERT INTO directory.api_key_uses AS u (ledger_id, key_id, address, first_at, last_at)
    VALUES (p_org, p_key, p_address, p_at, p_at)
        ON CONFLICT (ledger_id, key_id, address) DO UPDATE SET last_at = greatest(u.last_at, excluded.last_at)
    RETURNING xmax = 0 INTO v_new;
    RETURN v_new AND p_address <> 'others';
END $$;
