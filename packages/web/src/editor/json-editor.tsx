/** An editor for JSON. Its code is loaded when the first one is shown. */
import { makeStyles, mergeClasses, Spinner, tokens } from '@fluentui/react-components';
import { lazy, Suspense } from 'react';

const Code = lazy(async () => ({ default: (await import('./json-code.tsx')).JsonCode }));

export interface JsonEditorProps {
  readonly label: string;
  readonly value: string;
  readonly readOnly?: boolean;
  /** CSS length; grows with the text up to it. */
  readonly height?: string;
  onChange?(value: string): void;
}

const useStyles = makeStyles({
  frame: {
    border: `1px solid ${tokens.colorNeutralStrokeAccessible}`,
    borderRadius: tokens.borderRadiusMedium,
    overflow: 'hidden',
    minHeight: '64px',
    ':focus-within': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-1px' },
  },
  readOnly: { border: `1px solid ${tokens.colorNeutralStroke2}`, backgroundColor: tokens.colorNeutralBackground2 },
});

export function JsonEditor(props: JsonEditorProps) {
  const styles = useStyles();
  return (
    <div className={mergeClasses(styles.frame, props.readOnly && styles.readOnly)}>
      <Suspense fallback={<Spinner size="small" label="Loading the editor" style={{ padding: 16 }} />}>
        <Code {...props} />
      </Suspense>
    </div>
  );
}
