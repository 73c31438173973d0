/** A table of a few rows within a card. Long lists are grids. */
import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  table: {
    width: '100%',
    borderCollapse: 'collapse',
    '& th': { textAlign: 'left', padding: '6px 12px 6px 0', fontSize: tokens.fontSizeBase200, fontWeight: tokens.fontWeightSemibold },
    '& td': {
      padding: '7px 12px 7px 0',
      borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
      fontVariantNumeric: 'tabular-nums',
      overflowWrap: 'anywhere',
    },
  },
});

export interface SmallTableRow {
  readonly key: string | number;
  readonly cells: readonly ReactNode[];
}

export function SmallTable({ heads, rows }: { heads: readonly string[]; rows: readonly SmallTableRow[] }) {
  const styles = useStyles();
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells }) => (
          <tr key={key}>
            {cells.map((cell, at) => (
              <td key={heads[at]}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
