/** What OPC UA requests are about: the nodes they name (OPC 10000-4, 5). Hot code: a node named before allocates nothing. */
import { Aspect, type Facts } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import type { Cursor } from './cursor.ts';
import type { EventFilter, OpcuaFlow, Pending } from './flow.ts';
import { Service } from './names.ts';

const OPCUA = PROTOCOLS.opcua.index;
/** Server_ServerStatus and the parts of its BuildInfo (OPC 10000-6, annex A.3). */
const FIRST_WATCHED = 2256;
const LAST_WATCHED = 2266;
const VALUE_ATTRIBUTE = 13;
const EVENT_FILTER = 727;

function useNode(facts: Facts, flow: OpcuaFlow, cursor: Cursor, service: number): void {
  if (!cursor.good) return;
  const known = flow.node(cursor.bytes, cursor.nodeStart, cursor.nodeEnd);
  facts.use(Aspect.OpcuaActivity, service, known >= 0 ? known : flow.named(facts.intern(cursor.nodeText())));
}

/** Reads the parameters of a request, after its header. A cursor with a fault means that they do not fit. */
export function readRequest(facts: Facts, flow: OpcuaFlow, pending: Pending, cursor: Cursor, service: number): void {
  switch (service) {
    case Service.Read:
      cursor.skip(12);
      for (let left = cursor.count(), position = 0; left > 0 && cursor.good; left--, position++)
        readValueId(facts, flow, pending, cursor, service, position);
      return;
    case Service.HistoryRead:
      cursor.extensionObject();
      cursor.skip(5);
      for (let left = cursor.count(); left > 0 && cursor.good; left--) {
        cursor.nodeId();
        useNode(facts, flow, cursor, service);
        cursor.string();
        cursor.qualifiedName();
        cursor.string();
      }
      return;
    case Service.Write:
      readWrites(facts, flow, cursor);
      return;
    case Service.Call:
      readCalls(facts, flow, cursor);
      return;
    case Service.Browse:
      cursor.nodeId();
      cursor.skip(16);
      for (let left = cursor.count(); left > 0 && cursor.good; left--) {
        cursor.nodeId();
        useNode(facts, flow, cursor, service);
        cursor.skip(4);
        cursor.nodeId();
        cursor.skip(9);
      }
      return;
    case Service.TranslateBrowsePathsToNodeIds:
      for (let left = cursor.count(); left > 0 && cursor.good; left--) {
        cursor.nodeId();
        useNode(facts, flow, cursor, service);
        for (let elements = cursor.count(); elements > 0 && cursor.good; elements--) {
          cursor.nodeId();
          cursor.skip(2);
          cursor.qualifiedName();
        }
      }
      return;
    case Service.CreateMonitoredItems:
      cursor.skip(8);
      for (let left = cursor.count(); left > 0 && cursor.good; left--) readMonitoredItem(facts, flow, pending, cursor);
      return;
    case Service.DeleteNodes:
      for (let left = cursor.count(); left > 0 && cursor.good; left--) {
        cursor.nodeId();
        useNode(facts, flow, cursor, service);
        cursor.skip(1);
      }
      return;
    case Service.AddNodes:
      for (let left = cursor.count(); left > 0 && cursor.good; left--) {
        cursor.expandedNodeId();
        useNode(facts, flow, cursor, service);
        cursor.nodeId();
        cursor.expandedNodeId();
        cursor.qualifiedName();
        cursor.skip(4);
        cursor.extensionObject();
        cursor.expandedNodeId();
      }
      return;
    case Service.GetEndpoints:
      cursor.string();
      useEndpoint(facts, cursor, service);
      facts.tell({ is: 'action', protocol: OPCUA, action: 'identity.request', phase: 'requested', text: 'GetEndpoints (OPC UA)' });
      return;
    case Service.CreateSession:
      readApplication(cursor);
      cursor.string();
      cursor.string();
      useEndpoint(facts, cursor, service);
      return;
    default:
  }
}

function useEndpoint(facts: Facts, cursor: Cursor, service: number): void {
  if (!cursor.good || cursor.textStart < 0) return;
  facts.use(Aspect.OpcuaActivity, service, facts.intern(cursor.text()));
}

function readValueId(facts: Facts, flow: OpcuaFlow, pending: Pending, cursor: Cursor, service: number, position: number): void {
  cursor.nodeId();
  useNode(facts, flow, cursor, service);
  const { namespace, numeric } = cursor;
  const attribute = cursor.u32();
  if (service === Service.Read && namespace === 0 && numeric >= FIRST_WATCHED && numeric <= LAST_WATCHED && attribute === VALUE_ATTRIBUTE)
    pending.watch(position, numeric);
  cursor.string();
  cursor.qualifiedName();
}

function readWrites(facts: Facts, flow: OpcuaFlow, cursor: Cursor): void {
  for (let left = cursor.count(); left > 0 && cursor.good; left--) {
    cursor.nodeId();
    useNode(facts, flow, cursor, Service.Write);
    cursor.skip(4);
    cursor.string();
    cursor.dataValue();
  }
}

function readCalls(facts: Facts, flow: OpcuaFlow, cursor: Cursor): void {
  for (let left = cursor.count(); left > 0 && cursor.good; left--) {
    cursor.nodeId();
    cursor.nodeId();
    useNode(facts, flow, cursor, Service.Call);
    for (let inputs = cursor.count(); inputs > 0 && cursor.good; inputs--) cursor.variant();
  }
}

/** ApplicationDescription (OPC 10000-4, 7.2). */
function readApplication(cursor: Cursor): void {
  cursor.string();
  cursor.string();
  cursor.localizedText();
  cursor.skip(4);
  cursor.string();
  cursor.string();
  cursor.strings();
}

function readMonitoredItem(facts: Facts, flow: OpcuaFlow, pending: Pending, cursor: Cursor): void {
  readValueId(facts, flow, pending, cursor, Service.CreateMonitoredItems, -1);
  cursor.skip(4);
  const handle = cursor.u32();
  cursor.skip(8);
  cursor.extensionObject();
  if (cursor.good && cursor.namespace === 0 && cursor.numeric === EVENT_FILTER && cursor.textStart >= 0) {
    const { at, end } = cursor;
    cursor.at = cursor.textStart;
    cursor.end = cursor.textEnd;
    const filter = readFilter(cursor, handle);
    if (cursor.good) {
      flow.addFilter(filter);
      cursor.at = at;
    }
    cursor.end = end;
  }
  cursor.skip(5);
}

/** The select clauses of an EventFilter say in which order an event's fields come (OPC 10000-4, 7.22.3). */
function readFilter(cursor: Cursor, handle: number): EventFilter {
  const filter = { handle, severity: -1, message: -1, source: -1, active: -1, acknowledged: -1 };
  for (let left = cursor.count(), position = 0; left > 0 && cursor.good; left--, position++) {
    cursor.nodeId();
    let path = '';
    for (let names = cursor.count(); names > 0 && cursor.good; names--) {
      cursor.qualifiedName();
      if (path.length < 64) path += `${path === '' ? '' : '/'}${cursor.text(64)}`;
    }
    cursor.skip(4);
    cursor.string();
    if (path === 'Severity') filter.severity = position;
    else if (path === 'Message') filter.message = position;
    else if (path === 'SourceName') filter.source = position;
    else if (path === 'ActiveState/Id') filter.active = position;
    else if (path === 'AckedState/Id') filter.acknowledged = position;
  }
  return filter;
}
