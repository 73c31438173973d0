/** How every grid looks: rows of one height, so that scrolling never measures. */
import { makeStyles, tokens } from '@fluentui/react-components';

export const ROW_HEIGHT = 40;
export const HEADER_HEIGHT = 36;

export const useGridStyles = makeStyles({
  scroller: { height: '100%', overflow: 'auto', position: 'relative', overflowAnchor: 'none' },
  old: { opacity: 0.6 },
  header: {
    position: 'sticky',
    top: 0,
    zIndex: 1,
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  row: { display: 'grid', alignItems: 'center', boxSizing: 'border-box', padding: '0 12px 0 8px' },
  headerRow: { height: `${HEADER_HEIGHT}px` },
  columnHeader: { minWidth: 0 },
  mark: { display: 'flex', alignItems: 'center', '& .fui-Checkbox__indicator': { margin: '4px 8px' } },
  sortButton: {
    justifyContent: 'flex-start',
    width: '100%',
    minWidth: 0,
    height: '28px',
    padding: '0 8px',
    fontWeight: tokens.fontWeightSemibold,
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    whiteSpace: 'nowrap',
    overflow: 'hidden',
  },
  body: { position: 'relative' },
  placed: {
    position: 'absolute',
    top: 0,
    left: 0,
    right: 0,
    height: `${ROW_HEIGHT}px`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    outlineOffset: '-2px',
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  meanings: { maxWidth: '340px' },
  clickable: { cursor: 'pointer', ':hover': { backgroundColor: tokens.colorSubtleBackgroundHover } },
  open: { backgroundColor: tokens.colorBrandBackground2, ':hover': { backgroundColor: tokens.colorBrandBackground2Hover } },
  cell: {
    fontSize: '13px',
    minWidth: 0,
    padding: '0 8px',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    fontVariantNumeric: 'tabular-nums',
  },
  title: { fontWeight: tokens.fontWeightSemibold, color: tokens.colorNeutralForeground1 },
});
