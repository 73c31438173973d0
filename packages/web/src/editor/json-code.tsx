/** The editor itself: CodeMirror with JSON, marks at what is no JSON, and the portal's colours. Tab leaves it, as it does any field. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { linter, lintGutter } from '@codemirror/lint';
import { Annotation, EditorState } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tokens } from '@fluentui/react-components';
import { tags } from '@lezer/highlight';
import { useEffect, useEffectEvent, useRef } from 'react';
import type { JsonEditorProps } from './json-editor.tsx';

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: 'light-dark(#0f4a85, #8ec5ff)' },
  { tag: tags.string, color: 'light-dark(#7a2e0e, #f3b48b)' },
  { tag: tags.number, color: 'light-dark(#0b5a3c, #9fdcb8)' },
  { tag: [tags.bool, tags.null], color: 'light-dark(#5b2a86, #d3b5f5)' },
  { tag: tags.punctuation, color: tokens.colorNeutralForeground2 },
]);

const THEME = EditorView.theme({
  '&': { fontSize: '13px', color: tokens.colorNeutralForeground1, backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: tokens.fontFamilyMonospace, lineHeight: '20px' },
  '.cm-content': { caretColor: tokens.colorNeutralForeground1, padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: tokens.colorNeutralForeground1 },
  '.cm-gutters': { backgroundColor: 'transparent', color: tokens.colorNeutralForeground3, border: 'none' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: tokens.colorBrandBackground2Pressed,
  },
  '.cm-matchingBracket': { backgroundColor: `${tokens.colorBrandBackground2} !important` },
  '.cm-tooltip': {
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
  },
});

/** Marks what the page put into the editor, which is no change of the person's. */
const FROM_THE_PAGE = Annotation.define<true>();

/** The page's nonce: without it the browser refuses the editor's styles. */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
}

export function JsonCode({ label, value, readOnly = false, height = '420px', onChange }: JsonEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useEffectEvent((text: string) => onChange?.(text));
  useEffect(() => {
    if (!place.current) return undefined;
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          EditorView.cspNonce.of(nonce()),
          lineNumbers(),
          foldGutter(),
          json(),
          syntaxHighlighting(COLOURS),
          bracketMatching(),
          drawSelection(),
          history(),
          keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap]),
          EditorView.contentAttributes.of({ 'aria-label': label, 'aria-readonly': String(readOnly), tabindex: '0' }),
          EditorView.lineWrapping,
          EditorState.readOnly.of(readOnly),
          EditorView.editable.of(!readOnly),
          THEME,
          EditorView.theme({ '.cm-scroller': { maxHeight: height, overflow: 'auto' } }),
          ...(readOnly ? [] : [linter(jsonParseLinter()), lintGutter()]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !update.transactions.some((one) => one.annotation(FROM_THE_PAGE)))
              changed(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
    // The text is kept in step below.
  }, [label, readOnly, height]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value }, annotations: FROM_THE_PAGE.of(true) });
  }, [value]);
  return <div ref={place} />;
}
