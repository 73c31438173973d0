/** What part of the map is seen, and how large. Pure. */
import type { Scene } from './layout.ts';

/** `x` and `y` are the point of the map at the upper left of the canvas; `zoom` is pixels for each unit of the map. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const MOST_ZOOM = 2.2;
export const LEAST_ZOOM = 0.02;
/** Pixels for the names of the bands, left of a map that is seen as a whole. */
export const BAND_ROOM = 132;
/** Pixels that stay free around what is fitted. */
const MARGIN = 24;

/** Zooms by a factor about a point of the canvas, which stays where it is. */
export function zoomAt(view: View, factor: number, atX: number, atY: number): View {
  const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, view.zoom * factor));
  return { zoom, x: view.x + atX / view.zoom - atX / zoom, y: view.y + atY / view.zoom - atY / zoom };
}

/** Shows a box as large as it goes, at most at `most`. */
export function fitBox({ left, top, right, bottom }: Box, { width, height }: Size, most = 1.2): View {
  const zoom = Math.max(
    LEAST_ZOOM,
    Math.min(most, (width - 2 * MARGIN) / Math.max(1, right - left), (height - 2 * MARGIN) / Math.max(1, bottom - top)),
  );
  return { zoom, x: (left + right) / 2 - width / 2 / zoom, y: (top + bottom) / 2 - height / 2 / zoom };
}

/** Shows everything, with room at the left for the names of the bands. */
export function fitScene(scene: Scene, { width, height }: Size): View {
  const room = scene.bands.some(({ name }) => name !== '') && width > 3 * BAND_ROOM ? BAND_ROOM : 0;
  const view = fitBox({ left: 0, top: 0, right: scene.width, bottom: scene.height }, { width: width - room, height });
  return { ...view, x: view.x - room / view.zoom };
}

/** The box around some items, with room for their names. */
export function boxAround(scene: Scene, places: readonly number[]): Box | null {
  const items = places.flatMap((place) => scene.items[place] ?? []);
  if (items.length === 0) return null;
  const xs = items.map(({ x }) => x);
  const ys = items.map(({ y }) => y);
  return { left: Math.min(...xs) - 120, right: Math.max(...xs) + 120, top: Math.min(...ys) - 100, bottom: Math.max(...ys) + 100 };
}

/** Place of the item at a point of the canvas; null where there is none. */
export function itemAt(scene: Scene, view: View, atX: number, atY: number): number | null {
  const x = view.x + atX / view.zoom;
  const y = view.y + atY / view.zoom;
  // A dot is small from afar: who is near it means it.
  const reach = Math.max(24, 8 / view.zoom);
  let found: number | null = null;
  let nearest = reach * reach;
  for (const [place, item] of scene.items.entries()) {
    const distance = (item.x - x) ** 2 + (item.y - y) ** 2;
    if (distance < nearest) [found, nearest] = [place, distance];
  }
  return found;
}

/** The nearest item in a direction, for the arrow keys. */
export function itemTowards(scene: Scene, from: number, dx: number, dy: number): number | null {
  const start = scene.items[from];
  if (!start) return null;
  let found: number | null = null;
  let best = Number.POSITIVE_INFINITY;
  for (const [place, item] of scene.items.entries()) {
    const along = (item.x - start.x) * dx + (item.y - start.y) * dy;
    const aside = Math.abs((item.x - start.x) * dy) + Math.abs((item.y - start.y) * dx);
    if (along <= 0 || aside > along * 2) continue;
    if (along + aside * 2 < best) [found, best] = [place, along + aside * 2];
  }
  return found;
}
