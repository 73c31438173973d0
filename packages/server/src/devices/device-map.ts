/**
 * The device map as a graph: devices and what pairs of them exchange, in rows of columns so that thousands are small. It holds
 * nothing that changes with every packet, so its version stands still while the plant does the same as ever. Whoever has a
 * version asks for what changed since.
 */
import { createHash } from 'node:crypto';
import { purdueLayer } from '@annunciator/core/device-types';
import type { ConnectionQuery } from '@annunciator/store/inventory/connections';
import type { Matching } from '@annunciator/store/inventory/devices';
import type { Inventory } from '@annunciator/store/store';
import { z } from 'zod';

/** Devices that a map holds at most: those that were active last. */
export const MOST_NODES = 20_000;
/** Rows of former maps that are remembered for the next one to be told as changes. */
const REMEMBERED_ROWS = 400_000;

export const NODE_COLUMNS = ['number', 'name', 'ip', 'type', 'layer', 'subnet', 'importance', 'authorised', 'isNew', 'openAlerts'] as const;
export const LINK_COLUMNS = ['a', 'b', 'protocols', 'ot', 'kind', 'crossSubnet'] as const;

const cell = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.number())]);
const table = z.object({ columns: z.array(z.string()), rows: z.array(z.array(cell)) });
export const mapSchema = z
  .object({
    version: z.string().describe('Ask with since=... for what changed'),
    base: z.string().nullable().describe('The version that this adds to; null when it is the whole map'),
    total: z.number().describe('Devices that match; the map holds those that were active last when there are too many'),
    protocols: z.array(z.string()).describe('Names; links refer to them by their place'),
    nodes: table.extend({ removed: z.array(z.number()) }),
    links: table.extend({ removed: z.array(z.array(z.number())).describe('Pairs of numbers') }),
  })
  .meta({ id: 'DeviceMap' });
export type DeviceMapView = z.infer<typeof mapSchema>;

type Row = z.infer<typeof cell>[];

export interface MapQuestion {
  readonly devices: Matching;
  readonly connections: Omit<ConnectionQuery, 'sort'>;
  /** Shows the devices that these are connected with, too. */
  readonly neighbours: boolean;
}

interface Graph {
  readonly version: string;
  readonly total: number;
  readonly protocols: readonly string[];
  readonly nodes: ReadonlyMap<string, Row>;
  readonly links: ReadonlyMap<string, Row>;
}

export class DeviceMap {
  readonly #inventory: Inventory;
  /** By version, the oldest first. */
  readonly #former = new Map<string, Graph>();
  #rows = 0;

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  /** The map, or what changed since a version of it that is still remembered. */
  async draw(question: MapQuestion, since: string | null): Promise<DeviceMapView> {
    const graph = await this.#graph(question);
    const base = since === null ? undefined : this.#former.get(since);
    this.#remember(graph);
    return base ? changesOf(base, graph) : wholeOf(graph);
  }

  async #graph({ devices: asked, connections: query, neighbours }: MapQuestion): Promise<Graph> {
    const { devices, connections } = this.#inventory;
    let nodes = await devices.nodes(asked, MOST_NODES);
    let total = await devices.count(asked);
    if (neighbours && nodes.length > 0) {
      const numbers = nodes.map(({ number }) => number);
      const among = [...new Set([...numbers, ...(await connections.neighbours(query, numbers))])];
      const them = { filters: [], among, ...(asked.scope ? { scope: asked.scope } : {}) };
      nodes = await devices.nodes(them, MOST_NODES);
      total = await devices.count(them);
    }
    const links = await connections.links(
      query,
      nodes.map(({ number }) => number),
    );
    const subnets = new Map(nodes.map(({ number, subnet }) => [number, subnet]));
    const protocols = [...new Set(links.flatMap((link) => link.protocols))].sort();
    const places = new Map(protocols.map((name, index) => [name, index]));
    const nodeRows = new Map(
      nodes.map((node): [string, Row] => [
        String(node.number),
        [
          node.number,
          node.name,
          node.ip,
          node.type === 'Unknown' ? null : node.type,
          purdueLayer(node.purdueLevel),
          node.subnet,
          node.importance,
          node.authorised,
          node.isNew,
          node.openAlerts,
        ],
      ]),
    );
    const linkRows = new Map(
      links.map(({ a, b, protocols: some, ot, kind }): [string, Row] => [
        `${a} ${b}`,
        [a, b, some.flatMap((name) => places.get(name) ?? []), ot, kind, (subnets.get(a) ?? '') !== (subnets.get(b) ?? '')],
      ]),
    );
    const hash = createHash('sha256');
    hash.update(JSON.stringify([total, protocols]));
    for (const rows of [nodeRows, linkRows])
      for (const row of [...rows.values()].map((one) => JSON.stringify(one)).sort()) hash.update(row);
    return { version: hash.digest('base64url').slice(0, 22), total, protocols, nodes: nodeRows, links: linkRows };
  }

  #remember(graph: Graph): void {
    if (this.#former.delete(graph.version)) this.#rows -= graph.nodes.size + graph.links.size;
    this.#former.set(graph.version, graph);
    this.#rows += graph.nodes.size + graph.links.size;
    for (const [version, old] of this.#former) {
      if (this.#rows <= REMEMBERED_ROWS || this.#former.size === 1) return;
      this.#former.delete(version);
      this.#rows -= old.nodes.size + old.links.size;
    }
  }
}

function wholeOf(graph: Graph): DeviceMapView {
  return {
    version: graph.version,
    base: null,
    total: graph.total,
    protocols: [...graph.protocols],
    nodes: { columns: [...NODE_COLUMNS], rows: [...graph.nodes.values()], removed: [] },
    links: { columns: [...LINK_COLUMNS], rows: [...graph.links.values()], removed: [] },
  };
}

/** Rows that are new or different, and those that are gone. Protocols keep their places only within one list of them. */
function changesOf(base: Graph, graph: Graph): DeviceMapView {
  if (base.protocols.join('\n') !== graph.protocols.join('\n')) return wholeOf(graph);
  const fresh = (before: ReadonlyMap<string, Row>, now: ReadonlyMap<string, Row>): Row[] =>
    [...now].flatMap(([key, row]) => (JSON.stringify(before.get(key)) === JSON.stringify(row) ? [] : [row]));
  const gone = (before: ReadonlyMap<string, Row>, now: ReadonlyMap<string, Row>): number[][] =>
    [...before.keys()].filter((key) => !now.has(key)).map((key) => key.split(' ').map(Number));
  const whole = wholeOf(graph);
  return {
    ...whole,
    base: base.version,
    nodes: { ...whole.nodes, rows: fresh(base.nodes, graph.nodes), removed: gone(base.nodes, graph.nodes).flat() },
    links: { ...whole.links, rows: fresh(base.links, graph.links), removed: gone(base.links, graph.links) },
  };
}
