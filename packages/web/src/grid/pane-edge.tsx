/** The left edge of a pane: it is dragged, or moved with the arrow keys, to make the pane wider. */
import { makeStyles, tokens } from '@fluentui/react-components';
import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { usePreference } from '../shell/preferences.ts';

const PREFERENCE = 'pane.width';
const NARROWEST = 320;
const WIDEST = 900;
const USUAL = 400;
/** Pixels of one press of an arrow key. */
const STEP = 20;

const useStyles = makeStyles({
  edge: {
    position: 'absolute',
    top: 0,
    bottom: 0,
    left: '-4px',
    width: '8px',
    zIndex: 1,
    cursor: 'col-resize',
    touchAction: 'none',
    ':hover': { backgroundColor: tokens.colorBrandStroke2 },
    ':focus-visible': { backgroundColor: tokens.colorBrandStroke1, outline: 'none' },
  },
});

/** The width of panes in pixels, as the person left it. `isFinal` false while the edge is still being moved. */
export function usePaneWidth(): readonly [width: number, set: (width: number, isFinal: boolean) => void] {
  const [preferred, prefer] = usePreference(PREFERENCE);
  const [moving, setMoving] = useState<number | null>(null);
  const set = (width: number, isFinal: boolean) => {
    const kept = within(width);
    setMoving(isFinal ? null : kept);
    if (isFinal) prefer(kept === USUAL ? null : kept);
  };
  return [moving ?? (typeof preferred === 'number' ? within(preferred) : USUAL), set];
}

function within(width: number): number {
  return Math.round(Math.max(NARROWEST, Math.min(WIDEST, width)));
}

export function PaneEdge({ width, onWidth }: { width: number; onWidth: (width: number, isFinal: boolean) => void }) {
  const styles = useStyles();
  const [from, setFrom] = useState<{ x: number; width: number } | null>(null);
  const dragged = (event: PointerEvent) => (from ? from.width + from.x - event.clientX : width);
  const onKey = (event: KeyboardEvent) => {
    const next = { ArrowLeft: width + STEP, ArrowRight: width - STEP, Home: NARROWEST, End: WIDEST }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onWidth(next, true);
  };
  return (
    <div
      className={styles.edge}
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the pane"
      aria-valuenow={width}
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      tabIndex={0}
      onKeyDown={onKey}
      onDoubleClick={() => onWidth(USUAL, true)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setFrom({ x: event.clientX, width });
      }}
      onPointerMove={(event) => from && onWidth(dragged(event), false)}
      onPointerUp={(event) => {
        if (from) onWidth(dragged(event), true);
        setFrom(null);
      }}
      onPointerCancel={() => setFrom(null)}
    />
  );
}
