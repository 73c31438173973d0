/**
 * Where devices stand on the map. The same devices always stand in the same places: nothing swings or drifts. By Purdue level,
 * there is a band for each layer, and in it a block for each network; by connection, a block for those that talk with each other.
 * Pure.
 */
import type { DeviceGraph, MapNode } from '../api/map.ts';

/** Room of one device, in units of the map (pixels at zoom 1). */
export const CELL_WIDTH = 104;
export const CELL_HEIGHT = 88;
/** Room for the name of a block, and around it. */
const BLOCK_HEAD = 34;
const BLOCK_PADDING = 16;
const GAP = 28;
const BAND_PADDING = 24;
/** Width to height that a map should have about. */
const ASPECT = 1.7;
/** Networks of the enterprise with so many devices are drawn as one until they are opened. */
const COLLAPSED_FROM = 6;

export const LAYERS = ['Enterprise', 'Supervisory', 'Process Control'] as const;
export const NO_LAYER = 'Level not known';
export type Arrangement = 'purdue' | 'connection';

export interface LayoutOptions {
  readonly arrangement: Arrangement;
  /** Draws networks of the enterprise as one symbol each. */
  readonly collapse: boolean;
  /** Those that are opened nevertheless, by {@link Block.id}. */
  readonly opened: ReadonlySet<string>;
}

/** A device, or a network that is drawn as one. */
export interface Item {
  readonly x: number;
  readonly y: number;
  readonly node: MapNode | null;
  readonly network: Block | null;
}

export interface Block {
  readonly id: string;
  readonly name: string;
  readonly layer: string;
  readonly nodes: readonly MapNode[];
  readonly isCollapsed: boolean;
  readonly canCollapse: boolean;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Band {
  readonly name: string;
  readonly devices: number;
  readonly y: number;
  readonly height: number;
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly items: readonly Item[];
  /** Place in {@link items} by number of the device. */
  readonly placeOf: ReadonlyMap<number, number>;
  readonly blocks: readonly Block[];
  readonly bands: readonly Band[];
  readonly lines: readonly Line[];
}

/** What one or more links draw: several between collapsed networks are one. */
export interface Line {
  readonly from: number;
  readonly to: number;
  readonly crossesLayers: boolean;
  readonly isMulticast: boolean;
  /** Keys of its links. */
  readonly links: readonly string[];
}

interface Cluster {
  readonly id: string;
  readonly name: string;
  readonly layer: string;
  readonly nodes: MapNode[];
}

export function arrange(graph: DeviceGraph, options: LayoutOptions): Scene {
  const clusters = options.arrangement === 'purdue' ? byNetwork(graph) : byConversation(graph);
  const layers = options.arrangement === 'purdue' ? [...LAYERS, NO_LAYER] : [''];
  const sized = clusters.map((cluster) => sizeOf(cluster, options));
  const area = sized.reduce((sum, { width, height }) => sum + (width + GAP) * (height + GAP), 0);
  const widest = sized.reduce((most, { width }) => Math.max(most, width), 0);
  const width = Math.max(widest + GAP, Math.sqrt(area * ASPECT) * 1.08);
  const bands: Band[] = [];
  const blocks: Block[] = [];
  let y = 0;
  for (const layer of layers) {
    const own = sized.filter((block) => block.layer === layer);
    if (own.length === 0) continue;
    const top = y;
    y = shelve(own, BAND_PADDING, top + BAND_PADDING, width, blocks) + BAND_PADDING;
    bands.push({ name: layer, devices: own.reduce((sum, { nodes }) => sum + nodes.length, 0), y: top, height: y - top });
  }
  const items: Item[] = [];
  const placeOf = new Map<number, number>();
  for (const block of blocks) place(block, items, placeOf);
  return { width: width + BAND_PADDING * 2, height: y, items, placeOf, blocks, bands, lines: linesOf(graph, placeOf, items) };
}

function byNetwork({ nodes }: DeviceGraph): Cluster[] {
  const clusters = new Map<string, Cluster>();
  for (const node of sorted(nodes.values())) {
    const layer = node.layer ?? NO_LAYER;
    const id = `${layer} ${node.subnet}`;
    let cluster = clusters.get(id);
    if (!cluster) clusters.set(id, (cluster = { id, name: node.subnet || 'No network', layer, nodes: [] }));
    cluster.nodes.push(node);
  }
  return [...clusters.values()].sort((a, b) => order(a.name, b.name));
}

/** Rounds in which a device joins the group that most of its peers are in. */
const ROUNDS = 8;

/** Devices that talk with each other more than with others: each joins what most of its peers joined, in a fixed order. */
function byConversation({ nodes, links }: DeviceGraph): Cluster[] {
  const peers = new Map<number, number[]>();
  const meets = (one: number, other: number): void => {
    const known = peers.get(one);
    if (known) known.push(other);
    else peers.set(one, [other]);
  };
  for (const { a, b } of links.values()) {
    meets(a, b);
    meets(b, a);
  }
  const label = new Map([...nodes.keys()].map((number) => [number, number]));
  // Those with few peers first: they follow the one they belong to.
  const turn = [...nodes.keys()].sort((a, b) => (peers.get(a)?.length ?? 0) - (peers.get(b)?.length ?? 0) || a - b);
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    for (const number of turn) {
      const counts = new Map<number, number>();
      for (const peer of peers.get(number) ?? []) {
        const of = label.get(peer);
        if (of !== undefined) counts.set(of, (counts.get(of) ?? 0) + 1);
      }
      let best = label.get(number) ?? number;
      let most = counts.get(best) ?? 0;
      for (const [of, count] of counts) if (count > most || (count === most && of < best)) [best, most] = [of, count];
      if (best === label.get(number)) continue;
      label.set(number, best);
      moved = true;
    }
    if (!moved) break;
  }
  const clusters = new Map<number, Cluster>();
  const alone: Cluster = { id: 'alone', name: 'Talks with nobody', layer: '', nodes: [] };
  for (const node of sorted(nodes.values())) {
    if (!peers.has(node.number)) {
      alone.nodes.push(node);
      continue;
    }
    const of = label.get(node.number) ?? node.number;
    const found = clusters.get(of);
    if (found) found.nodes.push(node);
    else clusters.set(of, { id: `with ${of}`, name: '', layer: '', nodes: [node] });
  }
  const named = [...clusters.values()].map((cluster): Cluster => {
    const middle = cluster.nodes.reduce((one, other) =>
      (peers.get(other.number)?.length ?? 0) > (peers.get(one.number)?.length ?? 0) ? other : one,
    );
    return { ...cluster, name: `Around ${middle.name}` };
  });
  named.sort((a, b) => b.nodes.length - a.nodes.length || order(a.name, b.name));
  return alone.nodes.length > 0 ? [...named, alone] : named;
}

const order = new Intl.Collator('en', { numeric: true }).compare;

function sorted(nodes: Iterable<MapNode>): MapNode[] {
  return [...nodes].sort((a, b) => order(a.ip, b.ip) || a.number - b.number);
}

function sizeOf({ id, name, layer, nodes }: Cluster, { collapse, opened, arrangement }: LayoutOptions): Block {
  const canCollapse = arrangement === 'purdue' && layer === LAYERS[0] && nodes.length >= COLLAPSED_FROM;
  const isCollapsed = canCollapse && collapse && !opened.has(id);
  const columns = columnsOf(isCollapsed ? 1 : nodes.length);
  const rows = isCollapsed ? 1 : Math.ceil(nodes.length / columns);
  return {
    id,
    name,
    layer,
    nodes,
    isCollapsed,
    canCollapse,
    x: 0,
    y: 0,
    width: columns * CELL_WIDTH + 2 * BLOCK_PADDING,
    height: rows * CELL_HEIGHT + BLOCK_HEAD + BLOCK_PADDING,
  };
}

function columnsOf(count: number): number {
  return Math.max(1, Math.ceil(Math.sqrt((count * ASPECT * CELL_HEIGHT) / CELL_WIDTH)));
}

/** Puts blocks side by side in rows; returns the y below them. */
function shelve(own: readonly Block[], left: number, top: number, width: number, blocks: Block[]): number {
  let [x, y, tallest] = [0, top, 0];
  for (const block of own) {
    if (x > 0 && x + block.width > width) {
      x = 0;
      y += tallest + GAP;
      tallest = 0;
    }
    blocks.push({ ...block, x: left + x, y });
    x += block.width + GAP;
    tallest = Math.max(tallest, block.height);
  }
  return y + tallest;
}

function place(block: Block, items: Item[], placeOf: Map<number, number>): void {
  const [left, top] = [block.x + BLOCK_PADDING + CELL_WIDTH / 2, block.y + BLOCK_HEAD + CELL_HEIGHT / 2 - 14];
  if (block.isCollapsed) {
    for (const { number } of block.nodes) placeOf.set(number, items.length);
    items.push({ x: left, y: top, node: null, network: block });
    return;
  }
  const columns = columnsOf(block.nodes.length);
  for (const [index, node] of block.nodes.entries()) {
    placeOf.set(node.number, items.length);
    items.push({ x: left + (index % columns) * CELL_WIDTH, y: top + Math.floor(index / columns) * CELL_HEIGHT, node, network: null });
  }
}

function linesOf({ links, nodes }: DeviceGraph, placeOf: ReadonlyMap<number, number>, items: readonly Item[]): Line[] {
  const lines = new Map<number, { from: number; to: number; crossesLayers: boolean; isMulticast: boolean; links: string[] }>();
  for (const [key, { a, b, kind }] of links) {
    const from = placeOf.get(a);
    const to = placeOf.get(b);
    if (from === undefined || to === undefined || from === to) continue;
    const pair = Math.min(from, to) * items.length + Math.max(from, to);
    const isMulticast = kind === 'Multicast';
    const line = lines.get(pair);
    if (line) {
      line.links.push(key);
      line.isMulticast &&= isMulticast;
    } else {
      const crossesLayers = nodes.get(a)?.layer !== nodes.get(b)?.layer;
      lines.set(pair, { from, to, crossesLayers, isMulticast, links: [key] });
    }
  }
  return [...lines.values()];
}
