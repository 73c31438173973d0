/** Lines that come and lines that go, each with its sign. */
import { makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';

const SHOWN = 200;

const useStyles = makeStyles({
  lines: {
    margin: 0,
    padding: 0,
    listStyleType: 'none',
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase300,
  },
  line: { display: 'grid', gridTemplateColumns: '18px minmax(0, 1fr)', padding: '1px 6px', overflowWrap: 'anywhere' },
  added: { backgroundColor: 'light-dark(#e6f4ea, #12331d)', color: tokens.colorNeutralForeground1 },
  removed: { backgroundColor: 'light-dark(#fdeceb, #44191b)', color: tokens.colorNeutralForeground1 },
  faint: { color: tokens.colorNeutralForeground3 },
});

export function Difference({ added, removed }: { added: readonly string[]; removed: readonly string[] }) {
  const styles = useStyles();
  if (added.length + removed.length === 0) return <Text className={styles.faint}>Nothing is different.</Text>;
  const parts = [
    { sign: '−', word: 'goes', lines: removed, look: styles.removed },
    { sign: '+', word: 'comes', lines: added, look: styles.added },
  ];
  return (
    <>
      <ul className={styles.lines} aria-label="What is different">
        {parts.flatMap(({ sign, word, lines, look }) =>
          lines.slice(0, SHOWN).map((line) => (
            <li key={`${sign} ${line}`} className={mergeClasses(styles.line, look)} aria-label={`${word}: ${line}`}>
              <span aria-hidden>{sign}</span>
              <span aria-hidden>{line}</span>
            </li>
          )),
        )}
      </ul>
      {parts.map(
        ({ word, lines }) =>
          lines.length > SHOWN && (
            <Text
              key={word}
              className={styles.faint}
            >{`${(lines.length - SHOWN).toLocaleString('en')} more ${word === 'goes' ? 'go' : 'come'}.`}</Text>
          ),
      )}
    </>
  );
}
