/** Devices as people look for them: part of an id, status, connection and security group, in the order of the ids. */
import type { Identity } from '../identity/identity.ts';
import { identityColumns, identityOf } from '../state/identities.ts';
import type { Sql } from '../state/sql.ts';

export interface DeviceQuestion {
  /** Part of the id, upper or lower case; empty for all. */
  readonly search: string;
  readonly status: 'enabled' | 'disabled' | null;
  readonly connected: boolean | null;
  /** Upper or lower case. */
  readonly securityGroup: string | null;
  /** Devices with greater ids only; empty for the first page. */
  readonly after: string;
  readonly limit: number;
}

export interface ListedDevice extends Identity {
  /** As the tag has it; `default` without a tag. */
  readonly securityGroup: string;
  readonly modules: number;
}

export interface DeviceList {
  readonly devices: readonly ListedDevice[];
  /** Devices that fit, on all pages; null on pages after the first. */
  readonly matching: number | null;
}

const tagOf = (tags: string): string =>
  `CASE WHEN json_type(${tags}, '$.SecurityGroup') = 'text' THEN nullif(trim(json_extract(${tags}, '$.SecurityGroup')), '') END`;

const ofModule = (module: string): string =>
  `(SELECT ${tagOf('t.tags')} FROM twin t WHERE t.device = identity.device AND t.module = '${module}')`;

/** The tag of the security modules goes before that of the device. */
const GROUP = `coalesce(${ofModule('azureiotsecurity')}, ${ofModule('DefenderIotMicroAgent')}, ${ofModule('')}, 'default')`;

const WHERE = `identity.module = ''
  AND (:search = '' OR instr(lower(identity.device), :search) > 0)
  AND (:status IS NULL OR identity.status = :status)
  AND (:connected IS NULL OR identity.connected = :connected)
  AND (:grouped IS NULL OR lower(${GROUP}) = :grouped)`;

const PAGE = `SELECT ${identityColumns('identity')}, ${GROUP} AS security_group,
    (SELECT count(*) FROM identity m WHERE m.device = identity.device AND m.module <> '') AS modules
  FROM identity WHERE identity.device > :after AND ${WHERE} ORDER BY identity.device LIMIT :limit`;

const COUNT = `SELECT count(*) AS n FROM identity WHERE ${WHERE}`;

/** A page of the devices of all partitions. */
export function listDevices(partitions: readonly Sql[], question: DeviceQuestion): DeviceList {
  const { after, limit } = question;
  const fits = {
    search: question.search.toLowerCase(),
    status: question.status,
    connected: question.connected === null ? null : Number(question.connected),
    grouped: question.securityGroup?.toLowerCase() ?? null,
  };
  const devices = partitions
    .flatMap((sql) => sql.allNamed(PAGE, { ...fits, after, limit }))
    .map((row) => ({ ...identityOf(row), securityGroup: String(row['security_group']), modules: Number(row['modules']) }))
    .sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1))
    .slice(0, limit);
  const matching = after === '' ? partitions.reduce((sum, sql) => sum + Number(sql.allNamed(COUNT, fits)[0]?.['n'] ?? 0), 0) : null;
  return { devices, matching };
}
