/** What a device says of itself in CONNECT: client id and user name (IoT Hub, using the MQTT protocol directly). */
import { HubError } from '../hub-error.ts';
import { type IdentityName, isValidId, nameText } from '../identity/identity.ts';

export interface ConnectRequest {
  readonly name: IdentityName;
  readonly host: string;
  /** Model that the device announces, null mostly. */
  readonly modelId: string | null;
}

const OLDEST_VERSION = '2016-11-14';

/**
 * Reads `{host}/{device}[/{module}]/?api-version=2021-04-12[&model-id=..]`, or the older form without the `?`.
 * @throws HubError ArgumentInvalid when the user name is malformed or names others than the client id
 */
export function parseConnect(clientId: string, userName: string): ConnectRequest {
  const slash = userName.indexOf('/');
  const marker = Math.max(userName.lastIndexOf('/?'), userName.lastIndexOf('/api-version='));
  if (slash < 1 || marker < slash)
    throw malformed(`The user name ${JSON.stringify(userName.slice(0, 100))} is not host/device/?api-version=...`);
  const name = parseName(userName.slice(slash + 1, marker));
  if (!name) throw malformed(`The user name ${JSON.stringify(userName.slice(0, 100))} names no valid device.`);
  if (nameText(name) !== clientId)
    throw malformed(`The client id ${JSON.stringify(clientId.slice(0, 100))} is not the device of the user name, ${nameText(name)}.`);
  const query = new URLSearchParams(userName.slice(marker + 1).replace(/^\?/, ''));
  const version = query.get('api-version') ?? '';
  if (!isKnownVersion(version))
    throw malformed(`The api-version ${JSON.stringify(version.slice(0, 30))} is not ${OLDEST_VERSION} or later.`);
  return { name, host: userName.slice(0, slash), modelId: query.get('model-id') };
}

function parseName(text: string): IdentityName | undefined {
  const [deviceId, moduleId = null, ...more] = text.split('/');
  if (more.length > 0 || !isValidId(deviceId) || (moduleId !== null && !isValidId(moduleId))) return undefined;
  return { deviceId, moduleId };
}

/** True for `YYYY-MM-DD`, with or without `-preview`, from 2016-11-14 on. */
export function isKnownVersion(version: string): boolean {
  return /^\d{4}-\d{2}-\d{2}(-preview)?$/.test(version) && version.slice(0, 10) >= OLDEST_VERSION;
}

function malformed(message: string): HubError {
  return new HubError('ArgumentInvalid', message, 'malformed');
}
