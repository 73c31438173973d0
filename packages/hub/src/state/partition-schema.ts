/** Tables of a partition: everything of its devices, and nothing that refers to another partition. */

const FIRST = `
  CREATE TABLE identity (
    device TEXT NOT NULL,
    -- '' for the device itself
    module TEXT NOT NULL,
    generation TEXT NOT NULL,
    etag TEXT NOT NULL,
    status TEXT NOT NULL,
    status_reason TEXT,
    status_updated INTEGER NOT NULL,
    created INTEGER NOT NULL,
    auth_type TEXT NOT NULL,
    primary_key TEXT,
    secondary_key TEXT,
    primary_thumbprint TEXT,
    secondary_thumbprint TEXT,
    edge INTEGER NOT NULL,
    scope TEXT,
    parent_scopes TEXT NOT NULL,
    managed_by TEXT,
    connected INTEGER NOT NULL DEFAULT 0,
    connection_updated INTEGER NOT NULL DEFAULT 0,
    last_activity INTEGER NOT NULL DEFAULT 0,
    -- what its MQTT session is subscribed to, a set of bits
    subscriptions INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (device, module)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX identity_connected ON identity (device, module) WHERE connected = 1;

  CREATE TABLE twin (
    device TEXT NOT NULL,
    module TEXT NOT NULL,
    etag INTEGER NOT NULL,
    version INTEGER NOT NULL,
    model TEXT,
    -- JSON objects without $version and $metadata
    tags TEXT NOT NULL,
    desired TEXT NOT NULL,
    desired_metadata TEXT NOT NULL,
    desired_version INTEGER NOT NULL,
    reported TEXT NOT NULL,
    reported_metadata TEXT NOT NULL,
    reported_version INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX twin_name ON twin (device, module);

  -- Cloud-to-device messages that wait.
  CREATE TABLE queued (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    device TEXT NOT NULL,
    properties TEXT NOT NULL,
    body BLOB NOT NULL,
    enqueued INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    deliveries INTEGER NOT NULL DEFAULT 0,
    ack TEXT NOT NULL,
    message_id TEXT,
    -- set while a device has it
    lock_token TEXT,
    locked_until INTEGER,
    holder TEXT,
    protocol TEXT
  ) STRICT;
  CREATE INDEX queued_device ON queued (device, sequence);
  CREATE INDEX queued_expires ON queued (expires);
  CREATE INDEX queued_locked ON queued (locked_until) WHERE locked_until IS NOT NULL;

  -- Feedback records and file notifications for back ends.
  CREATE TABLE notice (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    created INTEGER NOT NULL,
    deliveries INTEGER NOT NULL DEFAULT 0,
    holder TEXT,
    locked_until INTEGER
  ) STRICT;
  CREATE INDEX notice_kind ON notice (kind, sequence);

  CREATE TABLE upload (
    correlation TEXT PRIMARY KEY,
    device TEXT NOT NULL,
    blob TEXT NOT NULL,
    started INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX upload_device ON upload (device);
`;

export const PARTITION_STEPS: readonly string[] = [FIRST];
