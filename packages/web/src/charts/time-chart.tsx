/** Counts over time as stacked columns, with the same numbers as a table for those who do not see them. */
import { makeStyles, tokens } from '@fluentui/react-components';
import { useId } from 'react';

export interface ChartSeries {
  readonly label: string;
  readonly color: string;
  readonly counts: readonly number[];
}

const WIDTH = 1000;
const HEIGHT = 220;
const LEFT = 44;
const BOTTOM = 26;
const TOP = 8;
/** Lines across, and labels below. */
const LINES = 4;
const LABELS = 6;

const useStyles = makeStyles({
  picture: { width: '100%', display: 'block', minWidth: '480px' },
  scroller: { overflowX: 'auto' },
  line: { stroke: tokens.colorNeutralStroke2, strokeWidth: '1' },
  text: { fill: tokens.colorNeutralForeground3, fontSize: '12px', fontFamily: tokens.fontFamilyBase },
  legend: { display: 'flex', flexWrap: 'wrap', gap: '4px 16px', listStyleType: 'none', margin: '8px 0 0', padding: 0 },
  entry: { display: 'inline-flex', alignItems: 'center', gap: '6px', fontSize: tokens.fontSizeBase200 },
  swatch: { width: '12px', height: '12px', borderRadius: '2px' },
  table: { marginTop: '8px', fontSize: tokens.fontSizeBase200, '& summary': { cursor: 'pointer', color: tokens.colorBrandForegroundLink } },
  cells: {
    borderCollapse: 'collapse',
    '& th, & td': { padding: '2px 14px 2px 0', textAlign: 'right', fontVariantNumeric: 'tabular-nums' },
  },
});

export interface TimeChartProps {
  readonly title: string;
  /** What each span is called, such as its day. */
  readonly spans: readonly string[];
  readonly series: readonly ChartSeries[];
}

export function TimeChart({ title, spans, series }: TimeChartProps) {
  const styles = useStyles();
  const id = useId();
  const totals = spans.map((_, at) => series.reduce((sum, { counts }) => sum + (counts[at] ?? 0), 0));
  const most = niceAbove(Math.max(1, ...totals));
  const step = (WIDTH - LEFT) / spans.length;
  const y = (count: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - count / most);
  const lines = Array.from({ length: LINES + 1 }, (_, at) => (most * at) / LINES).filter((count) => Number.isInteger(count));
  const every = Math.max(1, Math.ceil(spans.length / LABELS));
  const all = totals.reduce((sum, count) => sum + count, 0);
  return (
    <div>
      <div className={styles.scroller} tabIndex={0} role="region" aria-label={title}>
        <svg className={styles.picture} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={id}>
          <title
            id={id}
          >{`${title}: ${all.toLocaleString('en')} in all, ${Math.max(...totals).toLocaleString('en')} at most in one span`}</title>
          {lines.map((count) => (
            <g key={count}>
              <line className={styles.line} x1={LEFT} x2={WIDTH} y1={y(count)} y2={y(count)} />
              <text className={styles.text} x={LEFT - 8} y={y(count) + 4} textAnchor="end">
                {count.toLocaleString('en')}
              </text>
            </g>
          ))}
          {spans.map((span, at) => {
            let below = 0;
            return (
              <g key={span}>
                {series.map(({ label, color, counts }) => {
                  const count = counts[at] ?? 0;
                  if (count === 0) return null;
                  const top = y(below + count);
                  const height = y(below) - top;
                  below += count;
                  return (
                    <rect
                      key={label}
                      x={LEFT + at * step + step * 0.12}
                      width={Math.max(1, step * 0.76)}
                      y={top}
                      height={height}
                      fill={color}
                    >
                      <title>{`${span}, ${label}: ${count.toLocaleString('en')}`}</title>
                    </rect>
                  );
                })}
                {at % every === 0 && (
                  <text
                    className={styles.text}
                    x={at + 2 > spans.length ? WIDTH : LEFT + (at + 0.5) * step}
                    y={HEIGHT - 8}
                    textAnchor={at + 2 > spans.length ? 'end' : 'middle'}
                  >
                    {span}
                  </text>
                )}
              </g>
            );
          })}
        </svg>
      </div>
      {series.length > 1 && (
        <ul className={styles.legend} aria-label={`Legend of ${title}`}>
          {series.map(({ label, color }) => (
            <li key={label} className={styles.entry}>
              <span className={styles.swatch} style={{ backgroundColor: color }} aria-hidden />
              {label}
            </li>
          ))}
        </ul>
      )}
      <details className={styles.table}>
        <summary>Show as a table</summary>
        <table className={styles.cells}>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {series.map(({ label }) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {spans.map((span, at) =>
              totals[at] === 0 ? null : (
                <tr key={span}>
                  <th scope="row">{span}</th>
                  {series.map(({ label, counts }) => (
                    <td key={label}>{(counts[at] ?? 0).toLocaleString('en')}</td>
                  ))}
                </tr>
              ),
            )}
          </tbody>
        </table>
      </details>
    </div>
  );
}

/** A round number that is not below: 1, 2, 4 or 8 times a power of ten, so that four lines fall on whole numbers. */
function niceAbove(count: number): number {
  const power = 10 ** Math.floor(Math.log10(count));
  return Math.max(4, (([1, 2, 4, 8, 10] as const).find((step) => step * power >= count) ?? 10) * power);
}
