/** Writes security messages as an agent on a device sends them, until there is one. */
import { randomUUID } from 'node:crypto';

/** Marks a message as one of an agent: its interface id. */
export const SECURITY_INTERFACE = 'urn:azureiot:Security:SecurityAgent:1';

export interface WrittenEvent {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly payload: readonly Readonly<Record<string, unknown>>[];
}

/** The body of a security message, JSON in UTF-8. */
export function securityMessage(...events: readonly WrittenEvent[]): Buffer {
  return Buffer.from(
    JSON.stringify({
      AgentVersion: '0.0.1',
      AgentId: randomUUID(),
      MessageSchemaVersion: '1.0',
      Events: events.map(({ name, time, payload }) => ({
        Id: randomUUID(),
        TimestampLocal: new Date(time).toISOString(),
        TimestampUTC: new Date(time).toISOString(),
        Category: payload.length === 0 ? 'Periodic' : 'Triggered',
        Name: name,
        EventType: 'Security',
        IsEmpty: payload.length === 0,
        PayloadSchemaVersion: '1.0',
        Payload: payload,
      })),
    }),
  );
}

/** A connection of the device. Ports are texts, as agents write them. */
export function connectionCreate(
  time: number,
  direction: 'In' | 'Out',
  remote: string,
  remotePort = 443,
  localPort = 40_000,
): WrittenEvent {
  const payload = {
    RemoteAddress: remote,
    RemotePort: String(remotePort),
    LocalAddress: '192.168.1.10',
    LocalPort: String(localPort),
    Direction: direction,
    Protocol: 'tcp',
    ProcessId: 812,
    UserId: '1000',
    Executable: '/usr/bin/collector',
    CommandLine: '/usr/bin/collector --all',
  };
  return { name: 'ConnectionCreate', time, payload: [payload] };
}

/** A login at the device, or with a remote address over the network. */
export function login(time: number, user: string, result: 'Success' | 'Fail', remote?: string): WrittenEvent {
  const payload = {
    ProcessId: 1412,
    UserName: user,
    Operation: 'Login',
    Executable: '/bin/login',
    Result: result,
    ...(remote === undefined ? {} : { RemoteAddress: remote }),
  };
  return { name: 'Login', time, payload: [payload] };
}

/** A process that was started. @param hits how many of them an aggregated event stands for */
export function processCreate(time: number, executable: string, hits?: number): WrittenEvent {
  const payload = {
    Executable: executable,
    ProcessId: 2100,
    ParentProcessId: 1,
    UserName: 'root',
    CommandLine: executable,
    ...(hits === undefined ? {} : { ExtraDetails: { HitCount: String(hits) } }),
  };
  return { name: 'ProcessCreate', time, payload: [payload] };
}
