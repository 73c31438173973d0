/** Routes by method and path. */
import type { Answer, HubRequest } from './request.ts';

export interface Route {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Segments with slashes between; `:name` takes one segment, a last `:name*` all that follow. */
  readonly path: string;
  /** False for calls that carry no api-version, such as those to the blob store. */
  readonly versioned?: boolean;
  handle(request: HubRequest): Promise<Answer>;
}

export interface Match {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly route: Route;
  readonly segments: readonly string[];
  readonly open: boolean;
}

export class Router {
  readonly #patterns: readonly Pattern[];

  constructor(routes: readonly Route[]) {
    this.#patterns = routes.map((route) => {
      const segments = route.path.split('/').slice(1);
      return { route, segments, open: segments.at(-1)?.endsWith('*') ?? false };
    });
  }

  /** The route of a request; `method` when the path exists for other methods only; undefined when nothing fits. */
  find(method: string, path: string): Match | 'method' | 'malformed' | undefined {
    const given = path.replace(/\/+$/, '').split('/').slice(1);
    let other = false;
    for (const pattern of this.#patterns) {
      const parameters = match(pattern, given);
      if (parameters === undefined) continue;
      if (parameters === 'malformed') return 'malformed';
      if (pattern.route.method === method) return { route: pattern.route, parameters };
      other = true;
    }
    return other ? 'method' : undefined;
  }
}

function match({ segments, open }: Pattern, given: readonly string[]): Record<string, string> | 'malformed' | undefined {
  if (open ? given.length < segments.length : given.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    if (!segment.startsWith(':')) {
      if (segment.toLowerCase() !== given[at].toLowerCase()) return undefined;
      continue;
    }
    const rest = open && at === segments.length - 1;
    const value = decode(rest ? given.slice(at).join('/') : given[at]);
    if (value === undefined) return 'malformed';
    if (value === '') return undefined;
    parameters[segment.slice(1).replace('*', '')] = value;
  }
  return parameters;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
