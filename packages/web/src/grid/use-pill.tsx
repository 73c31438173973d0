/** How the button of a filter looks: its name, and in colour what it lets through. */
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { ChevronDown16Regular } from '@fluentui/react-icons/svg/chevron-down';

const useStyles = makeStyles({
  pill: { borderRadius: '14px', height: '28px', minWidth: 0, maxWidth: '340px', fontWeight: tokens.fontWeightRegular },
  active: {
    backgroundColor: tokens.colorBrandBackground2,
    color: tokens.colorBrandForeground2,
    border: '1px solid transparent',
    ':hover': { backgroundColor: tokens.colorBrandBackground2Hover, color: tokens.colorBrandForeground2 },
  },
  text: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
});

/** Properties of the button. */
export function usePill(text: string, isActive: boolean) {
  const styles = useStyles();
  return {
    size: 'small',
    className: mergeClasses(styles.pill, isActive && styles.active),
    icon: <ChevronDown16Regular />,
    iconPosition: 'after',
    title: text,
    children: <span className={styles.text}>{text}</span>,
  } as const;
}
