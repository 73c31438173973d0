/**
 * Which connections are new or have carried more since they were last told. A new one, and one that shows something new, is
 * told at once; how much the others carry is told every few minutes of packet time, and at the end.
 */
import type { ConnectionKind, ConnectionRecord } from '@annunciator/core/device';
import { instant } from '@annunciator/core/time';
import { Flow, FLOW_WIDTH } from '@annunciator/packet/tables/flow-table';
import { PROTOCOL_BY_INDEX } from '@annunciator/protocols/registry';
import { connectionProtocol } from '../analysis/connection-names.ts';
import { type OperationName, operationNames } from '../path/operation-names.ts';
import type { Sensor } from '../sensor.ts';

/** Seconds of packet time between two reports of the same connection. */
const EVERY = 300;
/** Connections in one report, and names of operations of one connection. */
const MOST = 4000;
const MOST_OPERATIONS = 64;

const FROM_CLIENT = 1;
const FROM_SERVER = 2;

/** Columns by row of the connections: what they carried, when, and from which side. */
class Totals {
  readonly packets: Float64Array;
  readonly bytes: Float64Array;
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly sides: Uint8Array;

  constructor(rows: number) {
    this.packets = new Float64Array(rows);
    this.bytes = new Float64Array(rows);
    this.first = new Int32Array(rows);
    this.last = new Int32Array(rows);
    this.sides = new Uint8Array(rows);
  }

  /** A copy with room for `rows`, which may be fewer. */
  copy(rows: number): Totals {
    const other = new Totals(rows);
    for (const column of ['packets', 'bytes', 'first', 'last', 'sides'] as const) other[column].set(this[column].subarray(0, rows));
    return other;
  }

  /** @param first @param last seconds */
  seen(row: number, first: number, last: number, sides: number): void {
    if (this.first[row] === 0 || first < this.first[row]) this.first[row] = first;
    if (last > this.last[row]) this.last[row] = last;
    this.sides[row] |= sides;
  }

  /** Moves what a row holds to another one. */
  fold(from: number, into: number): void {
    this.packets[into] += this.packets[from];
    this.bytes[into] += this.bytes[from];
    if (this.last[from] !== 0) this.seen(into, this.first[from], this.last[from], this.sides[from]);
    this.packets[from] = 0;
  }
}

export class ConnectionReports {
  readonly #sensor: Sensor;
  /** What flows that are over have left; their packets and bytes stand in the connections. */
  #over = new Totals(1024);
  /** What was told last, by row: packets, second of the last packet, sides, number of operations. */
  #toldPackets = new Float64Array(1024);
  #toldSecond = new Int32Array(1024);
  #toldSides = new Uint8Array(1024);
  #toldOperations = new Uint16Array(1024);
  readonly #operationName: OperationName;

  constructor(sensor: Sensor) {
    this.#sensor = sensor;
    this.#operationName = operationNames(sensor.dissectors);
    sensor.path.onFlowOver = (row, connection) => {
      if (connection >= this.#over.first.length) this.#over = this.#over.copy(Math.max(this.#over.first.length * 2, connection + 1));
      this.#addTimes(this.#over, row, connection);
    };
  }

  #addTimes(into: Totals, row: number, connection: number): void {
    const { flows } = this.#sensor.path;
    const server = flows.server(row) === 0 ? 0 : 1;
    const sides = (flows.packets(row, 1 - server) > 0 ? FROM_CLIENT : 0) | (flows.packets(row, server) > 0 ? FROM_SERVER : 0);
    into.seen(connection, flows.firstSecond[row], flows.rows[row * FLOW_WIDTH + Flow.LAST], sides);
  }

  /** Devices became one, or apart: what carries their names is told again. */
  renamed(ids: readonly string[]): void {
    const { connections, inventory } = this.#sensor;
    const known = Math.min(connections.count, this.#toldPackets.length);
    for (let row = 1; row < known; row++)
      if (ids.includes(inventory.nameOf(connections.client(row))) || ids.includes(inventory.nameOf(connections.server(row))))
        this.#toldPackets[row] = 0;
  }

  /** What is to be told now; with `all`, whatever changed since it was told last. */
  next(all = false): ConnectionRecord[] {
    const totals = this.#totals();
    this.#fold(totals);
    const operations = this.#operationCounts();
    const rows: number[] = [];
    this.#growTold(totals.packets.length);
    for (let row = 1; row < totals.packets.length && (all || rows.length < MOST); row++) {
      const packets = totals.packets[row];
      if (packets === 0) continue;
      const isNew =
        this.#toldPackets[row] === 0 || this.#toldSides[row] !== totals.sides[row] || this.#toldOperations[row] !== operations[row];
      if (!isNew && (this.#toldPackets[row] === packets || (!all && totals.last[row] < this.#toldSecond[row] + EVERY))) continue;
      this.#toldPackets[row] = packets;
      this.#toldSecond[row] = totals.last[row];
      this.#toldSides[row] = totals.sides[row];
      this.#toldOperations[row] = operations[row];
      rows.push(row);
    }
    const names = this.#operationsOf(new Set(rows));
    return rows.map((row) => this.#record(row, totals, [...(names.get(row) ?? [])].sort()));
  }

  #totals(): Totals {
    const { connections, path } = this.#sensor;
    const totals = this.#over.copy(connections.count);
    for (let row = 0; row < connections.count; row++) {
      totals.packets[row] = connections.packets(row);
      totals.bytes[row] = connections.bytes(row);
    }
    for (let row = 0; row < path.flows.used; row++) {
      if (!path.flows.isUsed(row)) continue;
      const connection = path.readings.connection(row);
      totals.packets[connection] += path.flows.packets(row, 0) + path.flows.packets(row, 1);
      totals.bytes[connection] += path.flows.bytes(row, 0) + path.flows.bytes(row, 1);
      this.#addTimes(totals, row, connection);
    }
    return totals;
  }

  /** Rows of devices that are part of another one now count with the row of that one. */
  #fold(totals: Totals): void {
    const { connections, inventory } = this.#sensor;
    const rows = totals.packets.length;
    for (let row = 1; row < rows; row++) {
      const client = inventory.canonical[connections.client(row)];
      const server = inventory.canonical[connections.server(row)];
      if (client === connections.client(row) && server === connections.server(row)) continue;
      const into = connections.row(client, server, connections.protocol(row), connections.transport(row), connections.port(row));
      // A row made just now is told the next time, with what is folded into it then.
      if (into > 0 && into < rows) totals.fold(row, into);
    }
  }

  #operationCounts(): Uint16Array {
    const counts = new Uint16Array(this.#sensor.connections.count);
    this.#sensor.connections.forEachOperation((row) => counts[row]++);
    return counts;
  }

  #operationsOf(rows: ReadonlySet<number>): ReadonlyMap<number, ReadonlySet<string>> {
    const names = new Map<number, Set<string>>();
    this.#sensor.connections.forEachOperation((row, protocol, code) => {
      if (!rows.has(row)) return;
      let some = names.get(row);
      if (!some) names.set(row, (some = new Set()));
      if (some.size < MOST_OPERATIONS) some.add(this.#operationName(protocol, code));
    });
    return names;
  }

  #growTold(rows: number): void {
    if (rows <= this.#toldPackets.length) return;
    const size = rows * 2;
    const wider = <T extends Float64Array | Int32Array | Uint8Array | Uint16Array>(into: T, from: T): T => {
      into.set(from);
      return into;
    };
    this.#toldPackets = wider(new Float64Array(size), this.#toldPackets);
    this.#toldSecond = wider(new Int32Array(size), this.#toldSecond);
    this.#toldSides = wider(new Uint8Array(size), this.#toldSides);
    this.#toldOperations = wider(new Uint16Array(size), this.#toldOperations);
  }

  #record(row: number, totals: Totals, operations: readonly string[]): ConnectionRecord {
    const { connections, inventory } = this.#sensor;
    const protocol = PROTOCOL_BY_INDEX[connections.protocol(row)];
    const below = connectionProtocol(0, connections.transport(row));
    const sides = totals.sides[row];
    const kind: ConnectionKind = inventory.party(connections.server(row)).group
      ? 'Multicast'
      : sides === (FROM_CLIENT | FROM_SERVER)
        ? 'Two Way'
        : 'One Way';
    return {
      source: inventory.nameOf(connections.client(row)),
      destination: inventory.nameOf(connections.server(row)),
      protocol: protocol && protocol.index !== 0 ? protocol.id : below,
      protocolName: protocol && protocol.index !== 0 ? protocol.name : below.toUpperCase(),
      ot: protocol?.ot ?? false,
      transport: below,
      port: connections.port(row),
      kind,
      packets: totals.packets[row],
      bytes: totals.bytes[row],
      operations,
      firstSeen: instant(totals.first[row], 0),
      lastSeen: instant(totals.last[row], 0),
      period: connections.rhythm(row),
    };
  }
}
