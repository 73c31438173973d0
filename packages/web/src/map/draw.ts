/**
 * Draws the map. From afar devices are dots, from near they have symbols, names and marks. What is the same in colour is one path,
 * and what lies outside of the canvas is left out, so that thousands of devices move smoothly.
 */
import { type Block, type Item, type Scene } from './layout.ts';
import { symbolOf } from './symbols.ts';
import type { Size, View } from './view.ts';

export interface Palette {
  readonly ground: string;
  readonly band: string;
  readonly block: string;
  readonly blockLine: string;
  readonly text: string;
  readonly faint: string;
  readonly node: string;
  readonly ring: string;
  readonly dot: string;
  readonly line: string;
  readonly crossing: string;
  readonly alert: string;
  readonly onAlert: string;
  readonly chosen: string;
  readonly star: string;
  readonly stranger: string;
  readonly font: string;
}

export interface Look {
  /** Places of items. */
  readonly selected: ReadonlySet<number>;
  /** Null when nothing is highlighted. */
  readonly highlighted: ReadonlySet<number> | null;
  readonly hovered: number | null;
  readonly showMulticast: boolean;
}

/** From this zoom on devices have symbols and names. */
export const SYMBOL_ZOOM = 0.42;
/** From this zoom on they have their addresses, too. */
const ADDRESS_ZOOM = 0.75;
/** Pixels of names at least. */
const SMALLEST_NAME = 9;
const RADIUS = 17;
const FULL = Math.PI * 2;

export function draw(context: CanvasRenderingContext2D, scene: Scene, view: View, look: Look, palette: Palette, size: Size): void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  const ratio = context.canvas.width / size.width;
  context.fillStyle = palette.ground;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  const scale = view.zoom * ratio;
  context.setTransform(scale, 0, 0, scale, -view.x * scale, -view.y * scale);
  const seen = {
    left: view.x - 120,
    top: view.y - 80,
    right: view.x + size.width / view.zoom + 120,
    bottom: view.y + size.height / view.zoom + 80,
  };
  const isSeen = (x: number, y: number, width = 0, height = 0): boolean =>
    x + width >= seen.left && x <= seen.right && y + height >= seen.top && y <= seen.bottom;

  drawBands(context, scene, palette);
  for (const block of scene.blocks) if (isSeen(block.x, block.y, block.width, block.height)) drawBlock(context, block, view, palette);
  drawLines(context, scene, view, look, palette, seen);
  const shown: number[] = [];
  for (let place = 0; place < scene.items.length; place++) {
    const item = scene.items[place];
    if (item && isSeen(item.x, item.y)) shown.push(place);
  }
  if (view.zoom < SYMBOL_ZOOM) drawDots(context, scene, shown, view, look, palette);
  else for (const place of shown) drawItem(context, scene.items[place], place, view, look, palette);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  drawBandNames(context, scene, view, palette, size);
}

function drawBands(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  context.fillStyle = palette.band;
  for (const [index, band] of scene.bands.entries())
    if (band.name !== '' && index % 2 === 0) context.fillRect(0, band.y, scene.width, band.height);
}

/** Pixels of a band's name. */
const LABEL = { width: 122, height: 36 };

/** The names of the bands stay at the left of the canvas, in their size, within their band. */
function drawBandNames(context: CanvasRenderingContext2D, scene: Scene, view: View, palette: Palette, size: Size): void {
  context.textAlign = 'left';
  context.textBaseline = 'top';
  let free = 0;
  for (const band of scene.bands) {
    const top = (band.y - view.y) * view.zoom;
    const bottom = top + band.height * view.zoom;
    if (band.name === '' || bottom < 0 || top > size.height) continue;
    // Below the name above it, where bands are narrow.
    const y = Math.max(free, Math.min(Math.max(top + 4, 8), Math.max(top, bottom - LABEL.height - 4)));
    free = y + LABEL.height + 2;
    context.globalAlpha = 0.86;
    context.fillStyle = palette.ground;
    context.beginPath();
    context.roundRect(6, y, LABEL.width, LABEL.height, 6);
    context.fill();
    context.globalAlpha = 1;
    context.fillStyle = palette.text;
    context.font = `600 13px ${palette.font}`;
    context.fillText(band.name, 12, y + 4, LABEL.width - 12);
    context.fillStyle = palette.faint;
    context.font = `11px ${palette.font}`;
    context.fillText(band.devices === 1 ? '1 device' : `${band.devices.toLocaleString('en')} devices`, 12, y + 20, LABEL.width - 12);
  }
}

/** In units of the map, and in pixels. */
const LARGEST_BLOCK_NAME = 26;
const SMALLEST_BLOCK_NAME = 7;

function drawBlock(context: CanvasRenderingContext2D, block: Block, view: View, palette: Palette): void {
  context.beginPath();
  context.roundRect(block.x, block.y, block.width, block.height, 10);
  context.fillStyle = palette.block;
  context.fill();
  context.lineWidth = 1 / view.zoom;
  context.strokeStyle = palette.blockLine;
  context.stroke();
  const text = Math.min(12 / view.zoom, LARGEST_BLOCK_NAME);
  if (text * view.zoom < SMALLEST_BLOCK_NAME) return;
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  context.fillStyle = palette.faint;
  context.font = `${text}px ${palette.font}`;
  context.fillText(block.name, block.x + 12, block.y + 24, block.width - 20);
}

function drawLines(
  context: CanvasRenderingContext2D,
  scene: Scene,
  view: View,
  look: Look,
  palette: Palette,
  seen: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number },
): void {
  const plain = new Path2D();
  const crossing = new Path2D();
  const chosen = new Path2D();
  for (const line of scene.lines) {
    if (line.isMulticast && !look.showMulticast) continue;
    const from = scene.items[line.from];
    const to = scene.items[line.to];
    if (!from || !to) continue;
    if (Math.max(from.x, to.x) < seen.left || Math.min(from.x, to.x) > seen.right) continue;
    if (Math.max(from.y, to.y) < seen.top || Math.min(from.y, to.y) > seen.bottom) continue;
    const isChosen = look.selected.has(line.from) || look.selected.has(line.to);
    const path = isChosen ? chosen : line.crossesLayers ? crossing : plain;
    path.moveTo(from.x, from.y);
    path.lineTo(to.x, to.y);
  }
  const dim = look.selected.size > 0 ? 0.45 : 1;
  context.lineWidth = Math.max(0.8, 0.8 / view.zoom);
  // The more lines, the fainter each: a map of thousands is no ball of wool.
  context.globalAlpha = Math.min(0.8, Math.max(0.14, 400 / scene.lines.length)) * dim;
  context.strokeStyle = palette.line;
  context.stroke(plain);
  context.strokeStyle = palette.crossing;
  context.stroke(crossing);
  context.globalAlpha = 1;
  context.lineWidth = Math.max(1.6, 1.6 / view.zoom);
  context.strokeStyle = palette.chosen;
  context.stroke(chosen);
}

/** Devices that have alerts, and others, are dots; networks that are drawn as one are larger. */
function drawDots(
  context: CanvasRenderingContext2D,
  scene: Scene,
  shown: readonly number[],
  view: View,
  look: Look,
  palette: Palette,
): void {
  const radius = Math.max(RADIUS * 0.55, 2.2 / view.zoom);
  const paths = { dot: new Path2D(), alert: new Path2D(), chosen: new Path2D(), stranger: new Path2D() };
  const rings = new Path2D();
  for (const place of shown) {
    const item = scene.items[place];
    if (!item) continue;
    const size = item.network ? radius * 1.7 : radius;
    const kind = isChosen(place, look) ? 'chosen' : alertsOf(item) > 0 ? 'alert' : item.node?.authorised === false ? 'stranger' : 'dot';
    disc(paths[kind], item, size);
    if (place === look.hovered || (kind === 'chosen' && alertsOf(item) > 0)) disc(rings, item, size + 3 / view.zoom);
  }
  for (const kind of ['dot', 'stranger', 'alert', 'chosen'] as const) {
    context.fillStyle = palette[kind];
    context.fill(paths[kind]);
  }
  context.lineWidth = 2 / view.zoom;
  context.strokeStyle = palette.alert;
  context.stroke(rings);
  context.fillStyle = palette.star;
  for (const place of shown) {
    const item = scene.items[place];
    if (item?.node?.importance === 'High') star(context, item.x + radius, item.y - radius, radius * 0.9);
  }
}

function disc(path: Path2D, { x, y }: Item, radius: number): void {
  path.moveTo(x + radius, y);
  path.arc(x, y, radius, 0, FULL);
}

function drawItem(
  context: CanvasRenderingContext2D,
  item: Item | undefined,
  place: number,
  view: View,
  look: Look,
  palette: Palette,
): void {
  if (!item) return;
  const { x, y, node, network } = item;
  const alerts = alertsOf(item);
  const chosen = isChosen(place, look);
  context.beginPath();
  context.arc(x, y, RADIUS, 0, FULL);
  context.fillStyle = network ? palette.dot : palette.node;
  context.fill();
  context.lineWidth = chosen || place === look.hovered ? 3 : 1.6;
  context.strokeStyle = chosen ? palette.chosen : alerts > 0 ? palette.alert : node?.authorised === false ? palette.stranger : palette.ring;
  if (node?.authorised === false) context.setLineDash([4, 3]);
  context.stroke();
  context.setLineDash([]);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  if (network) {
    context.fillStyle = palette.node;
    context.font = `600 12px ${palette.font}`;
    context.fillText(network.nodes.length.toLocaleString('en'), x, y + 1, RADIUS * 2 - 4);
  } else {
    context.translate(x - 10, y - 10);
    context.lineWidth = 1.3;
    context.strokeStyle = alerts > 0 ? palette.alert : palette.text;
    context.stroke(symbolOf(node?.type ?? null));
    context.translate(10 - x, 10 - y);
  }
  if (alerts > 0) badge(context, x + 14, y - 14, alerts, palette);
  if (node?.importance === 'High') {
    context.fillStyle = palette.star;
    star(context, x - 15, y - 14, 7);
  }
  if (node?.isNew) {
    context.beginPath();
    context.arc(x - 15, y + 12, 4, 0, FULL);
    context.fillStyle = palette.chosen;
    context.fill();
  }
  context.textBaseline = 'top';
  context.fillStyle = palette.text;
  context.font = `${Math.max(11, SMALLEST_NAME / view.zoom)}px ${palette.font}`;
  // The ground around the letters keeps lines apart from them.
  context.lineWidth = 3;
  context.strokeStyle = palette.block;
  const name = network ? network.name : (node?.name ?? '');
  context.strokeText(name, x, y + RADIUS + 5, 98);
  context.fillText(name, x, y + RADIUS + 5, 98);
  if (view.zoom < ADDRESS_ZOOM) return;
  context.fillStyle = palette.faint;
  context.font = `10px ${palette.font}`;
  if (network) context.fillText(`${network.nodes.length.toLocaleString('en')} devices`, x, y + RADIUS + 19, 98);
  else if (node && node.ip !== node.name) context.fillText(node.ip, x, y + RADIUS + 19, 98);
}

function badge(context: CanvasRenderingContext2D, x: number, y: number, count: number, palette: Palette): void {
  const text = count > 99 ? '99+' : String(count);
  const width = 10 + text.length * 6;
  context.beginPath();
  context.roundRect(x - width / 2, y - 8, width, 16, 8);
  context.fillStyle = palette.alert;
  context.fill();
  context.fillStyle = palette.onAlert;
  context.font = `600 10px ${palette.font}`;
  context.fillText(text, x, y + 1);
}

function star(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  for (let point = 0; point < 10; point++) {
    const angle = (point * Math.PI) / 5 - Math.PI / 2;
    const reach = point % 2 === 0 ? radius : radius * 0.45;
    context.lineTo(x + Math.cos(angle) * reach, y + Math.sin(angle) * reach);
  }
  context.fill();
}

function isChosen(place: number, { selected, highlighted }: Look): boolean {
  return selected.has(place) || (highlighted?.has(place) ?? false);
}

export function alertsOf({ node, network }: Item): number {
  return node ? node.openAlerts : (network?.nodes.reduce((sum, { openAlerts }) => sum + openAlerts, 0) ?? 0);
}
