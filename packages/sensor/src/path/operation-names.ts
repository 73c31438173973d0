/** How operations are called: by the dissector that reports their protocol. */
import type { Dissector } from '@annunciator/protocols/dissector';

export type OperationName = (protocol: number, code: number) => string;

export function operationNames(dissectors: readonly Dissector[]): OperationName {
  const byProtocol = new Map(dissectors.flatMap((dissector) => dissector.reports.map((protocol) => [protocol.index, dissector])));
  return (protocol, code) => byProtocol.get(protocol)?.operationName(protocol, code) ?? `operation ${code}`;
}
