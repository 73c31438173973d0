/** Messages of rules: text with `{variables}`. `{{` stands for a brace. */

const VARIABLE = /\{\{|\{([^{}]*)\}/g;

/** Names of the variables in a message, each once. */
export function variablesOf(message: string): string[] {
  return [...new Set([...message.matchAll(VARIABLE)].flatMap(([, name]) => (name === undefined ? [] : [name.trim()])))];
}

/** The message with its variables filled in; those without a value become a dash. */
export function filled(message: string, valueOf: (name: string) => string | undefined): string {
  return message.replaceAll(VARIABLE, (_all, name: string | undefined) => (name === undefined ? '{' : (valueOf(name.trim()) ?? '-')));
}
