/** The tables as Kysely knows them. SQLite's integers are read as bigint, all of them. */
import type { ColumnType, Generated } from 'kysely';

/** Written as number or bigint, read as bigint. */
type Integer = ColumnType<bigint, number | bigint, number | bigint>;
type OptionalInteger = ColumnType<bigint | null, number | bigint | null, number | bigint | null>;

export interface AlertsTable {
  seq: Generated<bigint>;
  id: string;
  /** Number of its last change, and of the change that raised it. */
  change: Integer;
  born: Integer;
  revision: Integer;
  severity_rank: Integer;
  severity: string;
  portal_severity: string | null;
  title: string;
  engine: string;
  first_detection: bigint;
  last_detection: bigint;
  last_activity: bigint;
  status: string;
  disposition: string;
  close_reason: string | null;
  category: string;
  type: string;
  protocol: string | null;
  source_id: string | null;
  source_name: string | null;
  source_address: string | null;
  source_mac: string | null;
  source_port: OptionalInteger;
  destination_id: string | null;
  destination_name: string | null;
  destination_address: string | null;
  destination_mac: string | null;
  destination_port: OptionalInteger;
  sensor: string;
  site: string;
  zone: string;
  tactics: string;
  message: string;
  count: Integer;
  violations: Integer;
  flood: Integer;
  pcap_state: string;
  pcap_reason: string | null;
  data_source: string | null;
  security_group: string | null;
  /** The key by which detections find their alert. */
  traffic: string;
  /** `textHash` of it. */
  traffic_hash: Integer;
}

/** An entry of a baseline, and who learned it. */
export interface BaselineColumns {
  aspect: string;
  source: string;
  destination: string;
  value: string;
  learned: bigint | null;
  learned_by: string | null;
  learned_at: OptionalInteger;
  alert: string | null;
}

export interface DevicesTable {
  number: Generated<bigint>;
  sensor: string;
  id: string;
  site: string;
  zone: string;
  origin: string;
  merged_into: bigint | null;
  merged_by: string | null;
  version: Integer;
  changed: Integer;
  edited: string;
  title: string;
  name: string;
  type: string;
  class: string;
  subtype: string;
  confidence: Integer;
  purdue: bigint | null;
  vendor: string;
  model: string;
  firmware: string;
  serial: string;
  os: string;
  plc_mode: string;
  plc_secured: string;
  importance: string;
  authorised: Integer;
  scanner: Integer;
  programming: Integer;
  is_new: Integer;
  description: string;
  location: string;
  business_function: string;
  owner: string;
  tags: string;
  ip_order: string;
  mac: string;
  vlan: bigint | null;
  protocols: string;
  network_location: string;
  subnet: string;
  fqdn: string;
  first_seen: bigint;
  last_seen: bigint;
  programmed_at: bigint | null;
  open_alerts: Integer;
}

export interface Schema {
  alerts: AlertsTable;
  alert_violations: { alert: bigint; position: Integer; body: string };
  alert_evidence: { seq: bigint; body: string };
  alert_jobs: { rowid: Generated<bigint>; id: string; who_key: string; created: Integer; state: string; body: string };
  alert_comments: { alert: bigint; number: Integer; at: Integer; who: string; text: string };
  saved_views: { id: string; page: string; name: string; owner: string; team: Integer; address: string; updated: Integer };
  sites: { name: string; display_name: string; tags: string; owners: string };
  zones: { site: string; name: string };
  registered_sensors: {
    name: string;
    type: string;
    site: string;
    zone: string;
    by_whom: string | null;
    registered: Integer;
    activated: OptionalInteger;
    last_connected: OptionalInteger;
  };
  preferences: { user: string; name: string; value: string };
  alert_decisions: {
    alert: bigint;
    revision: bigint;
    at: Integer;
    who: string | null;
    action: string;
    job: string | null;
    before: string;
    after: string;
  };
  users: {
    id: string;
    name: string;
    grants: string;
    password_hash: string;
    password_is_temporary: Integer;
    created: Integer;
    disabled: Integer;
    second_factor: string | null;
    passkeys: string;
    recovery: string;
    last_sign_in: OptionalInteger;
    external: string | null;
  };
  sessions: {
    hash: string;
    user_id: string;
    csrf: string;
    created: Integer;
    last_seen: Integer;
    method: string;
    address: string;
    agent: string;
  };
  tokens: {
    id: string;
    hash: string;
    name: string;
    user_id: string;
    role: string;
    created: Integer;
    expires: OptionalInteger;
    last_used: OptionalInteger;
  };
  audit: {
    seq: Generated<bigint>;
    at: Integer;
    who: string;
    action: string;
    targets: string;
    details: string;
    before: string | null;
    after: string | null;
    address: string | null;
  };
  settings: { name: string; value: string };
  secrets: { name: string; sealed: string };
  progress: { name: string; value: string };
  baseline: { sensor: string } & BaselineColumns;
  baseline_changes: { seq: Generated<bigint>; sensor: string; version: OptionalInteger; sign: Integer } & BaselineColumns;
  baseline_versions: {
    sensor: string;
    number: Integer;
    at: Integer;
    packet_time: bigint | null;
    who: string | null;
    action: string;
    reason: string;
    about: string | null;
    added: Integer;
    removed: Integer;
    entries: Integer;
  };
  reviews: { sensor: string; id: string; state: string; who: string | null; at: OptionalInteger; body: string };
  findings: {
    id: string;
    alert_type: string;
    device: string | null;
    security_group: string | null;
    time: bigint;
    count: bigint;
    body: string;
  };
  rules: { id: string; name: string; body: string; who: string; at: Integer };
  rule_hits: { rule: string; sensor: string; day: Integer; count: Integer; last: bigint };
  evidence: { seq: Generated<bigint>; alert: string; sensor: string; sha256: string; size: Integer; packets: Integer };
  silencers: { sensor: string; alert: string; body: string };
  devices: DevicesTable;
  inventory_changes: { value: Integer };
  device_facts: { number: bigint; body: string; notes: string };
  device_values: { kind: string; value: string; number: bigint };
  device_text: { number: bigint; told: string; said: string };
  device_unions: { part: bigint; by_whom: string; at: Integer; body: string };
  devices_apart: { sensor: string; address: string };
  device_groups: { id: Generated<bigint>; name: string; filter: string | null; by_whom: string; at: Integer };
  subnets: { cidr: string; name: string; kind: string; by_whom: string; at: Integer };
  vlans: { id: Integer; name: string };
  events: {
    seq: Generated<bigint>;
    sensor: string;
    id: string;
    time: bigint;
    type: string;
    severity: string;
    user_operation: Integer;
    body: string;
  };
  event_devices: { device: string; event: bigint };
}
