/**
 * DCP, the discovery and configuration protocol of PROFINET (IEC 61158-6-10, 4.3): stations are found by name, and given
 * names and addresses. Hot code: a repeated answer of a station allocates nothing.
 */
import { i32, ipv4Text, text, u16 } from '@annunciator/packet/bytes';
import { type Facts, type IdentityFact, Role } from '../facts.ts';
import { hashOf } from '../hash.ts';
import { PROTOCOLS } from '../registry.ts';
import {
  blockErrorName,
  blockName,
  ControlBlock,
  DcpFrame,
  DcpService,
  dcpServiceName,
  DeviceBlock,
  isDcpService,
  NOT_SUPPORTED,
  Option,
  type ProfinetViolation,
  ServiceType,
  VIOLATIONS,
  vendorName,
} from './names.ts';

const DCP = PROTOCOLS.profinetDcp.index;
/** Service id and type, transaction id, delay, length of the blocks. */
const HEADER = 10;
/** Set requests may repeat blocks; more are read but not told. */
const MOST_TOLD = 16;

/** Hash of what a station last said about itself, so that polling does not repeat it. */
export class DcpFlow {
  said = 0;
}

function violate(facts: Facts, name: ProfinetViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: DCP, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

/** Reads a DCP message after its frame id. */
export function readDcp(facts: Facts, frameId: number, bytes: Uint8Array, start: number, end: number): void {
  if (end - start < HEADER) {
    facts.message(DCP, 0, Role.Notification);
    if (facts.complete) violate(facts, 'profinet-dcp.length-mismatch', `${end - start} bytes are too few for a DCP header.`);
    return;
  }
  const service = bytes[start];
  const type = bytes[start + 1];
  const asks = type === ServiceType.Request;
  facts.message(DCP, service, service === DcpService.Hello ? Role.Notification : asks ? Role.Request : Role.Response);
  if (facts.countsFields) {
    facts.field('pn_dcp.service_id', service);
    facts.field('pn_dcp.service_type', type);
  }
  if (!isDcpService(service) || (type !== ServiceType.Request && type !== ServiceType.Success && type !== ServiceType.Unsupported)) {
    violate(facts, 'profinet-dcp.service', `Service ${service} with type ${type}.`);
    return;
  }
  if (!belongs(frameId, service, asks))
    violate(facts, 'profinet-dcp.service', `${dcpServiceName(service)} in a frame with id 0x${frameId.toString(16)}.`);
  if (type === ServiceType.Unsupported) tellError(facts, service, 0, 0, NOT_SUPPORTED);
  const length = u16(bytes, start + 8);
  const from = start + HEADER;
  if (from + length > end && facts.complete)
    violate(facts, 'profinet-dcp.length-mismatch', `${length} bytes of blocks announced, ${end - from} sent.`);
  const to = Math.min(end, from + length);
  if (asks && service === DcpService.Get) return;
  if (asks && service === DcpService.Identify) {
    if (frameId === DcpFrame.IdentifyRequest && !facts.toGroup)
      facts.tell({ is: 'action', protocol: DCP, action: 'identity.request', phase: 'requested', text: 'DCP Identify to one station' });
    readBlocks(facts, service, asks, bytes, from, to);
    return;
  }
  readBlocks(facts, service, asks, bytes, from, to);
  if (service !== DcpService.Set) tellStation(facts, bytes, from, to);
}

function belongs(frameId: number, service: number, asks: boolean): boolean {
  switch (service) {
    case DcpService.Hello:
      return frameId === DcpFrame.Hello;
    case DcpService.Identify:
      return frameId === (asks ? DcpFrame.IdentifyRequest : DcpFrame.IdentifyResponse);
    default:
      return frameId === DcpFrame.GetSet;
  }
}

/** Walks over the blocks: checks their lengths and tells what is set, and what was refused. */
function readBlocks(facts: Facts, service: number, asks: boolean, bytes: Uint8Array, start: number, end: number): void {
  let told = 0;
  for (let at = start; at < end; ) {
    const length = at + 4 <= end ? u16(bytes, at + 2) : 0;
    const body = at + 4;
    if (body + length > end) {
      if (facts.complete) violate(facts, 'profinet-dcp.block-length', `A block of ${length} bytes, ${Math.max(0, end - body)} are left.`);
      return;
    }
    const option = bytes[at];
    const suboption = bytes[at + 1];
    if (option === Option.Control && suboption === ControlBlock.Response && !asks) {
      if (length < 3) violate(facts, 'profinet-dcp.block-length', `A response block of ${length} bytes, 3 expected.`);
      else if (told++ < MOST_TOLD) tellResult(facts, service, bytes[body], bytes[body + 1], bytes[body + 2]);
    } else if (service === DcpService.Set && asks && told++ < MOST_TOLD)
      tellSet(facts, 'requested', option, suboption, bytes, body, body + length);
    at = body + length + (length & 1);
  }
}

function tellResult(facts: Facts, service: number, option: number, suboption: number, error: number): void {
  if (error !== 0) tellError(facts, service, option, suboption, error);
  if (service === DcpService.Set) tellSet(facts, error === 0 ? 'accepted' : 'refused', option, suboption, null, 0, 0);
}

function tellError(facts: Facts, service: number, option: number, suboption: number, error: number): void {
  const block = option === 0 ? '' : ` of ${blockName(option, suboption)}`;
  const text = `${dcpServiceName(service)}${block}: ${blockErrorName(error)}`;
  const parameters = { service: dcpServiceName(service), option, suboption };
  facts.tell({ is: 'failure', protocol: DCP, name: 'profinet-dcp.block-error', code: error, operation: service, text, parameters });
}

/** A station is told to take a value, or says what became of it. */
function tellSet(
  facts: Facts,
  phase: 'requested' | 'accepted' | 'refused',
  option: number,
  suboption: number,
  bytes: Uint8Array | null,
  start: number,
  end: number,
): void {
  const what = blockName(option, suboption);
  if (option === Option.Control) {
    if (suboption === ControlBlock.FactoryReset || suboption === ControlBlock.ResetToFactory)
      facts.tell({
        is: 'action',
        protocol: DCP,
        action: 'device.factory-reset',
        phase,
        text: `DCP Set, ${what}`,
        parameters: { option, suboption },
      });
    return;
  }
  let value = '';
  // A qualifier (temporary or permanent) stands before the value.
  if (bytes !== null && option === Option.Ip && end - start >= 14) value = ipv4Text(i32(bytes, start + 2));
  else if (bytes !== null && option === Option.Device && suboption === DeviceBlock.NameOfStation && end - start >= 2)
    value = text(bytes, start + 2, end, 240);
  facts.tell({
    is: 'action',
    protocol: DCP,
    action: 'configuration.write',
    phase,
    text: `DCP Set of ${what}`,
    parameters: { option, suboption, ...(value !== '' && { value }) },
  });
}

/** Tells what a station says about itself: blocks with two bytes of information before the value. */
function tellStation(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const hash = hashOf(bytes, start, end);
  if (!(facts.state instanceof DcpFlow)) facts.state = new DcpFlow();
  const flow = facts.state as DcpFlow; // assigned in the line before when it was none
  if (flow.said === hash) return;
  flow.said = hash;
  const fact: { -readonly [Part in keyof IdentityFact]: IdentityFact[Part] } = { is: 'identity', protocol: DCP, of: 'sender' };
  let known = false;
  for (let at = start; at + 4 <= end; ) {
    const length = u16(bytes, at + 2);
    const value = at + 6;
    const after = at + 4 + length;
    if (after > end) break;
    if (bytes[at] === Option.Device && length > 2 && readDevice(fact, bytes[at + 1], bytes, value, after)) known = true;
    at = after + (length & 1);
  }
  if (known) facts.tell(fact);
}

function readDevice(
  fact: { -readonly [Part in keyof IdentityFact]: IdentityFact[Part] },
  suboption: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  switch (suboption) {
    case DeviceBlock.TypeOfStation:
      fact.model = text(bytes, start, end).trim();
      return true;
    case DeviceBlock.NameOfStation:
      fact.name = text(bytes, start, end, 240);
      return true;
    case DeviceBlock.DeviceId:
      if (end - start < 4) return false;
      fact.vendor = vendorName(u16(bytes, start));
      return true;
    case DeviceBlock.Role: {
      const type = roleType(bytes[start]);
      if (type !== '') fact.type = type;
      return type !== '';
    }
    default:
      return false;
  }
}

/** Device type of the inventory by the bits of the device role: device, controller, multidevice, supervisor. */
function roleType(role: number): string {
  if (role & 2) return 'PLC';
  if (role & 8) return 'Engineering Station';
  return role & 1 ? 'I/O Adapter' : '';
}
