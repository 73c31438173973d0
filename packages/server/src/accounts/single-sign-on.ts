/**
 * Single sign-on by OpenID Connect: the authorization code flow with PKCE (RFC 7636), state and nonce. Who somebody is says the
 * provider; what they may do here follows from the groups that it names, anew at each sign-in.
 */
import type { Grant } from '@annunciator/core/access';
import * as oidc from 'openid-client';
import { RequestError } from '../http/request-error.ts';

export interface SingleSignOnSettings {
  /** What the button says after "Sign in with". */
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** `openid profile` when absent. */
  readonly scope?: string | undefined;
  /** Claim with the groups of somebody; `groups` when absent. */
  readonly groupsClaim?: string | undefined;
  /** Claim with the name; `preferred_username`, else `email`, when absent. */
  readonly nameClaim?: string | undefined;
  readonly groups: readonly (Grant & { readonly group: string })[];
}

/** Somebody as the provider knows them, with what their groups grant. */
export interface ExternalUser {
  /** Issuer and subject: stays when the name changes. */
  readonly external: string;
  readonly name: string;
  readonly grants: readonly Grant[];
}

/** Milliseconds for signing in at the provider. */
const PATIENCE = 600_000;
/** Sign-ins that are under way at once; the oldest is given up for another. */
const MOST_BEGUN = 1000;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

interface Begun {
  readonly verifier: string;
  readonly nonce: string;
  readonly until: number;
}

export class SingleSignOn {
  readonly name: string;
  readonly #settings: SingleSignOnSettings;
  readonly #begun = new Map<string, Begun>();
  #provider: Promise<oidc.Configuration> | undefined;

  constructor(settings: SingleSignOnSettings) {
    this.#settings = settings;
    this.name = settings.name;
  }

  /** Where to send the browser, and the state that has to come back with it. @param redirectUri address of the callback */
  async begin(redirectUri: string): Promise<{ url: string; state: string }> {
    const provider = await this.#discovered();
    const verifier = oidc.randomPKCECodeVerifier();
    const state = oidc.randomState();
    const nonce = oidc.randomNonce();
    const now = Date.now();
    for (const [old, { until }] of this.#begun) if (until < now || this.#begun.size >= MOST_BEGUN) this.#begun.delete(old);
    this.#begun.set(state, { verifier, nonce, until: now + PATIENCE });
    const url = oidc.buildAuthorizationUrl(provider, {
      redirect_uri: redirectUri,
      scope: this.#settings.scope ?? 'openid profile',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { url: url.href, state };
  }

  /**
   * Who came back. @param address the callback as it was called @param state what the browser kept since {@link begin}
   * @throws RequestError when it is no answer to a sign-in of this browser, or the provider refuses
   */
  async finish(address: URL, state: string): Promise<ExternalUser> {
    const begun = this.#begun.get(state);
    this.#begun.delete(state);
    if (!begun || begun.until < Date.now())
      throw new RequestError(401, 'sso_failed', 'This sign-in was not begun here, or too long ago: begin again.');
    const provider = await this.#discovered();
    let claims: Readonly<Record<string, unknown>> & { readonly iss: string; readonly sub: string };
    try {
      const checks = { pkceCodeVerifier: begun.verifier, expectedState: state, expectedNonce: begun.nonce, idTokenExpected: true };
      const tokens = await oidc.authorizationCodeGrant(provider, address, checks);
      const identity = tokens.claims();
      if (!identity) throw new Error('the answer has no ID token');
      const more = provider.serverMetadata().userinfo_endpoint ? await oidc.fetchUserInfo(provider, tokens.access_token, identity.sub) : {};
      claims = { ...more, ...identity };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new RequestError(401, 'sso_failed', `${this.name} did not confirm the sign-in: ${why}.`);
    }
    const grants = this.#grantsOf(claims[this.#settings.groupsClaim ?? 'groups']);
    const name = nameOf(claims, this.#settings.nameClaim);
    return { external: `${claims.iss} ${claims.sub}`, name, grants };
  }

  #grantsOf(claim: unknown): Grant[] {
    const groups = new Set([claim].flat());
    return this.#settings.groups
      .filter(({ group }) => groups.has(group))
      .map(({ role, site, zone, packets }) => ({ role, site, zone, packets }));
  }

  /** What the provider says of itself, asked once; a failure is asked again. */
  #discovered(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings;
    const server = new URL(issuer);
    // Without TLS only to this machine, for tests and trials.
    const insecure = server.protocol === 'http:' && LOOPBACK.has(server.hostname);
    const options = insecure ? { execute: [oidc.allowInsecureRequests] } : {};
    this.#provider ??= oidc.discovery(server, clientId, clientSecret, undefined, options).catch((error: unknown) => {
      this.#provider = undefined;
      const why = error instanceof Error ? error.message : String(error);
      throw new RequestError(503, 'sso_unreachable', `${this.name} cannot be asked at ${issuer}: ${why}.`);
    });
    return this.#provider;
  }
}

function nameOf(claims: Readonly<Record<string, unknown>> & { readonly sub: string }, claim: string | undefined): string {
  const names = claim === undefined ? [claims['preferred_username'], claims['email']] : [claims[claim]];
  const name = names.find((one) => typeof one === 'string' && one.trim() !== '');
  return String(name ?? claims.sub).slice(0, 100);
}
