/** How long clients may take for what must come before anything else, milliseconds. */
export interface Patience {
  /** The TLS handshake. */
  readonly handshakeMs: number;
  /** To say who they are: CONNECT of MQTT, a first proof of AMQP, the head of an HTTPS request. */
  readonly introductionMs: number;
  /** The body of a request other than a file. */
  readonly bodyMs: number;
  /** A whole request; a block of a file over a slow line is the longest. */
  readonly requestMs: number;
}

export const USUAL_PATIENCE: Patience = { handshakeMs: 10_000, introductionMs: 10_000, bodyMs: 30_000, requestMs: 300_000 };
