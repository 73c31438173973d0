/**
 * Devices that somebody has put elsewhere on their map: how far each stands from where the map would put it, so that it goes along when
 * devices come and go. Pure.
 */
import type { Arrangement, Item, Scene } from './layout.ts';

/** In units of the map, by number of the device. */
export type Moved = ReadonlyMap<number, readonly [dx: number, dy: number]>;

/** By arrangement, as it is kept for the person. */
export type KeptMoves = Readonly<Partial<Record<Arrangement, Readonly<Record<string, readonly [number, number]>>>>>;

/** Devices that are kept elsewhere in an arrangement: beyond them some go back. */
const MOST = 200;
/** Room that stays between a device and the edge of its band. */
const EDGE = 40;
/** So near to where it came from is there. */
const HOME = 4;

/** The moves of an arrangement that a kept value stands for; none of what cannot be understood. */
export function movedIn(kept: unknown, arrangement: Arrangement): Moved {
  const moved = new Map<number, readonly [number, number]>();
  const all = typeof kept === 'object' && kept !== null && arrangement in kept ? (kept as Record<Arrangement, unknown>)[arrangement] : null;
  if (typeof all !== 'object' || all === null) return moved;
  for (const [number, by] of Object.entries(all)) {
    const [dx, dy]: unknown[] = Array.isArray(by) ? by : [];
    if (Number.isSafeInteger(Number(number)) && isFinite(dx) && isFinite(dy)) moved.set(Number(number), [dx, dy]);
  }
  return moved;
}

/** What is kept with the moves of one arrangement; null when nothing is moved in any. */
export function keptWith(kept: unknown, arrangement: Arrangement, moved: Moved): KeptMoves | null {
  const other: Arrangement = arrangement === 'purdue' ? 'connection' : 'purdue';
  const parts = (
    [
      [other, movedIn(kept, other)],
      [arrangement, moved],
    ] as const
  ).filter(([, all]) => all.size > 0);
  if (parts.length === 0) return null;
  return Object.fromEntries(
    parts.map(([name, all]) => [
      name,
      Object.fromEntries([...all].slice(-MOST).map(([number, [dx, dy]]) => [number, [Math.round(dx), Math.round(dy)]])),
    ]),
  );
}

/** Moves with some devices moved on; one that is back at its place is moved no more. */
export function movedOn(moved: Moved, numbers: Iterable<number>, dx: number, dy: number): Moved {
  const next = new Map(moved);
  for (const number of numbers) {
    const [x, y] = moved.get(number) ?? [0, 0];
    next.delete(number);
    if (Math.hypot(x + dx, y + dy) > HOME) next.set(number, [x + dx, y + dy]);
  }
  return next;
}

/** The scene with devices where somebody put them: each stays in its band, which says its level. */
export function withMoved(scene: Scene, moved: Moved): Scene {
  if (moved.size === 0) return scene;
  const place = (item: Item): Item => {
    const by = item.node ? moved.get(item.node.number) : undefined;
    if (!by) return item;
    const band = scene.bands.find(({ y, height }) => item.y >= y && item.y <= y + height) ?? { y: 0, height: scene.height };
    return {
      ...item,
      x: between(item.x + by[0], EDGE, scene.width - EDGE),
      y: between(item.y + by[1], band.y + EDGE, band.y + band.height - EDGE),
    };
  };
  return { ...scene, items: scene.items.map(place) };
}

function between(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(Math.max(least, most), value));
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
