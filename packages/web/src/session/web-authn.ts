/** Passkeys of this browser. The code that speaks to authenticators is loaded when one is first used. */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/browser';

/** Why there can be no passkeys on this page; null when there can. */
export function whyNoPasskeys(): string | null {
  if (!window.PublicKeyCredential)
    return 'This browser has no passkeys here: it has them over HTTPS only, and on the machine itself under localhost.';
  const { hostname } = window.location;
  if (/^[\d.]+$|^\[/.test(hostname))
    return `Passkeys need a name: open the portal by its name instead of ${hostname}, on its own machine as localhost.`;
  return null;
}

/** Has an authenticator make a passkey. @throws Error with a sentence for people */
export async function makePasskey(optionsJSON: PublicKeyCredentialCreationOptionsJSON): Promise<RegistrationResponseJSON> {
  const { startRegistration } = await import('@simplewebauthn/browser');
  return said(startRegistration({ optionsJSON }), 'No passkey was made: it was cancelled, or took too long.');
}

/** Has an authenticator sign with a passkey. @throws Error with a sentence for people */
export async function signWithPasskey(optionsJSON: PublicKeyCredentialRequestOptionsJSON): Promise<AuthenticationResponseJSON> {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  return said(
    startAuthentication({ optionsJSON }),
    'No passkey was used: it was cancelled, took too long, or there is none for this address.',
  );
}

/** Milliseconds for which the server waits for an answer, less some to spare. */
const OFFERED_FOR = 270_000;

/**
 * Offers the passkeys of this browser in the autofill of the field for the user name, where the browser does that, until one is
 * chosen. @returns what ends the offer
 */
export function offerPasskeys(
  begin: () => Promise<PublicKeyCredentialRequestOptionsJSON>,
  onChosen: (answer: AuthenticationResponseJSON) => void,
): () => void {
  let isOver = false;
  let cancel: () => void = () => undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const offer = async (): Promise<void> => {
    const { browserSupportsWebAuthnAutofill, startAuthentication, WebAuthnAbortService } = await import('@simplewebauthn/browser');
    if (isOver || !(await browserSupportsWebAuthnAutofill())) return;
    const optionsJSON = await begin();
    if (isOver) return;
    cancel = () => WebAuthnAbortService.cancelCeremony();
    // What was asked for is good for five minutes; somebody may come back to the page later.
    again = setTimeout(start, OFFERED_FOR);
    const answer = await startAuthentication({ optionsJSON, useBrowserAutofill: true });
    if (!isOver) onChosen(answer);
  };
  // It was ended, or the person did something else: there is nothing to tell.
  const start = () => void offer().catch(() => undefined);
  start();
  return () => {
    if (isOver) return;
    isOver = true;
    clearTimeout(again);
    cancel();
  };
}

const SENTENCES: Readonly<Record<string, string>> = {
  ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED: 'There is a passkey of yours in this place already: choose another device or security key.',
  ERROR_AUTHENTICATOR_MISSING_DISCOVERABLE_CREDENTIAL_SUPPORT:
    'This security key keeps no passkeys: choose another device or security key.',
  ERROR_AUTHENTICATOR_MISSING_USER_VERIFICATION_SUPPORT:
    'This device has neither a PIN nor a fingerprint or face: set one up on it, or choose another.',
};

async function said<T>(work: Promise<T>, whenRefused: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const sentence = 'code' in error ? SENTENCES[String(error.code)] : undefined;
    // A browser says no more of why, so that pages cannot find out which passkeys there are.
    throw new Error(sentence ?? (['NotAllowedError', 'AbortError'].includes(error.name) ? whenRefused : error.message), { cause: error });
  }
}
