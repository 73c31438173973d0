/** How often something happened within a window, as bars, with the allowed range behind them; what lies outside is marked by shape, too. */
import { makeStyles, tokens } from '@fluentui/react-components';
import { useId } from 'react';
import type { SuggestedRange } from '../../api/hub-security.ts';

const WIDTH = 640;
const HEIGHT = 168;
const LEFT = 44;
const BOTTOM = 24;
const TOP = 10;

const useStyles = makeStyles({
  chart: { width: '100%', height: 'auto', display: 'block' },
  axis: { stroke: tokens.colorNeutralStroke1 },
  label: { fill: tokens.colorNeutralForeground2, fontSize: '11px', fontVariantNumeric: 'tabular-nums' },
  inside: { fill: tokens.colorBrandBackground },
  frame: { fill: 'none', stroke: 'light-dark(#b10e1c, #ff8a92)' },
  stripe: { stroke: 'light-dark(#b10e1c, #ff8a92)', strokeWidth: '2px' },
  legend: { display: 'flex', flexWrap: 'wrap', gap: '4px 18px', fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground2 },
  key: { display: 'inline-flex', alignItems: 'center', gap: '6px' },
  box: { width: '12px', height: '12px', display: 'block' },
});

interface Bar {
  readonly from: number;
  readonly to: number;
  readonly windows: number;
}

/** Bars are taller than their share where it is small: a single window beside a thousand must be seen. */
function heightOf(windows: number, most: number): number {
  return windows === 0 ? 0 : Math.max(3, (Math.log1p(windows) / Math.log1p(most)) * (HEIGHT - TOP - BOTTOM));
}

export function RangeChart({ histogram, min, max }: { histogram: SuggestedRange['histogram']; min: number; max: number }) {
  const styles = useStyles();
  const pattern = useId();
  const most = Math.max(1, ...histogram.map(({ windows }) => windows));
  const step = (WIDTH - LEFT - 6) / Math.max(1, histogram.length);
  const isInside = ({ from, to }: Bar): boolean => to >= min && from <= max;
  const total = histogram.reduce((sum, { windows }) => sum + windows, 0);
  const inside = histogram.filter(isInside).reduce((sum, { windows }) => sum + windows, 0);
  const floor = HEIGHT - BOTTOM;
  // Labels that would touch each other are left out.
  const every = Math.ceil(histogram.length / 10);
  return (
    <figure style={{ margin: 0 }}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        className={styles.chart}
        role="img"
        aria-label={`Windows by how often it happened: ${inside.toLocaleString('en')} of ${total.toLocaleString('en')} lie within ${min} to ${max}.`}
      >
        <defs>
          <pattern id={pattern} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line x1="0" y1="0" x2="0" y2="6" className={styles.stripe} />
          </pattern>
        </defs>
        <text x={LEFT - 6} y={TOP + 8} textAnchor="end" className={styles.label}>
          {most.toLocaleString('en')}
        </text>
        <text x={LEFT - 6} y={floor} textAnchor="end" className={styles.label}>
          0
        </text>
        {histogram.map((bar, at) => {
          const height = heightOf(bar.windows, most);
          const x = LEFT + at * step + 2;
          const box = { x, y: floor - height, width: Math.max(2, step - 4), height };
          return (
            <g key={bar.from}>
              <title>{`${rangeText(bar)}: ${bar.windows.toLocaleString('en')} windows`}</title>
              {isInside(bar) ? (
                <rect {...box} className={styles.inside} />
              ) : (
                <>
                  <rect {...box} fill={`url(#${pattern})`} />
                  <rect {...box} className={styles.frame} />
                </>
              )}
              {at % every === 0 && (
                <text x={x + (step - 4) / 2} y={HEIGHT - 8} textAnchor="middle" className={styles.label}>
                  {rangeText(bar)}
                </text>
              )}
            </g>
          );
        })}
        <line x1={LEFT} y1={floor + 0.5} x2={WIDTH} y2={floor + 0.5} className={styles.axis} />
      </svg>
      <figcaption className={styles.legend}>
        <span className={styles.key}>
          <svg className={styles.box} aria-hidden>
            <rect width="12" height="12" className={styles.inside} />
          </svg>
          Within the range
        </span>
        <span className={styles.key}>
          <svg className={styles.box} aria-hidden>
            <rect width="12" height="12" fill={`url(#${pattern})`} />
            <rect x="0.5" y="0.5" width="11" height="11" className={styles.frame} />
          </svg>
          Outside: raises an alert
        </span>
        <span>Bars: windows of all devices (log scale) by how often it happened in them</span>
      </figcaption>
    </figure>
  );
}

function rangeText({ from, to }: Bar): string {
  return from === to ? from.toLocaleString('en') : `${from.toLocaleString('en')}–${to.toLocaleString('en')}`;
}
