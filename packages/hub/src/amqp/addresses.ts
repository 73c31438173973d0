/** Link addresses, which say what a link is for (IoT Hub, AMQP endpoints). */
import type { IdentityName } from '../identity/identity.ts';

type DeviceLink = 'events' | 'commands' | 'methods' | 'twin';
type DeviceAddress<Kind extends DeviceLink> = Kind extends unknown ? { readonly kind: Kind; readonly name: IdentityName } : never;

export type LinkAddress =
  | { readonly kind: 'cbs' }
  | DeviceAddress<DeviceLink>
  | { readonly kind: 'send' | 'feedback' | 'fileNotifications' }
  /** Reads messages of devices from a partition. */
  | { readonly kind: 'readEvents'; readonly partition: number; readonly consumerGroup: string }
  | { readonly kind: 'management' };

const DEVICE_LINKS: Readonly<Record<string, DeviceLink>> = {
  'messages/events': 'events',
  'messages/devicebound': 'commands',
  'methods/devicebound': 'methods',
  twin: 'twin',
};

const SERVICE_LINKS: Readonly<Record<string, 'send' | 'feedback' | 'fileNotifications'>> = {
  'messages/devicebound': 'send',
  'messages/servicebound/feedback': 'feedback',
  'messages/servicebound/filenotifications': 'fileNotifications',
};

const PARTITION = /^(?:messages\/events|[^/]+)\/consumergroups\/([^/]+)\/partitions\/(\d{1,4})$/i;

/** What an address means, undefined when there is nothing there. A scheme and host before the path are passed over. */
export function parseAddress(address: string): LinkAddress | undefined {
  const path = address.replace(/^amqps?:\/\/[^/]*/, '').replace(/^\/+|\/+$/g, '');
  const lower = path.toLowerCase();
  if (lower === '$cbs') return { kind: 'cbs' };
  if (lower === '$management' || lower.endsWith('/$management')) return { kind: 'management' };
  const service = Object.hasOwn(SERVICE_LINKS, lower) ? SERVICE_LINKS[lower] : undefined;
  if (service) return { kind: service };
  const reading = PARTITION.exec(path);
  if (reading) return { kind: 'readEvents', consumerGroup: reading[1], partition: Number(reading[2]) };
  const parsed = parseDevicePath(path);
  if (!parsed || !Object.hasOwn(DEVICE_LINKS, parsed.rest.toLowerCase())) return undefined;
  return { kind: DEVICE_LINKS[parsed.rest.toLowerCase()], name: parsed.name };
}

/** The device in `devices/{id}[/modules/{m}][/...]`, and what follows it. */
export function parseDevicePath(path: string): { name: IdentityName; rest: string } | undefined {
  const [devices, device, ...rest] = path.replace(/^\/+|\/+$/g, '').split('/');
  if (devices.toLowerCase() !== 'devices' || !device) return undefined;
  const isModule = rest[0]?.toLowerCase() === 'modules' && rest[1];
  const moduleId = isModule ? decode(rest[1]) : null;
  return { name: { deviceId: decode(device), moduleId }, rest: rest.slice(isModule ? 2 : 0).join('/') };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Ids may hold a percent sign, and some clients send them as they are.
    return segment;
  }
}
