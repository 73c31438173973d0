/**
 * Security messages: what an agent on a device reports, in the envelope of the classic agent. A message that does not fit is
 * ignored as a whole, with the reason; so an agent that misbehaves cannot half count.
 */
import { z } from 'zod';

/** An event of an agent with the elements of its payload. */
export interface AgentEvent {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970, by the clock of the device. */
  readonly time: number;
  readonly payload: readonly PayloadElement[];
}

/** Members by their names in lower case without underscores: the classic agent and the micro agent spell them differently. */
export type PayloadElement = ReadonlyMap<string, unknown>;

export type ReadMessage = { readonly events: readonly AgentEvent[] } | { readonly reason: string };

/** Events of a message, and elements of a payload; more is no message of an agent. */
const MOST_EVENTS = 10_000;

const guid = z.string().regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, 'is no GUID');
const eventSchema = z.strictObject({
  Id: guid,
  TimestampLocal: z.string(),
  TimestampUTC: z.string(),
  Category: z.enum(['Periodic', 'Triggered', 'Aggregated']),
  Name: z.string().min(1).max(128),
  EventType: z.enum(['Security', 'Operational', 'Diagnostic']),
  IsEmpty: z.boolean(),
  PayloadSchemaVersion: z.string(),
  Payload: z.array(z.record(z.string(), z.unknown())).max(MOST_EVENTS),
});
const messageSchema = z.strictObject({
  AgentVersion: z.string(),
  AgentId: guid,
  MessageSchemaVersion: z.string(),
  Events: z.array(eventSchema).min(1).max(MOST_EVENTS),
});

/** What elements of an event must have; one of several where a slash stands between. Names as {@link PayloadElement} has them. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  ProcessCreate: ['executable', 'processid', 'parentprocessid', 'userid/username', 'commandline'],
  ProcessTerminate: ['executable', 'processid', 'exitstatus'],
  ConnectionCreate: ['remoteaddress', 'remoteport', 'direction', 'protocol', 'processid', 'executable'],
  Login: ['userid/username', 'result/operation'],
  ListeningPorts: ['localport', 'protocol'],
  FirewallConfiguration: ['enabled', 'action'],
  LocalUsers: ['userid', 'username', 'groupids', 'groupnames'],
  ConnectedHardware: ['hardwarecategory', 'hardwaresubcategory', 'hardwarename'],
  OSBaseline: ['cceid', 'description', 'result', 'error', 'severity'],
  Diagnostic: ['severity', 'message', 'processid', 'threadid'],
  ConfigurationError: ['configurationname', 'errortype', 'usedconfiguration', 'message'],
  DroppedEventsStatistics: ['queue', 'collectedevents', 'droppedevents'],
  MessageStatistics: ['messagessent', 'messagesunder4kb', 'totalfailed'],
  Process: ['commandline/executable'],
  NetworkActivity: ['remoteaddress', 'remoteport'],
};

/** Reads the body of a security message. Never throws. */
export function readSecurityMessage(body: Uint8Array): ReadMessage {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return { reason: 'The body is no JSON text in UTF-8.' };
  }
  const message = messageSchema.safeParse(parsed);
  if (!message.success) {
    const [issue] = message.error.issues;
    return { reason: `${issue.path.join('.') || 'The message'}: ${issue.message}` };
  }
  const events: AgentEvent[] = [];
  for (const event of message.data.Events) {
    const time = agentTime(event.TimestampUTC);
    if (time === undefined)
      return { reason: `TimestampUTC ${JSON.stringify(event.TimestampUTC.slice(0, 40))} of event ${event.Id} is no time.` };
    if (event.IsEmpty !== (event.Payload.length === 0))
      return { reason: `Event ${event.Id} says IsEmpty ${event.IsEmpty} and has ${event.Payload.length} elements.` };
    if (event.IsEmpty && event.Category !== 'Periodic') return { reason: `Event ${event.Id} is ${event.Category} and empty.` };
    const payload = event.Payload.map(elementOf);
    const missing = missingMember(event.Name, payload);
    if (missing) return { reason: `An element of event ${event.Id} (${event.Name}) has no ${missing}.` };
    events.push({ id: event.Id, name: event.Name, time, payload });
  }
  return { events };
}

function elementOf(element: Readonly<Record<string, unknown>>): PayloadElement {
  return new Map(Object.entries(element).map(([name, value]) => [name.toLowerCase().replaceAll('_', ''), value]));
}

function missingMember(name: string, payload: readonly PayloadElement[]): string | undefined {
  // Names are those of a fixed table; others have no members that must be there.
  const required = Object.hasOwn(REQUIRED, name) ? REQUIRED[name] : [];
  for (const element of payload)
    for (const one of required)
      if (!one.split('/').some((member) => element.get(member) !== undefined && element.get(member) !== null))
        return one.replace('/', ' or ');
  return undefined;
}

/** RFC 3339, with a blank for the T as some agents write it; UTC where no zone stands. */
function agentTime(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?\s?(Z|[+-]\d\d:?\d\d|GMT|UTC)?$/i.exec(text.trim());
  if (!match) return undefined;
  const [, day, clock, fraction = '', zone = 'Z'] = match;
  const time = Date.parse(`${day}T${clock}${fraction.slice(0, 4)}${/^(gmt|utc|z)$/i.test(zone) ? 'Z' : zone}`);
  return Number.isNaN(time) ? undefined : time;
}

/** A member as text, empty when it is none. */
export function textOf(element: PayloadElement, name: string): string {
  const value = element.get(name);
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** How often an aggregated element stands for the same thing; 1 without a count. */
export function hitsOf(element: PayloadElement): number {
  const extra = element.get('extradetails');
  const counted = element.get('hitcount') ?? (typeof extra === 'object' && extra !== null ? Reflect.get(extra, 'HitCount') : undefined);
  const hits = Number(counted);
  return Number.isInteger(hits) && hits > 0 && hits <= 1_000_000_000 ? hits : 1;
}
