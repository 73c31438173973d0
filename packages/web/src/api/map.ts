/** The device map as the server gives it (GET /api/openapi.json: DeviceMap): tables that are small, read into devices and links. */
import { get } from './client.ts';

export interface MapNode {
  readonly number: number;
  readonly name: string;
  readonly ip: string;
  readonly type: string | null;
  /** Null when its Purdue level is not known. */
  readonly layer: string | null;
  readonly subnet: string;
  readonly importance: string;
  readonly authorised: boolean;
  readonly isNew: boolean;
  readonly openAlerts: number;
}

export interface MapLink {
  readonly a: number;
  readonly b: number;
  readonly protocols: readonly string[];
  readonly ot: boolean;
  readonly kind: string;
  readonly crossSubnet: boolean;
}

export interface DeviceGraph {
  readonly version: string;
  /** Devices that match; the graph holds those that were active last when there are too many. */
  readonly total: number;
  readonly nodes: ReadonlyMap<number, MapNode>;
  /** By the numbers of both ends. */
  readonly links: ReadonlyMap<string, MapLink>;
}

type Cell = string | number | boolean | null | readonly number[];
interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}
interface MapAnswer {
  readonly version: string;
  readonly base: string | null;
  readonly total: number;
  readonly protocols: readonly string[];
  readonly nodes: Table & { readonly removed: readonly number[] };
  readonly links: Table & { readonly removed: readonly (readonly number[])[] };
}

/** The graph that the question asks for. With the one that was there before only what changed is sent. */
export async function fetchMap(query: URLSearchParams, before?: DeviceGraph): Promise<DeviceGraph> {
  const asked = new URLSearchParams(query);
  if (before) asked.set('since', before.version);
  const answer = await get<MapAnswer>(`/api/map?${asked}`);
  if (before && answer.version === before.version) return before;
  const known = before && answer.base === before.version ? before : undefined;
  const nodes = new Map(known?.nodes);
  for (const number of answer.nodes.removed) nodes.delete(number);
  for (const row of rowsOf(answer.nodes)) {
    // The columns are those of the document.
    const node = row as unknown as MapNode;
    nodes.set(node.number, node);
  }
  const links = new Map(known?.links);
  for (const [a, b] of answer.links.removed) links.delete(`${a} ${b}`);
  for (const row of rowsOf(answer.links)) {
    // The same.
    const { protocols, ...link } = row as unknown as Omit<MapLink, 'protocols'> & { readonly protocols: readonly number[] };
    links.set(`${link.a} ${link.b}`, { ...link, protocols: protocols.map((place) => answer.protocols[place] ?? '') });
  }
  return { version: answer.version, total: answer.total, nodes, links };
}

function rowsOf({ columns, rows }: Table): Record<string, Cell | undefined>[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])));
}
