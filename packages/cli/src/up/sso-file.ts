/** Settings of single sign-on, in a file that only its owner should read: it holds the secret between the two. */
import { readFile } from 'node:fs/promises';
import { grantsProblem } from '@annunciator/core/access';
import { type Console, rolesOf } from '@annunciator/core/roles';
import { SingleSignOn } from '@annunciator/server/accounts/single-sign-on';
import { z } from 'zod';
import { UsageError } from '../exit-codes.ts';

/** What is said of a part that is missing, of another kind, or an object with fields that nobody knows. */
const orSay = (what: string) => ({
  error: ({ code, input, keys }: { readonly code?: string; readonly input?: unknown; readonly keys?: readonly string[] }) => {
    if (code === 'unrecognized_keys') return `has a field that there is not: ${(keys ?? []).join(', ')}`;
    return input === undefined ? 'is missing' : `is not ${what}`;
  },
});
const text = z.string(orSay('text')).min(1, 'is empty');
const name = text.max(100, 'has more than 100 characters');
const place = name.nullable().default(null);

function settingsSchema(console: Console) {
  const roles = rolesOf(console);
  const group = {
    group: text,
    role: z.enum(roles, orSay(`one of ${roles.join(', ')}`)),
    site: place,
    zone: place,
    packets: z.boolean(orSay('true or false')).nullable().default(null),
  };
  const settings = {
    name: name.default('single sign-on'),
    issuer: z.url(orSay('an address such as https://login.example')),
    clientId: text,
    clientSecret: text,
    scope: text.optional(),
    groupsClaim: text.optional(),
    nameClaim: text.optional(),
    groups: z.array(z.strictObject(group, orSay('an object with group and role')), orSay('a list')),
  };
  return z.strictObject(settings, orSay('an object'));
}

/** @throws UsageError that says what is wrong with the file */
export async function readSingleSignOn(path: string, console: Console): Promise<SingleSignOn> {
  const { success, data, error } = settingsSchema(console).safeParse(parsed(path, await textOf(path)));
  if (!success) throw new UsageError(`${path}: ${error.issues.map((issue) => `${fieldOf(issue.path)} ${issue.message}`).join('; ')}.`);
  const problem = grantsProblem(data.groups, console);
  if (problem !== null) throw new UsageError(`${path}: ${problem}`);
  return new SingleSignOn(data);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why = { ENOENT: 'there is no such file', EACCES: 'the right to read it is missing', EISDIR: 'it is a directory' };
    const known = Object.entries(why).find(([name]) => name === code)?.[1];
    throw new UsageError(`${path} cannot be read: ${known ?? String(error)}.`);
  }
}

function parsed(path: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    // The parser quotes what stands around the place, which may be the secret.
    const [, line, column] = /line (\d+) column (\d+)/.exec(String(error)) ?? [];
    const where = line === undefined ? '' : ` at line ${line}, column ${column}`;
    throw new UsageError(`${path} is no JSON${where}: mend it, or begin with the example of the guide on users and sign-in.`);
  }
}

/** `groups[0].role`; the whole file is "it". */
function fieldOf(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  return parts.join('').replace(/^\./, '') || 'it';
}
