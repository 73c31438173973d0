/**
 * Alerts as Suricata writes them: EVE JSON, one line each, `event_type` `alert` (docs.suricata.io, "Eve JSON Format").
 * What EVE has no name for is in the object `annunciator`.
 */
import { findAlertType } from '@annunciator/core/catalogue';
import type { AlertDocument } from '@annunciator/sensor/analysis/document';
import type { Report } from './format.ts';
import { applicationOf, ipProtocol, type TransportOf, transports } from './transport.ts';

/** 1 is the most severe, as `priority` in a rule. */
const SEVERITY: Readonly<Record<string, number>> = { Critical: 1, Major: 2, Minor: 3, Warning: 4 };

/** Protocols that Suricata calls otherwise (`app-layer` names). */
const APP_PROTO: Readonly<Record<string, string>> = { vnc: 'rfb', kerberos: 'krb5', smb1: 'smb', smb2: 'smb' };

export function* eve({ document }: Report): Iterable<string> {
  const transportOf = transports(document.connections);
  const file = document.capture.files.length === 1 ? document.capture.files[0] : undefined;
  for (const alert of document.alerts) yield `${JSON.stringify(record(alert, transportOf, file))}\n`;
}

/** Members that are undefined are left out, as Suricata leaves out what does not apply. */
function record(alert: AlertDocument, transportOf: TransportOf, file: string | undefined): object {
  const type = findAlertType(alert.type);
  const { source, destination } = alert;
  const application = applicationOf(alert);
  const ether = { src_mac: source?.mac ?? undefined, dest_mac: destination?.mac ?? undefined };
  return {
    timestamp: eveTime(alert.firstDetection),
    event_type: 'alert',
    pcap_cnt: alert.frames[0],
    pcap_filename: file,
    src_ip: source?.ip ?? undefined,
    src_port: source?.port ?? undefined,
    dest_ip: destination?.ip ?? undefined,
    dest_port: destination?.port ?? undefined,
    proto: ipProtocol(transportOf(alert))?.name,
    app_proto: application && (APP_PROTO[application] ?? application),
    ether: ether.src_mac || ether.dest_mac ? ether : undefined,
    alert: {
      action: 'allowed',
      gid: 1,
      signature_id: signatureId(alert.type),
      rev: 1,
      signature: alert.title,
      category: alert.category,
      severity: SEVERITY[alert.severity] ?? 4,
      metadata: {
        mitre_tactic_id: alert.tactics,
        mitre_tactic_name: type?.tactics.map((tactic) => tactic.name) ?? [],
        mitre_technique_id: alert.techniques,
        mitre_technique_name: type?.techniques.map((technique) => technique.name) ?? [],
      },
    },
    annunciator: {
      id: alert.id,
      type: alert.type,
      engine: alert.engine,
      severity: alert.severity,
      status: alert.status,
      message: alert.message,
      expected: alert.expected,
      seen: alert.seen,
      source_device: source?.device,
      destination_device: destination?.device,
      last_detection: alert.lastDetection,
      count: alert.count,
      frames: alert.frames,
      violations: alert.violations,
      learnable: alert.learnable,
    },
  };
}

/**
 * Number of an alert type: FNV-1a of its id in 1,000,000,000 to 1,999,999,999, so that it stays the same when types are
 * added and never meets a published rule.
 */
export function signatureId(type: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < type.length; at++) hash = Math.imul(hash ^ type.charCodeAt(at), 0x01000193) >>> 0;
  return 1_000_000_000 + (hash % 1_000_000_000);
}

/** `2026-11-21T09:00:00.123456Z` as EVE writes it: microseconds and `+0000`. */
function eveTime(time: string): string {
  return time.replace(/\.(\d+)Z$/, (_, fraction: string) => `.${fraction.slice(0, 6).padEnd(6, '0')}+0000`).replace(/Z$/, '.000000+0000');
}
