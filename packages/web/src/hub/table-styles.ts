/** How a short table looks that is no grid. */
import { makeStyles, tokens } from '@fluentui/react-components';

export const useTableStyles = makeStyles({
  table: { borderCollapse: 'collapse', width: '100%' },
  head: {
    textAlign: 'left',
    padding: '8px 10px',
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  cell: { padding: '8px 10px', borderBottom: `1px solid ${tokens.colorNeutralStroke3}` },
});
