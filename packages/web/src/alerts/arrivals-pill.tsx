/** Says over the grid what came in, without moving a row. */
import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { ArrowUp16Regular } from '@fluentui/react-icons/svg/arrow-up';
import { HEADER_HEIGHT } from '../grid/grid-styles.ts';
import { alerts } from './action-words.ts';
import type { Arrivals } from './use-arrivals.ts';

const useStyles = makeStyles({
  place: {
    position: 'absolute',
    top: `${HEADER_HEIGHT + 8}px`,
    left: 0,
    right: 0,
    zIndex: 2,
    display: 'flex',
    justifyContent: 'center',
    pointerEvents: 'none',
  },
  pill: {
    pointerEvents: 'auto',
    borderRadius: tokens.borderRadiusCircular,
    boxShadow: tokens.shadow16,
    paddingLeft: '12px',
    paddingRight: '16px',
  },
});

export function ArrivalsPill({ arrivals, onLoad }: { arrivals: Arrivals; onLoad: () => void }) {
  const styles = useStyles();
  const { raised, changed } = arrivals;
  const text = raised > 0 ? `${raised === 1 ? '1 new alert' : `${raised.toLocaleString('en')} new alerts`}` : `${alerts(changed)} changed`;
  return (
    <div className={styles.place} aria-live="polite">
      {raised + changed > 0 && (
        <Button appearance="primary" className={styles.pill} icon={<ArrowUp16Regular />} onClick={onLoad} title="Load them (R)">
          {text}
        </Button>
      )}
    </div>
  );
}
