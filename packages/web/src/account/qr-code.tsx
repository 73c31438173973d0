/** A text as a QR code. The page that shows one is loaded on demand, and the encoder with it. */
import { makeStyles } from '@fluentui/react-components';
import encode from 'qr';

/** Modules of white around it that readers need (ISO/IEC 18004, 6.3.8). */
const QUIET = 4;
const useStyles = makeStyles({ code: { width: '208px', height: '208px', backgroundColor: '#ffffff', borderRadius: '4px' } });

export function QrCode({ text, label }: { text: string; label: string }) {
  const styles = useStyles();
  const rows = encode(text, 'raw', { border: QUIET });
  const path = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    <svg className={styles.code} viewBox={`0 0 ${rows.length} ${rows.length}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <path d={path} fill="#000000" />
    </svg>
  );
}
