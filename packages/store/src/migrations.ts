/**
 * The steps that made the database what it is: numbered, forward only, each in its own transaction. A step that was
 * released is never edited; what must change becomes a further step.
 */
import type { DatabaseSync } from 'node:sqlite';
import { INVENTORY, OPEN_ALERTS } from './inventory/inventory-tables.ts';
import { StoreError } from './store-error.ts';
import { textHash } from './text-hash.ts';

/**
 * Text columns of the grid compare without regard to case, as people expect of sorting and filters. `seq` breaks ties in
 * the keyset and links the search index. `alerts_grid` holds every column that filters use most, so that filtering and
 * counting read the index alone; those of places hold what is most often asked for beside the place.
 */
const ALERTS = `
  CREATE TABLE alerts (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    severity_rank INTEGER NOT NULL,
    title TEXT NOT NULL COLLATE NOCASE,
    engine TEXT NOT NULL COLLATE NOCASE,
    first_detection INTEGER NOT NULL,
    last_detection INTEGER NOT NULL,
    last_activity INTEGER NOT NULL,
    status TEXT NOT NULL COLLATE NOCASE,
    disposition TEXT NOT NULL COLLATE NOCASE,
    category TEXT NOT NULL COLLATE NOCASE,
    type TEXT NOT NULL COLLATE NOCASE,
    protocol TEXT NOT NULL COLLATE NOCASE,
    source_id TEXT NOT NULL COLLATE NOCASE,
    source_device TEXT NOT NULL COLLATE NOCASE,
    source_address TEXT NOT NULL COLLATE NOCASE,
    destination_id TEXT NOT NULL COLLATE NOCASE,
    destination_device TEXT NOT NULL COLLATE NOCASE,
    destination_address TEXT NOT NULL COLLATE NOCASE,
    sensor TEXT NOT NULL COLLATE NOCASE,
    site TEXT NOT NULL COLLATE NOCASE,
    zone TEXT NOT NULL COLLATE NOCASE,
    tactics TEXT NOT NULL COLLATE NOCASE,
    violations INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX alerts_grid ON alerts (
    last_detection, seq, status, severity_rank, engine, disposition, category, type, protocol, sensor, site, zone
  );
  CREATE INDEX alerts_severity ON alerts (severity_rank, seq);
  CREATE INDEX alerts_title ON alerts (title, seq);
  CREATE INDEX alerts_engine ON alerts (engine, seq);
  CREATE INDEX alerts_first_detection ON alerts (first_detection, seq);
  CREATE INDEX alerts_last_activity ON alerts (last_activity, seq);
  CREATE INDEX alerts_status ON alerts (status, seq);
  CREATE INDEX alerts_disposition ON alerts (disposition, seq);
  CREATE INDEX alerts_category ON alerts (category, seq);
  CREATE INDEX alerts_type ON alerts (type, seq);
  CREATE INDEX alerts_protocol ON alerts (protocol, seq);
  CREATE INDEX alerts_source_id ON alerts (source_id);
  CREATE INDEX alerts_source_device ON alerts (source_device, seq);
  CREATE INDEX alerts_source_address ON alerts (source_address, seq);
  CREATE INDEX alerts_destination_id ON alerts (destination_id);
  CREATE INDEX alerts_destination_device ON alerts (destination_device, seq);
  CREATE INDEX alerts_destination_address ON alerts (destination_address, seq);
  CREATE INDEX alerts_sensor ON alerts (sensor, seq, last_detection, status, severity_rank, engine);
  CREATE INDEX alerts_site ON alerts (site, seq, last_detection, status, severity_rank, engine);
  CREATE INDEX alerts_zone ON alerts (zone, seq, last_detection, status, severity_rank, engine);
  CREATE INDEX alerts_tactics ON alerts (tactics, seq);
  CREATE INDEX alerts_open ON alerts (seq) WHERE status <> 'Closed' OR disposition <> 'none';

  CREATE TABLE alert_violations (
    alert INTEGER NOT NULL REFERENCES alerts (seq) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (alert, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE alert_text (seq INTEGER PRIMARY KEY REFERENCES alerts (seq) ON DELETE CASCADE, text TEXT NOT NULL) STRICT;
  CREATE VIRTUAL TABLE alert_search USING fts5 (text, content = 'alert_text', content_rowid = 'seq', tokenize = 'trigram');
  CREATE TRIGGER alert_text_insert AFTER INSERT ON alert_text BEGIN
    INSERT INTO alert_search (rowid, text) VALUES (new.seq, new.text);
  END;
  CREATE TRIGGER alert_text_delete AFTER DELETE ON alert_text BEGIN
    INSERT INTO alert_search (alert_search, rowid, text) VALUES ('delete', old.seq, old.text);
  END;
  CREATE TRIGGER alert_text_update AFTER UPDATE ON alert_text BEGIN
    INSERT INTO alert_search (alert_search, rowid, text) VALUES ('delete', old.seq, old.text);
    INSERT INTO alert_search (rowid, text) VALUES (new.seq, new.text);
  END;

  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  INSERT INTO counters VALUES ('alerts', 0);
  CREATE TRIGGER alerts_counted AFTER INSERT ON alerts BEGIN
    UPDATE counters SET value = value + 1 WHERE name = 'alerts';
  END;
  CREATE TRIGGER alerts_uncounted AFTER DELETE ON alerts BEGIN
    UPDATE counters SET value = value - 1 WHERE name = 'alerts';
  END;
`;

const RECORDS = `
  CREATE TABLE users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    password_is_temporary INTEGER NOT NULL,
    created INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    csrf TEXT NOT NULL,
    created INTEGER NOT NULL,
    last_seen INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sessions_user ON sessions (user_id);
  CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER,
    last_used INTEGER
  ) STRICT;
  CREATE INDEX tokens_user ON tokens (user_id);
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    targets TEXT NOT NULL,
    details TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_who ON audit (who, seq);
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE secrets (name TEXT PRIMARY KEY, sealed TEXT NOT NULL) STRICT;
  CREATE TABLE progress (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE baseline (
    sensor TEXT NOT NULL,
    aspect TEXT NOT NULL,
    source TEXT NOT NULL,
    destination TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (sensor, aspect, source, destination, value)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE silencers (
    sensor TEXT NOT NULL,
    alert TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (sensor, alert)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE devices (
    sensor TEXT NOT NULL,
    id TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (sensor, id)
  ) STRICT;
  CREATE INDEX devices_last_seen ON devices (last_seen);
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    sensor TEXT NOT NULL,
    id TEXT NOT NULL,
    time INTEGER NOT NULL,
    type TEXT NOT NULL,
    severity TEXT NOT NULL,
    user_operation INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (sensor, id)
  ) STRICT;
  CREATE INDEX events_time ON events (time, seq);
  CREATE TABLE event_devices (
    device TEXT NOT NULL,
    event INTEGER NOT NULL REFERENCES events (seq) ON DELETE CASCADE,
    PRIMARY KEY (device, event)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX event_devices_event ON event_devices (event);
`;

/** Files of packets by alert; the rows do not go with the alerts, so that no file is forgotten. */
const EVIDENCE = `
  CREATE TABLE evidence (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    alert TEXT NOT NULL UNIQUE,
    sensor TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    packets INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX evidence_file ON evidence (sha256);
`;

/** Who learned what, when and why; the journal of the baseline, its versions, and the review list. */
const BASELINE = `
  ALTER TABLE baseline ADD COLUMN learned INTEGER;
  ALTER TABLE baseline ADD COLUMN learned_by TEXT;
  ALTER TABLE baseline ADD COLUMN learned_at INTEGER;
  ALTER TABLE baseline ADD COLUMN alert TEXT;
  CREATE TABLE baseline_incoming (
    sensor TEXT NOT NULL,
    aspect TEXT NOT NULL,
    source TEXT NOT NULL,
    destination TEXT NOT NULL,
    value TEXT NOT NULL,
    learned INTEGER,
    learned_by TEXT,
    learned_at INTEGER,
    alert TEXT,
    PRIMARY KEY (sensor, aspect, source, destination, value)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE baseline_changes (
    seq INTEGER PRIMARY KEY,
    sensor TEXT NOT NULL,
    version INTEGER,
    sign INTEGER NOT NULL,
    aspect TEXT NOT NULL,
    source TEXT NOT NULL,
    destination TEXT NOT NULL,
    value TEXT NOT NULL,
    learned INTEGER,
    learned_by TEXT,
    learned_at INTEGER,
    alert TEXT
  ) STRICT;
  CREATE INDEX baseline_changes_version ON baseline_changes (sensor, version);
  CREATE TABLE baseline_versions (
    sensor TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    packet_time INTEGER,
    who TEXT,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    about TEXT,
    added INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    PRIMARY KEY (sensor, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE reviews (
    sensor TEXT NOT NULL,
    id TEXT NOT NULL,
    state TEXT NOT NULL,
    who TEXT,
    at INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (sensor, id)
  ) STRICT;
`;

/**
 * Lists are answered from memory (`alert-index/`): the indices for them go, and what lists show becomes columns. The rest
 * of an alert, its evidence, is in a table of its own, so that a change of status does not write it again.
 *
 * `change` numbers every save, so that whoever saw a number can be told what changed since.
 */
const INDEXED_IN_MEMORY = `
  DROP TABLE alert_search;
  DROP TABLE alert_text;
  DROP TRIGGER alerts_counted;
  DROP TRIGGER alerts_uncounted;
  DROP TABLE counters;
  ${[
    'grid',
    'severity',
    'title',
    'engine',
    'first_detection',
    'last_activity',
    'status',
    'disposition',
    'category',
    'type',
    'protocol',
    'source_id',
    'source_device',
    'source_address',
    'destination_id',
    'destination_device',
    'destination_address',
    'sensor',
    'site',
    'zone',
    'tactics',
    'open',
  ]
    .map((name) => `DROP INDEX alerts_${name};`)
    .join(' ')}

  CREATE TEMP TABLE kept_evidence AS SELECT seq, json_object(
    'expected', body ->> 'expected', 'seen', body ->> 'seen', 'parameters', json(body -> 'parameters'), 'frames', json(body -> 'frames'),
    'learn', json(body -> 'learn'), 'internet', json(body -> 'internet'), 'violationsDropped', body ->> 'violationsDropped'
  ) AS body FROM alerts;
  CREATE TABLE alerts_new (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    change INTEGER NOT NULL,
    born INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    severity_rank INTEGER NOT NULL,
    severity TEXT NOT NULL,
    portal_severity TEXT,
    title TEXT NOT NULL,
    engine TEXT NOT NULL,
    first_detection INTEGER NOT NULL,
    last_detection INTEGER NOT NULL,
    last_activity INTEGER NOT NULL,
    status TEXT NOT NULL,
    disposition TEXT NOT NULL,
    close_reason TEXT,
    category TEXT NOT NULL,
    type TEXT NOT NULL,
    protocol TEXT,
    source_id TEXT,
    source_name TEXT,
    source_address TEXT,
    source_mac TEXT,
    source_port INTEGER,
    destination_id TEXT,
    destination_name TEXT,
    destination_address TEXT,
    destination_mac TEXT,
    destination_port INTEGER,
    sensor TEXT NOT NULL,
    site TEXT NOT NULL,
    zone TEXT NOT NULL,
    tactics TEXT NOT NULL,
    message TEXT NOT NULL,
    count INTEGER NOT NULL,
    violations INTEGER NOT NULL,
    flood INTEGER NOT NULL,
    pcap_state TEXT NOT NULL,
    pcap_reason TEXT,
    traffic TEXT NOT NULL
  ) STRICT;
  INSERT INTO alerts_new SELECT
    seq, id, seq, seq, 0, severity_rank, body ->> 'severity', body ->> 'portalSeverity', title, engine, first_detection, last_detection,
    last_activity, status, disposition, body ->> 'closeReason', category, type, nullif(protocol, ''),
    body ->> '$.source.device', body ->> '$.source.name', body ->> '$.source.ip', body ->> '$.source.mac', body ->> '$.source.port',
    body ->> '$.destination.device', body ->> '$.destination.name', body ->> '$.destination.ip', body ->> '$.destination.mac',
    body ->> '$.destination.port', sensor, site, zone, trim(tactics, char(10)), body ->> 'message', body ->> 'count', violations,
    coalesce(body -> '$.parameters.flood' = 'true', 0), iif(body ->> '$.pcap.reason' LIKE 'Its packets are being copied.%', 'requested', body ->> '$.pcap.state'), body ->> '$.pcap.reason', body ->> 'key'
  FROM alerts;
  -- Sequence numbers stay the same; rows that refer to them would go with the former table.
  CREATE TEMP TABLE kept_violations AS SELECT * FROM alert_violations;
  DROP TABLE alerts;
  ALTER TABLE alerts_new RENAME TO alerts;
  DELETE FROM alert_violations;
  INSERT INTO alert_violations SELECT * FROM kept_violations;
  CREATE TABLE alert_evidence (seq INTEGER PRIMARY KEY REFERENCES alerts (seq) ON DELETE CASCADE, body TEXT NOT NULL) STRICT;
  INSERT INTO alert_evidence SELECT seq, body FROM kept_evidence;
  DROP TABLE kept_violations;
  DROP TABLE kept_evidence;

  CREATE TABLE alert_decisions (
    alert INTEGER NOT NULL REFERENCES alerts (seq) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    at INTEGER NOT NULL,
    who TEXT,
    action TEXT NOT NULL,
    job TEXT,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    PRIMARY KEY (alert, revision)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX alert_decisions_job ON alert_decisions (job, alert) WHERE job IS NOT NULL;

  CREATE INDEX alerts_open ON alerts (sensor, traffic) WHERE status <> 'Closed';
  CREATE INDEX alerts_silencing ON alerts (seq) WHERE disposition <> 'none';
  CREATE INDEX alerts_awaiting_packets ON alerts (seq) WHERE pcap_state = 'requested';
`;

/** Finds events by type, and by any text of three letters and more in title and content. */
const EVENT_SEARCH = `
  CREATE INDEX events_type ON events (type);
  CREATE INDEX events_severity ON events (severity);
  CREATE VIEW event_texts AS SELECT seq, (body ->> 'title') || ' ' || (body ->> 'content') AS text FROM events;
  CREATE VIRTUAL TABLE event_search USING fts5
    (text, content = 'event_texts', content_rowid = 'seq', tokenize = 'trigram', detail = none, columnsize = 0);
  INSERT INTO event_search (rowid, text) SELECT seq, text FROM event_texts;
  CREATE TRIGGER events_insert AFTER INSERT ON events BEGIN
    INSERT INTO event_search (rowid, text) VALUES (new.seq, (new.body ->> 'title') || ' ' || (new.body ->> 'content'));
  END;
  CREATE TRIGGER events_delete AFTER DELETE ON events BEGIN
    INSERT INTO event_search (event_search, rowid, text)
      VALUES ('delete', old.seq, (old.body ->> 'title') || ' ' || (old.body ->> 'content'));
  END;
`;

/** Alerts about devices at the hub, and what was found one by one. */
const FINDINGS = `
  ALTER TABLE alerts ADD COLUMN data_source TEXT;
  ALTER TABLE alerts ADD COLUMN security_group TEXT;
  CREATE TABLE findings (
    id TEXT PRIMARY KEY,
    alert_type TEXT NOT NULL,
    device TEXT,
    security_group TEXT,
    time INTEGER NOT NULL,
    count INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX findings_time ON findings (time, id);
`;

/** A user has a role for everything, for a site, or for a zone of one, and as many of these as it takes. */
const GRANTS = `
  ALTER TABLE users ADD COLUMN grants TEXT NOT NULL DEFAULT '[]';
  UPDATE users SET grants = json_array(json_object('role', role, 'site', NULL, 'zone', NULL, 'packets', NULL));
  ALTER TABLE users DROP COLUMN role;
`;

/** Users can be disabled and have a second factor; sessions and the audit log tell from where, the log what was before. */
const SIGN_IN = `
  ALTER TABLE users ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE users ADD COLUMN second_factor TEXT;
  ALTER TABLE users ADD COLUMN last_sign_in INTEGER;
  ALTER TABLE sessions ADD COLUMN method TEXT NOT NULL DEFAULT 'password';
  ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
  ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
  ALTER TABLE audit ADD COLUMN before TEXT;
  ALTER TABLE audit ADD COLUMN after TEXT;
  ALTER TABLE audit ADD COLUMN address TEXT;
  CREATE INDEX audit_action ON audit (action, seq);
`;

/** Custom rules, and how often each held, by day of packet time. */
const RULES = `
  CREATE TABLE rules (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, body TEXT NOT NULL, who TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
  CREATE TABLE rule_hits (
    rule TEXT NOT NULL,
    sensor TEXT NOT NULL,
    day INTEGER NOT NULL,
    count INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (rule, sensor, day)
  ) STRICT, WITHOUT ROWID;
`;

/** Users that a provider of identities knows. */
const EXTERNAL_USERS = `
  ALTER TABLE users ADD COLUMN external TEXT;
  CREATE UNIQUE INDEX users_external ON users (external) WHERE external IS NOT NULL;
`;

/**
 * Jobs that change many alerts. They open and close alerts by the thousand, so open alerts are found by a number instead of
 * a long text.
 */
const ALERT_JOBS = `
  ALTER TABLE alerts ADD COLUMN traffic_hash INTEGER NOT NULL DEFAULT 0;
  UPDATE alerts SET traffic_hash = text_hash(traffic);
  DROP INDEX alerts_open;
  CREATE INDEX alerts_open ON alerts (traffic_hash) WHERE status <> 'Closed';

  CREATE TABLE alert_jobs (
    rowid INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    who_key TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX alert_jobs_running ON alert_jobs (rowid) WHERE state = 'running';
`;

/** What people say about alerts, the views that they keep, and what they prefer. */
const COMMENTS_AND_VIEWS = `
  CREATE TABLE alert_comments (
    alert INTEGER NOT NULL REFERENCES alerts (seq) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (alert, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE saved_views (
    id TEXT PRIMARY KEY,
    page TEXT NOT NULL,
    name TEXT NOT NULL COLLATE NOCASE,
    owner TEXT NOT NULL,
    team INTEGER NOT NULL,
    address TEXT NOT NULL,
    updated INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX saved_views_page ON saved_views (page, name);
  CREATE TABLE preferences (user TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (user, name)) STRICT, WITHOUT ROWID;
`;

/** Where sensors stand. */
const SITES = `
  CREATE TABLE sites (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    display_name TEXT NOT NULL,
    tags TEXT NOT NULL,
    owners TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE zones (
    site TEXT NOT NULL COLLATE NOCASE,
    name TEXT NOT NULL COLLATE NOCASE,
    PRIMARY KEY (site, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE registered_sensors (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    type TEXT NOT NULL,
    site TEXT NOT NULL COLLATE NOCASE,
    zone TEXT NOT NULL COLLATE NOCASE,
    by_whom TEXT,
    registered INTEGER NOT NULL,
    activated INTEGER,
    last_connected INTEGER
  ) STRICT, WITHOUT ROWID;
`;

/** Users can have passkeys. Recovery codes are for the loss of these as well as of the app, so they are the user's. */
const PASSKEYS = `
  ALTER TABLE users ADD COLUMN passkeys TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE users ADD COLUMN recovery TEXT NOT NULL DEFAULT '[]';
  UPDATE users
  SET recovery = json_extract(second_factor, '$.recovery'), second_factor = json_remove(second_factor, '$.recovery')
  WHERE second_factor IS NOT NULL;
`;

/** Open alerts are found in the alert index; here each alert that was closed cost a page of its own in a random place. */
const OPEN_IN_MEMORY = 'DROP INDEX alerts_open;';

/** Step n brings the database from version n to n + 1. */
export const STEPS: readonly string[] = [
  ALERTS,
  RECORDS,
  EVIDENCE,
  BASELINE,
  INDEXED_IN_MEMORY,
  INVENTORY,
  OPEN_ALERTS,
  EVENT_SEARCH,
  FINDINGS,
  GRANTS,
  SIGN_IN,
  RULES,
  EXTERNAL_USERS,
  ALERT_JOBS,
  COMMENTS_AND_VIEWS,
  SITES,
  PASSKEYS,
  OPEN_IN_MEMORY,
];

/** Version of the database that this program works with. */
export const SCHEMA_VERSION = STEPS.length;

/**
 * Brings the database to {@link SCHEMA_VERSION}.
 * @throws StoreError `newer-database` when a newer program wrote it.
 */
export function migrate(database: DatabaseSync, steps: readonly string[] = STEPS): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version > steps.length) {
    const what = `The database has version ${version}, this program knows versions up to ${steps.length}.`;
    throw new StoreError('newer-database', `${what} Start the newer program that wrote it, or restore a backup of the older one.`);
  }
  database.function('text_hash', { deterministic: true }, (text) => textHash(String(text)));
  if (version === steps.length) return;
  // All of them or none: a database is never between two versions, and waits for the disk once.
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const step of steps.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${steps.length}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
