/** A real provider of identities (`oidc-provider`, certified) on a free port of this machine, and a browser's way through it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export interface IdentityProvider {
  readonly issuer: string;
  close(): void;
}

/** People by the name they type, with their groups. */
export type People = Readonly<Record<string, readonly string[]>>;

export const CLIENT = { clientId: 'annunciator', clientSecret: 'a-secret-between-the-two' };

export async function identityProvider(people: People, redirectUri: string): Promise<IdentityProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has such an address.
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, redirect_uris: [redirectUri] }],
    cookies: { keys: ['for tests only'] },
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
    pkce: { required: () => true },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, preferred_username: id, groups: [...(people[id] ?? [])] }),
    }),
  });
  const answer = provider.callback();
  server.on('request', (request, response) => void answer(request, response));
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { issuer, close };
}

/** A browser without a page: keeps cookies for each host and follows redirects, filling in the forms of the provider. */
export class Wanderer {
  readonly #cookies = new Map<string, Map<string, string>>();
  readonly #user: string;

  constructor(user: string) {
    this.#user = user;
  }

  cookie(host: string, name: string): string | undefined {
    return this.#cookies.get(host)?.get(name);
  }

  /** Goes on until it is at an address that matches. Returns the address, which is not called. */
  async goUntil(start: string, there: RegExp): Promise<string> {
    let url = start;
    for (let steps = 0; steps < 20; steps++) {
      const next = await this.go(url);
      if (there.test(next)) return next;
      url = next;
    }
    throw new Error(`never came to ${there.source}, last at ${url}`);
  }

  /** One step: where an address sends the browser, or where the form of the page does. */
  async go(url: string): Promise<string> {
    const answer = await this.#call(url);
    const location = answer.headers.get('location');
    if (location) return new URL(location, url).href;
    const page = await answer.text();
    const action = /action="([^"]+)"/.exec(page)?.[1];
    if (!action) throw new Error(`${url} leads nowhere: ${answer.status} ${page.slice(0, 300)}`);
    const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const form = new URLSearchParams({ prompt, ...(prompt === 'login' ? { login: this.#user, password: 'any' } : {}) });
    const sent = await this.#call(new URL(action, url).href, form);
    return new URL(sent.headers.get('location') ?? '', url).href;
  }

  async #call(url: string, form?: URLSearchParams): Promise<Response> {
    const { host } = new URL(url);
    const own = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, own);
    const cookie = [...own].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie }, ...(form ? { method: 'POST', body: form } : {}) });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', ...value] = pair.split('=');
      own.set(name, value.join('='));
    }
    return answer;
  }
}
