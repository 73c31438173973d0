/** Devices and modules from the command line. */
import { connectionString } from '@annunciator/hub/authentication/connection-string';
import { z } from 'zod';
import { table } from '../formats/table.ts';
import { type HubClient, withHub } from './hub-client.ts';

const identitySchema = z.looseObject({
  deviceId: z.string(),
  moduleId: z.string().optional(),
  status: z.string().optional(),
  connectionState: z.string(),
  lastActivityTime: z.string(),
  authentication: z.object({ type: z.string(), symmetricKey: z.object({ primaryKey: z.string().nullable() }) }),
});

type IdentityDocument = z.infer<typeof identitySchema>;

const NEVER = '0001-01-01T00:00:00Z';
/** Devices asked for at once. */
const PAGE = 1000;

function path(device: string, module: string | null): string {
  const own = `/devices/${encodeURIComponent(device)}`;
  return module === null ? own : `${own}/modules/${encodeURIComponent(module)}`;
}

function connectionStringOf({ host }: HubClient, { deviceId, moduleId, authentication }: IdentityDocument): string {
  return connectionString(
    host,
    { deviceId, moduleId: moduleId ?? null },
    authentication.type === 'sas' ? authentication.symmetricKey.primaryKey : null,
  );
}

export interface DeviceFlags {
  readonly thumbprint?: string;
  readonly authority?: boolean;
  readonly disabled?: boolean;
}

/** Creates a device; returns its connection string. */
export function createDevice(data: string, id: string, { thumbprint, authority, disabled }: DeviceFlags): Promise<string> {
  const authentication = thumbprint
    ? { type: 'selfSigned', x509Thumbprint: { primaryThumbprint: thumbprint } }
    : { type: authority ? 'certificateAuthority' : 'sas' };
  return withHub(data, async (hub) => {
    const { body } = await hub.call('PUT', path(id, null), { deviceId: id, authentication, status: disabled ? 'disabled' : 'enabled' });
    return connectionStringOf(hub, identitySchema.parse(body));
  });
}

/** Creates a module; returns its connection string. */
export function createModule(data: string, device: string, module: string): Promise<string> {
  return withHub(data, async (hub) => {
    const { body } = await hub.call('PUT', path(device, module), { deviceId: device, moduleId: module, authentication: { type: 'sas' } });
    return connectionStringOf(hub, identitySchema.parse(body));
  });
}

/** The connection string of a device or module, or its document. */
export function showIdentity(data: string, device: string, module: string | null, json: boolean): Promise<string> {
  return withHub(data, async (hub) => {
    const { body } = await hub.call('GET', path(device, module));
    return json ? JSON.stringify(body, null, 2) : connectionStringOf(hub, identitySchema.parse(body));
  });
}

export function deleteIdentity(data: string, device: string, module: string | null): Promise<void> {
  return withHub(data, async (hub) => void (await hub.call('DELETE', path(device, module), undefined, { 'if-match': '"*"' })));
}

/** Lines that list the devices: a table, or one JSON document each. */
export async function* listDevices(data: string, json: boolean): AsyncGenerator<string> {
  const devices = await withHub(data, allDevices);
  if (json) yield* devices.map((device) => JSON.stringify(device));
  else yield* identityTable('DEVICE', devices);
}

async function allDevices(hub: HubClient): Promise<IdentityDocument[]> {
  const devices: IdentityDocument[] = [];
  for (let after = ''; ; ) {
    const { body } = await hub.call('GET', `/devices?top=${PAGE}&after=${encodeURIComponent(after)}`);
    const page = z.array(identitySchema).parse(body);
    devices.push(...page);
    if (page.length < PAGE) return devices;
    after = page[page.length - 1].deviceId;
  }
}

export function listModules(data: string, device: string): Promise<string[]> {
  return withHub(data, async (hub) => {
    const { body } = await hub.call('GET', `${path(device, null)}/modules`);
    return identityTable('MODULE', z.array(identitySchema).parse(body));
  });
}

function identityTable(title: string, identities: readonly IdentityDocument[]): string[] {
  const columns = [
    { title, least: 12 },
    { title: 'STATUS' },
    { title: 'CONNECTION' },
    { title: 'LAST ACTIVITY' },
    { title: 'AUTHENTICATION' },
  ];
  const rows = identities.map(({ deviceId, moduleId, status, connectionState, lastActivityTime, authentication }) => [
    moduleId ?? deviceId,
    status ?? '',
    connectionState,
    lastActivityTime === NEVER ? 'never' : lastActivityTime,
    authentication.type,
  ]);
  return table(columns, rows, process.stdout.columns ?? 120);
}
