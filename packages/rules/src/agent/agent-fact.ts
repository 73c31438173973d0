/** What custom alerts read of an agent's events: connections, logins, processes. */
import { type AgentEvent, hitsOf, type PayloadElement, textOf } from './security-message.ts';

export type AgentFact =
  | {
      readonly kind: 'connection';
      readonly time: number;
      readonly direction: 'In' | 'Out';
      readonly tuple: string;
      readonly remote: string;
      readonly hits: number;
    }
  | {
      readonly kind: 'login';
      readonly time: number;
      readonly user: string;
      readonly succeeded: boolean;
      readonly local: boolean;
      readonly hits: number;
    }
  | { readonly kind: 'process'; readonly time: number; readonly executable: string; readonly hits: number };

/** Facts of events, in order. What says too little is passed over. */
export function factsOf(events: readonly AgentEvent[]): AgentFact[] {
  return events.flatMap(({ name, time, payload }) => {
    const read = READERS.get(name);
    return read ? payload.flatMap((element) => read(element, time) ?? []) : [];
  });
}

type Reader = (element: PayloadElement, time: number) => AgentFact | undefined;

function connection(element: PayloadElement, time: number): AgentFact | undefined {
  const remote = textOf(element, 'remoteaddress');
  const direction = directionOf(element);
  if (remote === '' || direction === undefined) return undefined;
  const protocol = (textOf(element, 'protocol') || textOf(element, 'transportprotocol')).toLowerCase();
  const tuple = JSON.stringify([textOf(element, 'localaddress'), remote, textOf(element, 'remoteport'), protocol, direction]);
  return { kind: 'connection', time, direction, tuple, remote, hits: hitsOf(element) };
}

/** The micro agent does not say who began: the side with the higher port did, as ports of services are low. */
function directionOf(element: PayloadElement): 'In' | 'Out' | undefined {
  const direction = textOf(element, 'direction').toLowerCase();
  if (direction === 'in' || direction === 'out') return direction === 'in' ? 'In' : 'Out';
  if (direction !== '') return undefined;
  return Number(textOf(element, 'localport')) < Number(textOf(element, 'remoteport')) ? 'In' : 'Out';
}

const AT_THE_DEVICE = new Set(['', '0.0.0.0', '127.0.0.1', '::1', '::']);

function login(element: PayloadElement, time: number): AgentFact | undefined {
  const operation = textOf(element, 'operation').toLowerCase();
  const result = textOf(element, 'result').toLowerCase();
  if (operation === 'logout' || (result === '' && operation === '')) return undefined;
  const user = textOf(element, 'username') || textOf(element, 'userid');
  const local = AT_THE_DEVICE.has(textOf(element, 'remoteaddress'));
  return {
    kind: 'login',
    time,
    user,
    succeeded: result === '' ? operation === 'login' : result === 'success',
    local,
    hits: hitsOf(element),
  };
}

function process(element: PayloadElement, time: number): AgentFact | undefined {
  const executable = textOf(element, 'executable') || firstWord(textOf(element, 'commandline'));
  return executable === '' ? undefined : { kind: 'process', time, executable, hits: hitsOf(element) };
}

/** The program of a command line; a path with blanks stands in quotes. */
function firstWord(line: string): string {
  const match = /^\s*(?:"([^"]*)"|'([^']*)'|(\S+))/.exec(line);
  return match?.slice(1).find((part) => part !== undefined) ?? '';
}

const READERS: ReadonlyMap<string, Reader> = new Map([
  ['ConnectionCreate', connection],
  ['NetworkActivity', connection],
  ['Login', login],
  ['ProcessCreate', process],
  ['Process', process],
]);

/** The last part of a path. */
export function baseName(executable: string): string {
  return executable.slice(Math.max(executable.lastIndexOf('/'), executable.lastIndexOf('\\')) + 1);
}
