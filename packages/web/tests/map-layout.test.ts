/** Where devices stand on the map, what part of it is seen, and how changes are taken back: pure parts of the portal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device, DeviceChanges } from '../src/api/devices.ts';
import type { DeviceGraph, MapLink, MapNode } from '../src/api/map.ts';
import { undoOf } from '../src/devices/undo-changes.ts';
import { arrange, CELL_HEIGHT, CELL_WIDTH, type LayoutOptions } from '../src/map/layout.ts';
import { keptWith, movedIn, movedOn, withMoved } from '../src/map/moved.ts';
import { fitScene, itemAt, itemTowards, zoomAt } from '../src/map/view.ts';

const PURDUE: LayoutOptions = { arrangement: 'purdue', collapse: true, opened: new Set() };

function graphOf(nodes: readonly Partial<MapNode>[], links: readonly (readonly [number, number])[] = []): DeviceGraph {
  const whole = nodes.map((node, index): MapNode => {
    const number = index + 1;
    return {
      number,
      name: `D${number}`,
      ip: `10.0.0.${number}`,
      type: 'PLC',
      layer: 'Process Control',
      subnet: '10.0.0.0/24',
      importance: 'Normal',
      authorised: true,
      isNew: false,
      openAlerts: 0,
      ...node,
    };
  });
  const lines = links.map(([a, b]): MapLink => ({ a, b, protocols: [], ot: true, kind: 'Two Way', crossSubnet: false }));
  return {
    version: '1',
    total: whole.length,
    nodes: new Map(whole.map((node) => [node.number, node])),
    links: new Map(lines.map((link) => [`${link.a} ${link.b}`, link])),
  };
}
const office = (count: number): Partial<MapNode>[] =>
  Array.from({ length: count }, () => ({ layer: 'Enterprise', subnet: '10.4.0.0/24', type: 'Workstation', openAlerts: 1 }));

test('layers stand one above the other, and no two devices in one place', () => {
  const nodes = Array.from({ length: 500 }, (_, index) => ({
    layer: [null, 'Enterprise', 'Supervisory', 'Process Control'][index % 4] ?? null,
    subnet: `10.${index % 7}.0.0/16`,
  }));
  const scene = arrange(graphOf(nodes), { ...PURDUE, collapse: false });
  assert.deepEqual(
    scene.bands.map(({ name, devices }) => [name, devices]),
    [
      ['Enterprise', 125],
      ['Supervisory', 125],
      ['Process Control', 125],
      ['Level not known', 125],
    ],
  );
  assert.equal(scene.items.length, 500);
  for (const [one, item] of scene.items.entries()) {
    const band = scene.bands.find(({ name }) => name === (item.node?.layer ?? 'Level not known'));
    assert.ok(band && item.y > band.y && item.y < band.y + band.height);
    assert.ok(item.x > 0 && item.x < scene.width);
    for (const other of scene.items.slice(one + 1))
      assert.ok(Math.abs(item.x - other.x) >= CELL_WIDTH - 1 || Math.abs(item.y - other.y) >= CELL_HEIGHT - 1);
  }
});

test('the same devices stand in the same places, in whatever order they come', () => {
  const nodes = Array.from({ length: 60 }, (_, index) => ({ subnet: `10.0.${index % 3}.0/24` }));
  const one = graphOf(nodes);
  const other = { ...one, nodes: new Map([...one.nodes].reverse()) };
  const places = (graph: DeviceGraph) => {
    const scene = arrange(graph, PURDUE);
    return [...scene.placeOf].map(([number, place]) => [number, scene.items[place]?.x, scene.items[place]?.y].join(' ')).toSorted();
  };
  assert.deepEqual(places(one), places(other));
});

test('a network of the enterprise is one symbol until it is opened; its lines are one line', () => {
  const graph = graphOf(
    [{}, ...office(8)],
    [
      [1, 2],
      [1, 3],
      [2, 3],
    ],
  );
  const closed = arrange(graph, PURDUE);
  assert.deepEqual([closed.items.length, closed.lines.length, closed.lines[0]?.links.length], [2, 1, 2]);
  const [network] = closed.items.flatMap((item) => item.network ?? []);
  assert.ok(network?.isCollapsed && network.nodes.length === 8);
  const opened = arrange(graph, { ...PURDUE, opened: new Set([network.id]) });
  assert.deepEqual([opened.items.length, opened.lines.length], [9, 3]);
  assert.equal(arrange(graph, { ...PURDUE, collapse: false }).items.length, 9);
  assert.equal(arrange(graphOf([{}, ...office(3)]), PURDUE).items.length, 4, 'a few stay devices');
});

test('by connection, those that talk with each other stand together, and who talks with nobody apart', () => {
  const cell = (from: number) => [1, 2, 3].map((step) => [from, from + step] as const);
  const graph = graphOf(
    Array.from({ length: 9 }, () => ({})),
    [...cell(1), ...cell(5)],
  );
  const { blocks, bands } = arrange(graph, { ...PURDUE, arrangement: 'connection' });
  assert.deepEqual(
    blocks.map(({ name, nodes }) => [name, nodes.map(({ number }) => number)]),
    [
      ['Around D1', [1, 2, 3, 4]],
      ['Around D5', [5, 6, 7, 8]],
      ['Talks with nobody', [9]],
    ],
  );
  assert.deepEqual(
    bands.map(({ name }) => name),
    [''],
  );
});

test('a map of nothing has no bands', () => {
  const { items, bands, lines } = arrange(graphOf([]), PURDUE);
  assert.deepEqual([items, bands, lines], [[], [], []]);
});

test('zooming keeps the point under the pointer, within its bounds', () => {
  const view = { x: 10, y: 20, zoom: 0.5 };
  const near = zoomAt(view, 2, 100, 60);
  assert.deepEqual([near.x + 100 / near.zoom, near.y + 60 / near.zoom], [view.x + 200, view.y + 120]);
  assert.ok(zoomAt(view, 1000, 0, 0).zoom <= 3 && zoomAt(view, 0.0001, 0, 0).zoom > 0);
});

test('devices are found where they are drawn, and by the arrow keys', () => {
  const scene = arrange(graphOf(Array.from({ length: 12 }, () => ({}))), PURDUE);
  const view = fitScene(scene, { width: 1200, height: 700 });
  for (const [place, { x, y }] of scene.items.entries())
    assert.equal(itemAt(scene, view, (x - view.x) * view.zoom + 3, (y - view.y) * view.zoom - 3), place);
  assert.equal(itemAt(scene, view, 1, 1), null);
  const right = itemTowards(scene, 0, 1, 0);
  assert.equal(right, 1);
  assert.equal(itemTowards(scene, 1, -1, 0), 0);
  assert.equal(itemTowards(scene, 0, -1, 0), null, 'nothing is left of the first');
  const below = scene.items[itemTowards(scene, 0, 0, 1) ?? -1];
  assert.equal(below?.x, scene.items[0]?.x);
});

test('a change is taken back for each device as it was: set again, or given back to the traffic', () => {
  const device = (number: number, vendor: string, edited: readonly string[], authorised: boolean) =>
    ({ number, version: 1, vendor, edited, authorised }) as unknown as Device;
  const before = [
    device(1, 'Siemens AG', [], true),
    device(2, 'Acme', ['vendor'], true),
    device(3, 'WAGO', [], true),
    device(4, 'x', [], true),
  ];
  const changes: DeviceChanges = { vendor: 'Other', authorised: false };
  const changed = [1, 2, 3].map((number) => ({ number, version: 2 }));
  assert.deepEqual(undoOf(before, changed, changes), [
    { devices: [changed[0], changed[2]], changes: { vendor: null, authorised: true } },
    { devices: [changed[1]], changes: { vendor: 'Acme', authorised: true } },
  ]);
});

test('a device that somebody put elsewhere stays in its band, goes along with the layout, and is kept within bounds', () => {
  const scene = arrange(graphOf([{ layer: 'Supervisory' }, {}, {}, {}]), { ...PURDUE, collapse: false });
  const moved = movedOn(movedOn(new Map(), [2, 3], 30, 10), [2], 5, -4);
  assert.deepEqual(
    [...moved],
    [
      [3, [30, 10]],
      [2, [35, 6]],
    ],
  );
  const placed = withMoved(scene, moved);
  const itemOf = (of: typeof scene, number: number) => of.items[of.placeOf.get(number) ?? -1];
  assert.deepEqual(itemOf(placed, 1), itemOf(scene, 1));
  assert.equal((itemOf(placed, 3)?.x ?? 0) - (itemOf(scene, 3)?.x ?? 0), 30);
  const [far] = [withMoved(scene, movedOn(new Map(), [1], 1e6, 1e6))];
  const band = scene.bands.find(({ name }) => name === 'Supervisory');
  const one = itemOf(far, 1);
  assert.ok(band && one && one.y < band.y + band.height && one.x < scene.width);
  assert.equal(movedOn(moved, [2], -35, -6).has(2), false, 'it is back');

  const kept = keptWith(null, 'purdue', moved);
  assert.deepEqual(movedIn(kept, 'purdue'), new Map([...moved].toSorted(([a], [b]) => a - b)));
  assert.equal(movedIn(kept, 'connection').size, 0);
  assert.equal(keptWith(kept, 'purdue', new Map()), null);
  assert.equal(movedIn({ purdue: { 7: 'left', x: [1, 2], 8: [1, null] } }, 'purdue').size, 0);
  const many = movedOn(
    new Map(),
    Array.from({ length: 900 }, (_, number) => 90_000 + number),
    -12_345,
    12_345,
  );
  assert.ok(JSON.stringify(keptWith(keptWith(null, 'connection', many), 'purdue', many)).length < 10_000, 'fits what the server keeps');
});
