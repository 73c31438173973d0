/**
 * The names a hub answers to. Clients put the host into user names, tokens and audiences, with or without a port, in any
 * case; a token for another hub must not work here.
 */
export class HubNames {
  readonly #names: ReadonlySet<string>;
  /** The first name: what connection strings say. */
  readonly host: string;

  constructor(host: string, others: readonly string[] = []) {
    this.host = host;
    this.#names = new Set([host, ...others].map((name) => name.toLowerCase()));
  }

  /** True when the text is a name of this hub, with or without a port. */
  has(hostAndPort: string): boolean {
    return this.#names.has(hostAndPort.toLowerCase().replace(/:\d{1,5}$/, ''));
  }

  /**
   * The path of a resource within this hub, `/` for the hub itself; undefined when it belongs to another hub.
   * @param given such as `hub.example:8883/devices/pump-7`, with or without a scheme
   */
  pathOf(given: string): string | undefined {
    const resource = given.replace(/^(sb|amqps?|https?):\/\//i, '');
    const slash = resource.indexOf('/');
    const host = slash < 0 ? resource : resource.slice(0, slash);
    if (!this.has(host)) return undefined;
    return slash < 0 ? '/' : resource.slice(slash).replace(/\/+$/, '') || '/';
  }
}
