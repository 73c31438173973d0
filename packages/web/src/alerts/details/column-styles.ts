/** How parts of a details page stand beside and below each other. */
import { makeStyles, tokens } from '@fluentui/react-components';

export const useColumnStyles = makeStyles({
  columns: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 400px), 1fr))', gap: '16px', alignItems: 'start' },
  stack: { display: 'grid', gap: '16px', minWidth: 0 },
  faint: { color: tokens.colorNeutralForeground3 },
  text: { display: 'block', color: tokens.colorNeutralForeground2 },
});
