/** Numbers that a workbook begins with. */
import { Link, makeStyles, Text, tokens } from '@fluentui/react-components';

const useStyles = makeStyles({
  tiles: { display: 'flex', flexWrap: 'wrap', gap: '12px' },
  tile: {
    display: 'grid',
    gap: '2px',
    minWidth: '140px',
    padding: '12px 16px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  number: {
    fontSize: tokens.fontSizeHero700,
    lineHeight: tokens.lineHeightHero700,
    fontWeight: tokens.fontWeightSemibold,
    fontVariantNumeric: 'tabular-nums',
  },
});

export interface Tile {
  readonly label: string;
  /** Undefined while it is not known yet. */
  readonly value: number | string | undefined;
  /** Leads to what was counted. */
  readonly onOpen?: () => void;
}

export function Tiles({ label, tiles }: { label: string; tiles: readonly Tile[] }) {
  const styles = useStyles();
  return (
    <div className={styles.tiles} role="group" aria-label={label}>
      {tiles.map((tile) => (
        <div key={tile.label} className={styles.tile}>
          <span className={styles.number}>{(typeof tile.value === 'number' ? tile.value.toLocaleString('en') : tile.value) ?? '–'}</span>
          {tile.onOpen && tile.value !== 0 ? (
            <Link as="button" onClick={tile.onOpen}>
              {tile.label}
            </Link>
          ) : (
            <Text>{tile.label}</Text>
          )}
        </div>
      ))}
    </div>
  );
}
