/** The map on a canvas: drawn when something changed and not otherwise; moved with pointer, wheel and keys. */
import { makeStyles, type Theme, tokens } from '@fluentui/react-components';
import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTheme } from '../shell/theme.ts';
import { alertsOf, draw, type Palette, SYMBOL_ZOOM } from './draw.ts';
import type { Scene } from './layout.ts';
import { boxAround, fitBox, fitScene, itemAt, itemTowards, type Size, type View, zoomAt } from './view.ts';

const useStyles = makeStyles({
  frame: { position: 'relative', height: '100%', minHeight: '240px', overflow: 'hidden' },
  canvas: {
    position: 'absolute',
    inset: 0,
    width: '100%',
    height: '100%',
    touchAction: 'none',
    cursor: 'grab',
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
  },
  said: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
});

export interface MapHandle {
  zoom(factor: number): void;
  fit(): void;
  fitSelection(): void;
}

export interface MapCanvasProps {
  readonly ref?: Ref<MapHandle>;
  readonly scene: Scene;
  /** Places of items. */
  readonly selected: ReadonlySet<number>;
  readonly highlighted: ReadonlySet<number> | null;
  readonly showMulticast: boolean;
  /** `more` keeps what is selected already. */
  onSelect(place: number | null, more: boolean): void;
  onOpen(place: number): void;
  /** A device is dragged by so many units of the map; `isDone` when it is let go. */
  onDrag(place: number, dx: number, dy: number, isDone: boolean): void;
  /** The menu of an item, or of the map, at a point of the window. */
  onMenu(place: number | null, x: number, y: number): void;
}

/** Pixels that the pointer may move before a press is a move of the map. */
const STILL = 4;
const STEP = 60;
const WHEEL = 0.0015;
const ZOOM_STEP = 1.3;
/** Units of the map that a device goes by Ctrl and an arrow. */
const NUDGE = 26;

const ARROWS: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function MapCanvas(props: MapCanvasProps) {
  const { scene, selected, highlighted, showMulticast } = props;
  const styles = useStyles();
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useRef<Size>({ width: 0, height: 0 });
  const view = useRef<View | null>(null);
  const hovered = useRef<number | null>(null);
  const frame = useRef(0);
  const press = useRef<{ x: number; y: number; from: View; moved: boolean; device: number | null } | null>(null);
  const { theme, dark } = useTheme();
  const palette = useMemo(() => paletteOf(theme, dark), [theme, dark]);
  const [said, setSaid] = useState('');

  const paint = () => {
    frame.current = 0;
    const context = canvas.current?.getContext('2d', { alpha: false });
    if (!context || size.current.width === 0) return;
    view.current ??= fitScene(scene, size.current);
    draw(context, scene, view.current, { selected, highlighted, hovered: hovered.current, showMulticast }, palette, size.current);
  };
  // The frame that is asked for draws what is true when it comes.
  const latest = useRef(paint);
  latest.current = paint;
  const ask = () => {
    frame.current ||= requestAnimationFrame(() => latest.current());
  };
  useEffect(ask, [scene, selected, highlighted, showMulticast, palette]);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);

  useEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    const measure = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      size.current = { width, height };
      element.width = Math.round(width * devicePixelRatio);
      element.height = Math.round(height * devicePixelRatio);
      ask();
    });
    measure.observe(element);
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { left, top } = element.getBoundingClientRect();
      if (view.current) move(zoomAt(view.current, Math.exp(-event.deltaY * WHEEL), event.clientX - left, event.clientY - top));
    };
    // React listens passively, and the page must not scroll.
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      measure.disconnect();
      element.removeEventListener('wheel', onWheel);
    };
  }, []);

  const move = (next: View) => {
    view.current = next;
    ask();
  };
  const zoom = (factor: number) => {
    if (view.current) move(zoomAt(view.current, factor, size.current.width / 2, size.current.height / 2));
  };
  const fit = () => move(fitScene(scene, size.current));
  const fitSelection = () => {
    const box = boxAround(scene, [...selected]);
    if (box) move(fitBox(box, size.current));
  };
  useImperativeHandle(props.ref, () => ({ zoom, fit, fitSelection }));

  // Another arrangement is seen as a whole.
  const arrangement = `${Math.round(scene.width)} ${Math.round(scene.height)}`;
  useEffect(() => {
    if (view.current && size.current.width > 0) fit();
  }, [arrangement]);

  const placeAt = (event: MouseEvent): number | null => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return view.current ? itemAt(scene, view.current, event.clientX - left, event.clientY - top) : null;
  };
  const say = (place: number | null) => setSaid(place === null ? '' : wordsOf(scene, place));
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0 || !view.current) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    // Among dots a press would always meet a device: there it moves the map.
    const place = view.current.zoom >= SYMBOL_ZOOM ? placeAt(event) : null;
    const device = place !== null && scene.items[place]?.node ? place : null;
    press.current = { x: event.clientX, y: event.clientY, from: view.current, moved: false, device };
  };
  const onPointerMove = (event: PointerEvent) => {
    const held = press.current;
    if (held) {
      const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
      held.moved ||= Math.hypot(dx, dy) > STILL;
      if (held.moved && held.device !== null) props.onDrag(held.device, dx / held.from.zoom, dy / held.from.zoom, false);
      else if (held.moved) move({ ...held.from, x: held.from.x - dx / held.from.zoom, y: held.from.y - dy / held.from.zoom });
      return;
    }
    const over = placeAt(event);
    if (over === hovered.current) return;
    hovered.current = over;
    if (canvas.current) {
      canvas.current.style.cursor = over === null ? 'grab' : 'pointer';
      canvas.current.title = over === null ? '' : wordsOf(scene, over);
    }
    ask();
  };
  const onPointerUp = (event: PointerEvent) => {
    const held = press.current;
    press.current = null;
    if (held?.moved && held.device !== null)
      props.onDrag(held.device, (event.clientX - held.x) / held.from.zoom, (event.clientY - held.y) / held.from.zoom, true);
    if (!held || held.moved) return;
    const place = placeAt(event);
    props.onSelect(place, event.shiftKey || event.ctrlKey);
    say(place);
  };
  const onKey = (event: KeyboardEvent) => {
    const [current] = [...selected].slice(-1);
    const arrow = ARROWS[event.key];
    if (arrow && current !== undefined && event.ctrlKey) {
      if (scene.items[current]?.node) props.onDrag(current, arrow[0] * NUDGE, arrow[1] * NUDGE, true);
    } else if (arrow && current !== undefined && !event.altKey) {
      const next = itemTowards(scene, current, ...arrow);
      if (next !== null) {
        props.onSelect(next, event.shiftKey);
        say(next);
        reveal(next);
      }
    } else if (arrow && view.current)
      move({
        ...view.current,
        x: view.current.x + (arrow[0] * STEP) / view.current.zoom,
        y: view.current.y + (arrow[1] * STEP) / view.current.zoom,
      });
    else if (event.key === '+' || event.key === '=') zoom(ZOOM_STEP);
    else if (event.key === '-') zoom(1 / ZOOM_STEP);
    else if (event.key === '0') fit();
    else if (event.key === 'Home') {
      props.onSelect(0, false);
      say(0);
      reveal(0);
    } else if (event.key === 'Escape') {
      props.onSelect(null, false);
      say(null);
    } else if (event.key === 'Enter' && current !== undefined) props.onOpen(current);
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      const { left, top } = event.currentTarget.getBoundingClientRect();
      const item = current === undefined ? undefined : scene.items[current];
      const at = view.current;
      props.onMenu(
        current ?? null,
        left + (item && at ? (item.x - at.x) * at.zoom : 20),
        top + (item && at ? (item.y - at.y) * at.zoom : 20),
      );
    } else return;
    event.preventDefault();
  };
  /** Moves the map just so far that the item is in sight. */
  const reveal = (place: number) => {
    const item = scene.items[place];
    const at = view.current;
    if (!item || !at) return;
    const [width, height] = [size.current.width / at.zoom, size.current.height / at.zoom];
    const [marginX, marginY] = [width * 0.1, height * 0.1];
    const x = Math.min(item.x - marginX, Math.max(at.x, item.x - width + marginX));
    const y = Math.min(item.y - marginY, Math.max(at.y, item.y - height + marginY));
    if (x !== at.x || y !== at.y) move({ ...at, x, y });
  };
  return (
    <div className={styles.frame}>
      <canvas
        ref={canvas}
        className={styles.canvas}
        tabIndex={0}
        role="application"
        aria-label="Device map. Arrow keys move from device to device, with Ctrl they put the device elsewhere, plus and minus zoom, 0 shows all, Enter opens the device, the menu key its menu. The list view holds the same."
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onDoubleClick={(event) => {
          const place = placeAt(event);
          if (place !== null) props.onOpen(place);
        }}
        onContextMenu={(event) => {
          event.preventDefault();
          const place = placeAt(event);
          if (place !== null && !selected.has(place)) props.onSelect(place, false);
          // The key of the menu comes as this event, too, from where the canvas begins.
          props.onMenu(place, event.clientX, event.clientY);
        }}
        onKeyDown={onKey}
      />
      <span className={styles.said} aria-live="polite">
        {said}
      </span>
    </div>
  );
}

/** What an item is, for those who hear it and for the pointer. */
function wordsOf(scene: Scene, place: number): string {
  const item = scene.items[place];
  if (!item) return '';
  const alerts = alertsOf(item);
  const rest = alerts === 0 ? '' : alerts === 1 ? ', 1 open alert' : `, ${alerts.toLocaleString('en')} open alerts`;
  if (item.network) return `${item.network.name}: ${item.network.nodes.length.toLocaleString('en')} devices${rest}`;
  const { node } = item;
  if (!node) return '';
  const marks = [node.authorised ? '' : 'unauthorized', node.isNew ? 'new' : '', node.importance === 'High' ? 'important' : ''].filter(
    Boolean,
  );
  return [node.name, node.ip !== node.name ? node.ip : '', node.type ?? 'Unknown', ...marks].filter(Boolean).join(', ') + rest;
}

function paletteOf(theme: Theme, dark: boolean): Palette {
  return {
    ground: theme.colorNeutralBackground1,
    band: theme.colorNeutralBackground2,
    block: theme.colorNeutralBackground1,
    blockLine: theme.colorNeutralStroke2,
    text: theme.colorNeutralForeground1,
    faint: theme.colorNeutralForeground3,
    node: theme.colorNeutralBackground1,
    ring: theme.colorNeutralStrokeAccessible,
    dot: theme.colorNeutralForeground2,
    line: theme.colorNeutralStroke1,
    crossing: dark ? '#8a7f5c' : '#a9a08a',
    alert: dark ? '#f4525c' : '#c50f1f',
    onAlert: dark ? '#1a0003' : '#ffffff',
    chosen: theme.colorBrandForeground1,
    star: dark ? '#f2b01f' : '#b26b00',
    stranger: dark ? '#f2941f' : '#c2570c',
    font: theme.fontFamilyBase,
  };
}
