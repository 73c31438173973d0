/**
 * What commands ask the hub of a data directory: through its REST calls, with the key of iothubowner. A hub that does not run
 * is started for the moment, on a port of the loopback address that nobody else knows. Whoever can read the data directory
 * owns the hub, so this asks for no password.
 */
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { createSasToken } from '@annunciator/hub/authentication/sas-token';
import { DEFAULT_LIMITS } from '@annunciator/hub/core/limits';
import { type RunningHub, startHub } from '@annunciator/hub/start';
import { readHubRecords } from '@annunciator/hub/state/hub-records';
import { issuedCertificate } from '@annunciator/server/http/certificates';
import { StoreError } from '@annunciator/store/store-error';
import { z } from 'zod';
import { hubDirectory } from './run-hub.ts';
import { findHub } from './running-hub.ts';

export interface HubClient {
  /** Host name that devices use. */
  readonly host: string;
  /** The answer's body, parsed from JSON; null when it is empty. @throws Error with the sentence of a refusal */
  call(method: string, path: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<HubAnswer>;
}

export interface HubAnswer {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const VERSION = 'api-version=2021-04-12';
const TOKEN_SECONDS = 600;

/** Runs `act` with the hub of a data directory, running or not. */
export async function withHub<T>(data: string, act: (client: HubClient) => Promise<T>): Promise<T> {
  const directory = hubDirectory(data);
  let moment: Moment;
  try {
    moment = await startForTheMoment(directory);
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'in-use')) throw error;
    const running = await findHub(directory);
    if (!running) throw error;
    if (running.ports.https === null) throw new Error('The running hub has no HTTPS port: start it with --https-port.', { cause: error });
    // A hub with the user's own certificate has none, and is known by whom the system trusts.
    const authority = await readFile(join(directory, 'ca.pem'), 'utf8').catch(() => undefined);
    return act(clientOf(directory, running.host, running.ports.https, authority));
  }
  const { hub, authority } = moment;
  try {
    return await act(clientOf(directory, hub.hub.context.names.host, hub.ports.https ?? 0, authority));
  } finally {
    await hub.close();
  }
}

interface Moment {
  readonly hub: RunningHub;
  /** PEM. */
  readonly authority: string;
}

async function startForTheMoment(directory: string): Promise<Moment> {
  const names = readHubRecords(directory)?.names ?? ['localhost'];
  const [host, ...otherNames] = names;
  let authority = '';
  const log = (line: string): void => console.error(line);
  const hub = await startHub({
    hub: { directory, host, otherNames, partitions: 4, limits: DEFAULT_LIMITS, rates: null, clock: Date.now, consumers: [], log },
    address: '127.0.0.1',
    ports: { mqtt: null, amqp: null, https: 0 },
    tls: async (keys) => {
      const issued = await issuedCertificate(keys, names);
      authority = issued.authority;
      return issued;
    },
  });
  return { hub, authority };
}

function clientOf(directory: string, host: string, port: number, authority: string | undefined): HubClient {
  const call = async (method: string, path: string, body?: object, headers: Readonly<Record<string, string>> = {}): Promise<HubAnswer> => {
    const owner = readHubRecords(directory)?.policies.find(({ name }) => name === 'iothubowner');
    if (!owner) throw new Error(`There is no hub in ${directory}: start one with "annunciator hub".`);
    const token = createSasToken(host, owner.primaryKey, Math.floor(Date.now() / 1000) + TOKEN_SECONDS, owner.name);
    return send({ method, port, host, path: `${path}${path.includes('?') ? '&' : '?'}${VERSION}`, authority, token, body, headers });
  };
  return { host, call };
}

interface Call {
  readonly method: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly authority: string | undefined;
  readonly token: string;
  readonly body: object | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

function send({ method, host, port, path, authority, token, body, headers }: Call): Promise<HubAnswer> {
  const payload = body ? JSON.stringify(body) : '';
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        servername: host,
        agent: false,
        headers: { authorization: token, 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload), ...headers },
        ca: [...getCACertificates('default'), ...(authority ? [authority] : [])],
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          if ((response.statusCode ?? 500) < 300) resolve({ body: text === '' ? null : JSON.parse(text), headers: response.headers });
          else reject(new Error(refusal(text)));
        });
      },
    );
    asked.on('error', (error) => reject(new Error(`The hub on port ${port} does not answer: ${error.message}.`)));
    asked.end(payload);
  });
}

const refusalSchema = z.object({ Message: z.string() });

/** The sentence in `ErrorCode:Name;sentence`. */
function refusal(text: string): string {
  try {
    return refusalSchema.parse(JSON.parse(text)).Message.replace(/^ErrorCode:\w+;/, '');
  } catch {
    return text;
  }
}
