/** Niagara Fox: hellos of a workbench and a station, and what follows. Written from captures of the protocol; its maker has not published it. */
import type { Host } from './host.ts';
import { octets } from './octets.ts';
import { Connection } from './tcp.ts';
import type { Timeline } from './timeline.ts';

export const PORT = 1911;

/** One message: the properties are lines such as `id=i:1`. */
export function message(type: string, sequence: number, reply: number, command: string, properties: readonly string[] = []): Uint8Array {
  const lines = [`fox ${type} ${sequence} ${reply} fox ${command}`, '{', ...properties, '};;', ''];
  return octets().text(lines.join('\n')).take();
}

/** A session in which both sides said hello and the station asked for a sign-in. */
export function hello(timeline: Timeline, workbench: Host, station: Host): Connection {
  const connection = new Connection(timeline, workbench, station, PORT);
  connection.request(
    message('a', 1, -1, 'hello', [
      'fox.version=s:1.0',
      'id=i:1',
      `hostName=s:${workbench.name}`,
      'app.name=s:Workbench',
      'os.name=s:Windows',
    ]),
  );
  connection.response(
    message('a', 0, -1, 'hello', [
      'fox.version=s:1.0',
      'id=i:2',
      `hostName=s:${station.ip}`,
      'app.name=s:Station',
      'app.version=s:4.10.0.154',
      'os.name=s:QNX',
      'os.version=s:6.5.0',
      `station.name=s:${station.name}`,
      'hostId=s:Qnx-JVLN-0000-05F0-7E2C',
      'brandId=s:vykon',
    ]),
  );
  connection.response(message('a', 1, -1, 'challenge', ['method=s:digest-md5']));
  return connection;
}

/** The workbench signs in and the station lets it in. */
export function signIn(connection: Connection): Connection {
  return connection.request(message('a', 2, 1, 'login', ['response=b:4[abcd]'])).response(message('a', 2, -1, 'welcome'));
}
