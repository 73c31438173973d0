/** What OPC UA responses tell: status codes of results, endpoints and build information, events (OPC 10000-4, 5). */
import { text, u16le, u32le } from '@annunciator/packet/bytes';
import type { Facts, IdentityFact } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import type { Cursor } from './cursor.ts';
import type { EventFilter, OpcuaFlow, Pending } from './flow.ts';
import { Service } from './names.ts';

const OPCUA = PROTOCOLS.opcua.index;

const DATA_CHANGE_NOTIFICATION = 811;
const EVENT_NOTIFICATION_LIST = 916;
const EVENT_FILTER_RESULT = 736;
const SERVER_STATUS = 864;
const BUILD_INFO = 340;

/** Nodes of the server's build information. */
const Node = { ServerStatus: 2256, BuildInfo: 2260, ProductName: 2261, ProductUri: 2262, Manufacturer: 2263, Version: 2264 } as const;

/** From this severity on an event wants a person (OPC 10000-5, 6.4.2 calls 667 and more high). */
const ATTENTION = 700;

type Identity = { -readonly [Part in keyof IdentityFact]: IdentityFact[Part] };

/** Reads the parameters of a response, after its header. `pending` is the request it answers when that was seen. */
export function readResponse(facts: Facts, flow: OpcuaFlow, pending: Pending | null, cursor: Cursor, service: number): void {
  switch (service) {
    case Service.GetEndpoints:
      readEndpoints(facts, flow, cursor);
      return;
    case Service.CreateSession:
      cursor.nodeId();
      cursor.nodeId();
      cursor.skip(8);
      cursor.string();
      cursor.string();
      readEndpoints(facts, flow, cursor);
      return;
    case Service.Read:
      readValues(facts, flow, pending, cursor);
      return;
    case Service.HistoryRead:
      for (let left = cursor.count(); left > 0 && cursor.good; left--) {
        cursor.statusCode();
        cursor.string();
        cursor.extensionObject();
      }
      return;
    case Service.AddNodes:
      for (let left = cursor.count(); left > 0 && cursor.good; left--) {
        cursor.statusCode();
        cursor.nodeId();
      }
      return;
    case Service.Browse:
    case Service.BrowseNext:
      for (let left = cursor.count(); left > 0 && cursor.good; left--) readBrowseResult(cursor);
      return;
    case Service.TranslateBrowsePathsToNodeIds:
      for (let left = cursor.count(); left > 0 && cursor.good; left--) {
        cursor.statusCode();
        for (let targets = cursor.count(); targets > 0 && cursor.good; targets--) {
          cursor.expandedNodeId();
          cursor.skip(4);
        }
      }
      return;
    case Service.Call:
      for (let left = cursor.count(); left > 0 && cursor.good; left--) {
        cursor.statusCode();
        cursor.skip(4 * cursor.count());
        cursor.diagnosticInfos();
        for (let outputs = cursor.count(); outputs > 0 && cursor.good; outputs--) cursor.variant();
      }
      return;
    case Service.CreateMonitoredItems:
    case Service.ModifyMonitoredItems:
      for (let left = cursor.count(); left > 0 && cursor.good; left--) {
        cursor.statusCode();
        cursor.skip(service === Service.CreateMonitoredItems ? 16 : 12);
        readFilterResult(cursor);
      }
      return;
    case Service.TransferSubscriptions:
      for (let left = cursor.count(); left > 0 && cursor.good; left--) {
        cursor.statusCode();
        cursor.skip(4 * cursor.count());
      }
      return;
    case Service.Publish:
      cursor.skip(4);
      cursor.skip(4 * cursor.count());
      cursor.skip(1);
      readNotification(facts, flow, cursor);
      return;
    case Service.Republish:
      readNotification(facts, flow, cursor);
      return;
    default:
  }
}

/** What became of an event filter (OPC 10000-4, 7.22.3 and 7.7.2). */
function readFilterResult(cursor: Cursor): void {
  cursor.extensionObject();
  if (!cursor.good || cursor.textStart < 0 || cursor.namespace !== 0 || cursor.numeric !== EVENT_FILTER_RESULT) return;
  const { at, end } = cursor;
  cursor.at = cursor.textStart;
  cursor.end = cursor.textEnd;
  cursor.skip(4 * cursor.count());
  cursor.diagnosticInfos();
  for (let elements = cursor.count(); elements > 0 && cursor.good; elements--) {
    cursor.statusCode();
    cursor.skip(4 * cursor.count());
    cursor.diagnosticInfos();
  }
  if (cursor.good) cursor.at = at;
  cursor.end = end;
}

function readBrowseResult(cursor: Cursor): void {
  cursor.statusCode();
  cursor.string();
  for (let references = cursor.count(); references > 0 && cursor.good; references--) {
    cursor.nodeId();
    cursor.skip(1);
    cursor.expandedNodeId();
    cursor.qualifiedName();
    cursor.localizedText();
    cursor.skip(4);
    cursor.expandedNodeId();
  }
}

function tellIdentity(facts: Facts, flow: OpcuaFlow, fact: Identity): void {
  const print = `${fact.vendor ?? ''}|${fact.model ?? ''}|${fact.firmware ?? ''}|${fact.name ?? ''}`;
  if (print === '|||' || print === flow.identity) return;
  flow.identity = print;
  facts.tell(fact);
}

const nobody = (): Identity => ({ is: 'identity', protocol: OPCUA, of: 'sender' });

/** EndpointDescriptions: the application description of the first one names the server. */
function readEndpoints(facts: Facts, flow: OpcuaFlow, cursor: Cursor): void {
  const count = cursor.count();
  if (count === 0 || !cursor.good) return;
  cursor.string();
  cursor.string();
  cursor.string();
  const product = cursor.text();
  cursor.localizedText();
  const name = cursor.text();
  const { at } = cursor;
  cursor.skip(4);
  if (!cursor.good || u32le(cursor.bytes, at) === 1) return; // a client
  const fact = nobody();
  if (name !== '') fact.name = name;
  if (product !== '') fact.model = product;
  tellIdentity(facts, flow, fact);
}

function readValues(facts: Facts, flow: OpcuaFlow, pending: Pending | null, cursor: Cursor): void {
  let fact: Identity | null = null;
  for (let left = cursor.count(), position = 0; left > 0 && cursor.good; left--, position++) {
    cursor.dataValue();
    if (pending === null || !cursor.good || !cursor.dataHasValue) continue;
    for (let i = 0; i < pending.watched; i++)
      if (pending.positions[i] === position) takeValue((fact ??= nobody()), cursor, pending.nodes[i]);
  }
  if (fact !== null && cursor.good) tellIdentity(facts, flow, fact);
}

/** Takes the value that the cursor has just passed: a text, or a structure in an extension object. */
function takeValue(fact: Identity, cursor: Cursor, node: number): void {
  if (cursor.variantArray) return;
  if (cursor.variantType === 22 && (node === Node.ServerStatus || node === Node.BuildInfo)) {
    const { at, end } = cursor;
    cursor.at = cursor.variantStart;
    cursor.extensionObject();
    const encoding = cursor.numeric;
    if (cursor.good && cursor.textStart >= 0 && (encoding === SERVER_STATUS || encoding === BUILD_INFO)) {
      cursor.at = cursor.textStart + (encoding === SERVER_STATUS ? 20 : 0);
      cursor.end = cursor.textEnd;
      readBuildInfo(fact, cursor);
      cursor.end = end;
    }
    cursor.at = at;
    return;
  }
  if (cursor.variantType !== 12 || cursor.textStart < 0) return;
  const value = text(cursor.bytes, cursor.textStart, cursor.textEnd);
  if (node === Node.ProductName) fact.model = value;
  else if (node === Node.ProductUri) fact.model ??= value;
  else if (node === Node.Manufacturer) fact.vendor = value;
  else if (node === Node.Version) fact.firmware = value;
}

/** BuildInfo (OPC 10000-5, 12.4): product URI, manufacturer, product name, software version. */
function readBuildInfo(fact: Identity, cursor: Cursor): void {
  cursor.string();
  cursor.string();
  const vendor = cursor.text();
  cursor.string();
  const model = cursor.text();
  cursor.string();
  const firmware = cursor.text();
  if (!cursor.good) return;
  if (vendor !== '') fact.vendor = vendor;
  if (model !== '') fact.model = model;
  if (firmware !== '') fact.firmware = firmware;
}

/** NotificationMessage (OPC 10000-4, 7.26). */
function readNotification(facts: Facts, flow: OpcuaFlow, cursor: Cursor): void {
  cursor.skip(12);
  for (let left = cursor.count(); left > 0 && cursor.good; left--) {
    cursor.extensionObject();
    if (!cursor.good || cursor.textStart < 0 || cursor.namespace !== 0) continue;
    const { at, end } = cursor;
    const kind = cursor.numeric;
    if (kind !== DATA_CHANGE_NOTIFICATION && kind !== EVENT_NOTIFICATION_LIST) continue;
    cursor.at = cursor.textStart;
    cursor.end = cursor.textEnd;
    for (let items = cursor.count(); items > 0 && cursor.good; items--) {
      const handle = cursor.u32();
      if (kind === DATA_CHANGE_NOTIFICATION) cursor.dataValue();
      else readEvent(facts, cursor, flow.filter(handle));
    }
    if (cursor.good) cursor.at = at;
    cursor.end = end;
  }
}

/** Fields of one event, in the order of its filter. */
function readEvent(facts: Facts, cursor: Cursor, filter: EventFilter | undefined): void {
  let severity = -1;
  let message = '';
  let source = '';
  let active = false;
  let acknowledged = true;
  for (let left = cursor.count(), position = 0; left > 0 && cursor.good; left--, position++) {
    cursor.variant();
    if (!filter || !cursor.good || cursor.variantArray) continue;
    const { bytes, variantType, variantStart, textStart, textEnd } = cursor;
    if (position === filter.severity && variantType === 5) severity = u16le(bytes, variantStart);
    else if (position === filter.message && variantType === 21 && textStart >= 0) message = text(bytes, textStart, textEnd, 200);
    else if (position === filter.source && variantType === 12 && textStart >= 0) source = text(bytes, textStart, textEnd, 100);
    else if (position === filter.active && variantType === 1) active = bytes[variantStart] !== 0;
    else if (position === filter.acknowledged && variantType === 1) acknowledged = bytes[variantStart] !== 0;
  }
  if (!cursor.good || (severity < ATTENTION && !(active && !acknowledged))) return;
  const about = source === '' ? '' : ` of ${source}`;
  facts.tell({
    is: 'condition',
    protocol: OPCUA,
    name: 'opcua.event',
    text: `event${about}: ${message === '' ? 'no message' : message}${severity < 0 ? '' : ` (severity ${severity})`}`,
    parameters: { severity, source, active, acknowledged },
  });
}
