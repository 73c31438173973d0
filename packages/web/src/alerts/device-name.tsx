/** A device by its name, else IP, else MAC address. */
import { makeStyles, tokens } from '@fluentui/react-components';
import type { Endpoint } from '../api/alerts.ts';

const useStyles = makeStyles({
  two: { display: 'grid', lineHeight: tokens.lineHeightBase100, minWidth: 0 },
  line: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  more: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase100 },
});

export function deviceLabel(endpoint: Endpoint | null): string {
  return endpoint ? (endpoint.name ?? endpoint.ip ?? endpoint.mac ?? endpoint.device) : '';
}

export function DeviceName({ endpoint, multiple = false }: { endpoint: Endpoint | null; multiple?: boolean }) {
  const styles = useStyles();
  const label = deviceLabel(endpoint);
  if (!multiple) return label || '–';
  return (
    <span className={styles.two}>
      <span className={styles.line}>{label}</span>
      <span className={styles.more}>Multiple violations</span>
    </span>
  );
}
