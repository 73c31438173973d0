/** The page of the documentation about the API, from its own description and the table of errors. */
import { ERRORS } from '../src/http/errors.ts';
import { sampleServer } from './serve-samples.ts';

/** The parts of OpenAPI 3.1 that our description uses. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | number | null)[];
  readonly const?: string;
  readonly description?: string;
  readonly format?: string;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly default?: unknown;
}
interface Operation {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>>;
  readonly 'x-permission'?: string;
}
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The description that a server gives. */
export async function apiDescription(): Promise<OpenApi> {
  const { app } = await sampleServer();
  try {
    return (await app.inject({ url: '/api/openapi.json' })).json<OpenApi>();
  } finally {
    await app.close();
  }
}

export function apiPage({ paths, components }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const byTag = Map.groupBy(operations, ({ operation }) => operation.tags?.[0] ?? 'Other');
  const tags = [...byTag.keys()].sort();
  const schemas = Object.entries(components.schemas).filter(([name]) => !name.endsWith('Input'));
  return `# API

The portal uses nothing but this interface; so everything it can do, a program can do. The description for programs is at \`/api/openapi.json\`
(OpenAPI 3.1) on every server. This page is written from it: \`npx node packages/server/tests/reference-pages.ts\`.

- A program sends \`Authorization: Bearer TOKEN\`; tokens are made on the page API tokens or by \`npx annunciator token create\`. A browser has a session
  cookie, and repeats the session's token in \`x-csrf-token\` on every write.
- What a role may do is in [roles](roles.md); each entry below names the permission it asks for.
- Lists come in pages: ask again with \`cursor\` set to the \`next\` of the page before, until \`next\` is null. There is no last page that cannot be reached, and
  a deep page takes as long as the first.
- A change of one alert may carry \`If-Match\` with the revision that was seen: what somebody changed since is not overrun, the answer is 412 with their changes.
- Many alerts are changed by a job (\`/api/alert-jobs\`) with a key of your own: asking again with the same key starts nothing twice.
- Every refusal is \`{code, message}\`: the code is [stable](#errors), the message says what to do.

${tags.map((tag) => tagPart(tag, byTag.get(tag) ?? [])).join('\n')}
## Objects

${schemas.map(([name, schema]) => objectPart(name, schema)).join('\n')}
## Errors

| Code | Status | Meaning |
| --- | --- | --- |
${Object.entries(ERRORS)
  .map(([code, [status, meaning]]) => `| \`${code}\` | ${status} | ${meaning} |`)
  .join('\n')}
`;
}

function tagPart(tag: string, operations: readonly { path: string; method: string; operation: Operation }[]): string {
  return `## ${tag}\n\n${operations.map(({ path, method, operation }) => operationPart(method, path, operation)).join('\n')}`;
}

function operationPart(method: string, path: string, operation: Operation): string {
  const { parameters = [], requestBody, responses } = operation;
  const rows = parameters.map(({ name, in: place, required, description, schema }) => [
    `\`${name}\`${required ? '' : '?'}`,
    place,
    typeText(schema),
    [description ?? schema.description ?? '', defaultText(schema)].filter(Boolean).join(' '),
  ]);
  const body = Object.values(requestBody?.content ?? {})[0]?.schema;
  const parts = [
    `### ${method} ${path}`,
    `${operation.summary ?? ''}. Permission: ${permissionText(operation['x-permission'])}.`,
    operation.description ?? '',
    rows.length > 0 ? table(['Parameter', 'In', 'Type', 'Meaning'], rows) : '',
    body ? `Body: ${bodyText(body)}` : '',
    `Answers: ${Object.entries(responses).map(answerText).join(', ')}.`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function permissionText(permission: string | undefined): string {
  if (permission === 'anyone') return 'none';
  return permission === 'signed-in' ? 'being signed in' : `\`${permission ?? ''}\``;
}

function answerText([status, { content }]: [string, Operation['responses'][string]]): string {
  const [kind, media] = Object.entries(content ?? {})[0] ?? [];
  if (!media || !kind) return status;
  return kind === 'application/json' ? `${status} ${typeText(media.schema)}` : `${status} ${kind}`;
}

function bodyText(schema: Schema): string {
  if (!schema.properties) return typeText(schema);
  return `\n\n${fields(schema)}`;
}

function objectPart(name: string, schema: Schema): string {
  const text = schema.properties ? fields(schema) : typeText(schema);
  return `### ${name}\n\n${schema.description ? `${schema.description}.\n\n` : ''}${text}\n`;
}

function fields(schema: Schema): string {
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) => [
    `\`${name}\`${schema.required?.includes(name) ? '' : '?'}`,
    typeText(field),
    [field.description ?? '', defaultText(field)].filter(Boolean).join(' '),
  ]);
  return table(['Field', 'Type', 'Meaning'], rows);
}

function defaultText(schema: Schema): string {
  return schema.default === undefined ? '' : `(${JSON.stringify(schema.default)} when absent)`;
}

/** The type of a value in few words; objects that have a name are linked. */
function typeText(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = (schema.$ref.split('/').at(-1) ?? '').replace(/Input$/, '');
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema.const !== undefined) return `"${schema.const}"`;
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' \\| ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map(typeText))].join(' \\| ');
  if (schema.type === 'array') return `list of ${typeText(schema.items ?? {})}`;
  if (schema.properties) {
    const inner = Object.entries(schema.properties).map(
      ([name, field]) => `${name}${schema.required?.includes(name) ? '' : '?'}: ${typeText(field)}`,
    );
    return `{${inner.join(', ')}}`;
  }
  if (typeof schema.additionalProperties === 'object') return `object of ${typeText(schema.additionalProperties)}`;
  return [schema.type ?? 'any'].flat().join(' \\| ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
