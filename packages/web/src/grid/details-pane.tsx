/** The pane at the right of a grid: a title, what is known, and what to do next. */
import { Button, makeStyles, Subtitle2, tokens } from '@fluentui/react-components';
import { Dismiss20Regular } from '@fluentui/react-icons/svg/dismiss';
import type { ReactNode } from 'react';
import { PaneEdge, usePaneWidth } from './pane-edge.tsx';

const useStyles = makeStyles({
  pane: {
    position: 'relative',
    maxWidth: '100vw',
    boxSizing: 'border-box',
    borderLeft: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground1,
    display: 'grid',
    gridTemplateRows: 'auto minmax(0, 1fr) auto',
    minHeight: 0,
    boxShadow: tokens.shadow8,
    '@media (max-width: 900px)': { position: 'absolute', top: 0, right: 0, bottom: 0, zIndex: 3 },
  },
  header: { display: 'flex', alignItems: 'flex-start', gap: '8px', padding: '16px 12px 8px 20px' },
  title: { flexGrow: 1, paddingTop: '4px', overflowWrap: 'anywhere' },
  content: { overflowY: 'auto', padding: '4px 20px 20px', display: 'grid', gap: '18px', alignContent: 'start' },
  footer: {
    display: 'flex',
    flexWrap: 'wrap',
    '& > *': { whiteSpace: 'nowrap' },
    gap: '8px',
    padding: '12px 20px',
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
});

export function DetailsPane({
  label,
  contentLabel,
  title,
  footer,
  onClose,
  children,
}: {
  label: string;
  contentLabel: string;
  title: string;
  footer?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}) {
  const styles = useStyles();
  const [width, setWidth] = usePaneWidth();
  return (
    <aside className={styles.pane} style={{ width }} aria-label={label}>
      <PaneEdge width={width} onWidth={setWidth} />
      <div className={styles.header}>
        <Subtitle2 as="h2" className={styles.title}>
          {title}
        </Subtitle2>
        <Button appearance="subtle" icon={<Dismiss20Regular />} aria-label="Close the details" onClick={onClose} />
      </div>
      <div className={styles.content} tabIndex={0} role="region" aria-label={contentLabel}>
        {children}
      </div>
      {footer && <div className={styles.footer}>{footer}</div>}
    </aside>
  );
}
