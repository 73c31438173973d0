/**
 * The document of DESIGN 4.2 as JSON. Every protocol, device, connection and alert is one line: a person can page through
 * it, line tools can pick from it, and no part is ever held as one string with the others.
 */
import type { Report } from './format.ts';

export function* json({ document }: Report): Iterable<string> {
  yield '{\n';
  yield `"capture": ${JSON.stringify(document.capture)},\n`;
  yield '"protocols": {';
  yield* lines(Object.entries(document.protocols), ([id, protocol]) => `${JSON.stringify(id)}: ${JSON.stringify(protocol)}`);
  yield '},\n';
  for (const name of ['devices', 'connections', 'alerts', 'review'] as const) {
    yield `"${name}": [`;
    yield* lines<unknown>(document[name], (item) => JSON.stringify(item));
    yield '],\n';
  }
  yield `"timing": ${JSON.stringify(document.timing)}\n}\n`;
}

function* lines<T>(items: readonly T[], write: (item: T) => string): Iterable<string> {
  let before = '\n';
  for (const item of items) {
    yield `${before}${write(item)}`;
    before = ',\n';
  }
  if (items.length > 0) yield '\n';
}
