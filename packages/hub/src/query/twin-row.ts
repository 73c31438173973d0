/** A twin as a row of a query. Its sections are parsed only when the query looks into them. */
import { twinHead, serviceTwin } from '../twin/document.ts';
import { isObject, type Json, type JsonObject } from '../twin/limits.ts';
import type { Twin } from '../state/twins.ts';
import type { Row, Value } from './evaluate.ts';

export class TwinRow implements Row {
  readonly #twin: Twin;
  #head: Readonly<Record<string, unknown>> | undefined;
  #tags: Json | undefined;
  #properties: JsonObject | undefined;

  constructor(twin: Twin) {
    this.#twin = twin;
  }

  member(name: string): Value {
    switch (name) {
      case 'tags':
        this.#tags ??= parsed(this.#twin.twin.tags);
        return this.#tags;
      case 'properties':
        this.#properties ??= properties(this.#twin);
        return this.#properties;
      default:
        this.#head ??= { ...twinHead(this.#twin.identity, this.#twin.twin) };
        // The head is made of JSON values.
        return Object.hasOwn(this.#head, name) ? (this.#head[name] as Json) : undefined;
    }
  }

  /** The whole twin as JSON text. */
  text(): string {
    return serviceTwin(this.#twin);
  }
}

function properties({ twin }: Twin): JsonObject {
  const section = (text: string, metadata: string, version: number): JsonObject => ({
    ...parsed(text),
    $metadata: parsed(metadata),
    $version: version,
  });
  return {
    desired: section(twin.desired, twin.desiredMetadata, twin.desiredVersion),
    reported: section(twin.reported, twin.reportedMetadata, twin.reportedVersion),
  };
}

/** A section that the state wrote. */
function parsed(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  return isObject(value) ? value : {};
}
