/** The tables of the inventory, as a step of the database (`migrations.ts`). */

/**
 * The inventory: a slim row per device with what the grid shows (what people said before what traffic says), everything that
 * traffic says beside it, the words by which lists filter, and a text to search. `devices_version` refuses a change that was
 * made to an older version than the present one: nobody's change vanishes silently.
 */
export const INVENTORY = `
  ALTER TABLE devices RENAME TO devices_before;
  DROP INDEX devices_last_seen;
  CREATE TABLE devices (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    sensor TEXT NOT NULL COLLATE NOCASE,
    id TEXT NOT NULL COLLATE NOCASE,
    site TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    zone TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    origin TEXT NOT NULL DEFAULT 'sensor' COLLATE NOCASE,
    merged_into INTEGER REFERENCES devices (number) ON DELETE CASCADE,
    merged_by TEXT,
    version INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0,
    edited TEXT NOT NULL DEFAULT '{}',
    title TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    name TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    type TEXT NOT NULL DEFAULT 'Unknown' COLLATE NOCASE,
    class TEXT NOT NULL DEFAULT 'Unclassified' COLLATE NOCASE,
    subtype TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    confidence INTEGER NOT NULL DEFAULT 0,
    purdue INTEGER,
    vendor TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    model TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    firmware TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    serial TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    os TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    plc_mode TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    plc_secured TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    importance TEXT NOT NULL DEFAULT 'Normal' COLLATE NOCASE,
    authorised INTEGER NOT NULL DEFAULT 1,
    scanner INTEGER NOT NULL DEFAULT 0,
    programming INTEGER NOT NULL DEFAULT 0,
    is_new INTEGER NOT NULL DEFAULT 0,
    description TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    location TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    business_function TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    owner TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    tags TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    ip_order TEXT NOT NULL DEFAULT '',
    mac TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    vlan INTEGER,
    protocols TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    network_location TEXT NOT NULL DEFAULT 'local' COLLATE NOCASE,
    subnet TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    fqdn TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    programmed_at INTEGER,
    UNIQUE (sensor, id)
  ) STRICT;
  CREATE INDEX devices_merged ON devices (merged_into) WHERE merged_into IS NOT NULL;
  CREATE INDEX devices_last_seen ON devices (last_seen, number);
  CREATE INDEX devices_title ON devices (title, number);
  CREATE INDEX devices_changed ON devices (changed);
  CREATE TRIGGER devices_version BEFORE UPDATE OF version ON devices WHEN new.version <> old.version + 1 BEGIN
    SELECT RAISE (ABORT, 'device version');
  END;

  CREATE TABLE device_facts (
    number INTEGER PRIMARY KEY REFERENCES devices (number) ON DELETE CASCADE,
    body TEXT NOT NULL,
    notes TEXT NOT NULL DEFAULT '{}'
  ) STRICT;

  CREATE TABLE device_values (
    kind TEXT NOT NULL,
    value TEXT NOT NULL COLLATE NOCASE,
    number INTEGER NOT NULL REFERENCES devices (number) ON DELETE CASCADE,
    PRIMARY KEY (kind, value, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX device_values_device ON device_values (number, kind);

  CREATE TABLE device_text (
    number INTEGER PRIMARY KEY REFERENCES devices (number) ON DELETE CASCADE,
    told TEXT NOT NULL,
    said TEXT NOT NULL DEFAULT ''
  ) STRICT;
  CREATE VIRTUAL TABLE device_search USING fts5 (told, said, content = 'device_text', content_rowid = 'number', tokenize = 'trigram');
  CREATE TRIGGER device_text_insert AFTER INSERT ON device_text BEGIN
    INSERT INTO device_search (rowid, told, said) VALUES (new.number, new.told, new.said);
  END;
  CREATE TRIGGER device_text_delete AFTER DELETE ON device_text BEGIN
    INSERT INTO device_search (device_search, rowid, told, said) VALUES ('delete', old.number, old.told, old.said);
  END;
  CREATE TRIGGER device_text_update AFTER UPDATE ON device_text WHEN new.told <> old.told OR new.said <> old.said BEGIN
    INSERT INTO device_search (device_search, rowid, told, said) VALUES ('delete', old.number, old.told, old.said);
    INSERT INTO device_search (rowid, told, said) VALUES (new.number, new.told, new.said);
  END;

  CREATE TABLE inventory_changes (value INTEGER NOT NULL) STRICT;
  INSERT INTO inventory_changes VALUES (0);

  INSERT INTO devices (sensor, id, title, name, type, vendor, model, firmware, first_seen, last_seen)
    SELECT sensor, id, coalesce(nullif(body ->> 'name', ''), id), coalesce(body ->> 'name', ''), coalesce(body ->> 'type', 'Unknown'),
      coalesce(body ->> 'vendor', ''), coalesce(body ->> 'model', ''), coalesce(body ->> 'firmware', ''), first_seen, last_seen
    FROM devices_before;
  INSERT INTO device_facts (number, body) SELECT d.number, b.body FROM devices_before b JOIN devices d ON d.sensor = b.sensor AND d.id = b.id;
  INSERT INTO device_text (number, told) SELECT number, title || ' ' || id || ' ' || vendor || ' ' || model FROM devices;
  INSERT OR IGNORE INTO device_values (kind, value, number)
    SELECT 'ip', ip.value, f.number FROM device_facts f, json_each(f.body, '$.ips') ip
    UNION SELECT 'mac', mac.value, f.number FROM device_facts f, json_each(f.body, '$.macs') mac
    UNION SELECT 'protocol', protocol.value, f.number FROM device_facts f, json_each(f.body, '$.protocols') protocol;
  DROP TABLE devices_before;

  CREATE TABLE device_unions (
    part INTEGER PRIMARY KEY REFERENCES devices (number) ON DELETE CASCADE,
    by_whom TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE devices_apart (
    sensor TEXT NOT NULL COLLATE NOCASE,
    address TEXT NOT NULL COLLATE NOCASE,
    PRIMARY KEY (sensor, address)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE connections (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    sensor TEXT NOT NULL COLLATE NOCASE,
    source TEXT NOT NULL COLLATE NOCASE,
    destination TEXT NOT NULL COLLATE NOCASE,
    protocol TEXT NOT NULL,
    transport TEXT NOT NULL,
    port INTEGER NOT NULL,
    protocol_name TEXT NOT NULL COLLATE NOCASE,
    ot INTEGER NOT NULL,
    kind TEXT NOT NULL,
    run TEXT NOT NULL,
    packets INTEGER NOT NULL,
    packets_before INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL,
    bytes_before INTEGER NOT NULL DEFAULT 0,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    period REAL NOT NULL,
    operations TEXT NOT NULL,
    UNIQUE (sensor, source, destination, protocol, transport, port)
  ) STRICT;
  CREATE INDEX connections_destination ON connections (sensor, destination);
  CREATE INDEX connections_last_seen ON connections (last_seen, seq);

  CREATE TABLE device_groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    filter TEXT,
    by_whom TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE subnets (
    cidr TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE vlans (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
`;

/** Open alerts of each device, so that lists filter and sort by them; and devices by the ids that alerts and events carry. */
export const OPEN_ALERTS = `
  ALTER TABLE devices ADD COLUMN open_alerts INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX devices_open_alerts ON devices (open_alerts) WHERE open_alerts > 0;
  CREATE INDEX devices_id ON devices (id);
`;
