/**
 * X.509 certificates (RFC 5280) as TLS up to 1.2 sends them in clear: whom one names, who signed it, how long it holds. The
 * decoder is the runtime's own. A flood of handshakes shows the same few certificates, so what was read is kept.
 */
import { X509Certificate } from 'node:crypto';
import { u24 } from '@annunciator/packet/bytes';
import type { CertificateFact } from '../facts.ts';
import { hashOf } from '../hash.ts';

export type Certificate = Pick<CertificateFact, 'subject' | 'issuer' | 'notBefore' | 'notAfter' | 'names'>;

const MAX_KEPT = 256;
const MOST_NAMES = 16;
const LONGEST_NAME = 256;
const kept = new Map<string, Certificate | undefined>();

/** `CN=plc7\nO=Works` on one line, as people write a distinguished name. */
const oneLine = (name: string): string => name.split('\n').reverse().join(', ').slice(0, LONGEST_NAME);

function decode(der: Uint8Array): Certificate | undefined {
  try {
    const read = new X509Certificate(der);
    const [notBefore, notAfter] = [read.validFromDate.getTime() / 1000, read.validToDate.getTime() / 1000];
    if (!Number.isFinite(notBefore) || !Number.isFinite(notAfter)) return undefined;
    const names = (read.subjectAltName ?? '').split(', ').map((name) => name.replace(/^(?:DNS|IP Address|URI|email):/, ''));
    return {
      subject: oneLine(read.subject ?? ''),
      issuer: oneLine(read.issuer ?? ''),
      notBefore,
      notAfter,
      names: names
        .filter(Boolean)
        .slice(0, MOST_NAMES)
        .map((name) => name.slice(0, LONGEST_NAME)),
    };
  } catch {
    return undefined;
  }
}

/**
 * The first certificate, which is the sender's own, of a Certificate message with the body `bytes[start, end)` (RFC 5246,
 * 7.4.2). `none` when the list is empty, `broken` when the bytes hold no certificate.
 */
export function readCertificates(bytes: Uint8Array, start: number, end: number): Certificate | 'none' | 'broken' {
  if (end - start < 3) return 'broken';
  if (u24(bytes, start) === 0) return 'none';
  const from = start + 6;
  if (from > end) return 'broken';
  const to = from + u24(bytes, start + 3);
  if (to > end) return 'broken';
  const key = `${to - from} ${hashOf(bytes, from, to)} ${hashOf(bytes, from, to, 1)}`;
  if (!kept.has(key)) {
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(key, decode(bytes.subarray(from, to)));
  }
  return kept.get(key) ?? 'broken';
}
