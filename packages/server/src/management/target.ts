/** What a path of the management API names, in the spelling it came in. Names compare without regard to case. */

export interface Target {
  /** Before `/providers/Microsoft.Security`: a subscription, a resource group, or a resource. */
  readonly scope: string;
  readonly subscription: string;
  readonly resourceGroup: string | null;
  /** Type and name of the resource of the scope, such as `Microsoft.Devices/IotHubs`; null for subscriptions and groups. */
  readonly resource: { readonly type: string; readonly name: string } | null;
  /** Behind `/providers/Microsoft.Security`, decoded: `['deviceSecurityGroups', 'pumps']`. */
  readonly rest: readonly string[];
}

const MARK = /\/providers\/microsoft\.security\//i;

/** @param path as it was asked, without the query. Undefined when it is none of the provider `Microsoft.Security`. */
export function parseTarget(path: string): Target | undefined {
  const found = MARK.exec(path);
  if (!found) return undefined;
  const scope = `/${path.slice(0, found.index).replace(/^\/+/, '')}`;
  const parts = decoded(scope.split('/').slice(1));
  const rest = decoded(path.slice(found.index + found[0].length).split('/'));
  if (!parts || !rest || !is(parts[0], 'subscriptions') || !parts[1]) return undefined;
  const inGroup = is(parts[2], 'resourceGroups') && parts[3] !== undefined && parts[3] !== '';
  const behind = parts.slice(inGroup ? 4 : 2);
  const isResource = is(behind[0], 'providers') && behind.length === 4;
  if (behind.length > 0 && !isResource) return undefined;
  return {
    scope,
    subscription: parts[1],
    resourceGroup: inGroup ? parts[3] : null,
    resource: isResource ? { type: `${behind[1]}/${behind[2]}`, name: behind[3] } : null,
    // A slash at the end names nothing more.
    rest: rest.filter((part, at) => part !== '' || at < rest.length - 1),
  };
}

function decoded(parts: readonly string[]): string[] | undefined {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** True for the same name, however it is capitalised. */
export function is(given: string | undefined, name: string): boolean {
  return given?.toLowerCase() === name.toLowerCase();
}
