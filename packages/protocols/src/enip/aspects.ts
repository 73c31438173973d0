/** What the baseline entries of EtherNet/IP, CIP and PCCC say to people. */
import type { AspectText } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { className, serviceName } from './cip-names.ts';
import { commandName, hex2, hex4 } from './names.ts';
import { pcccName } from './pccc.ts';

export const ASPECT_TEXTS: Readonly<Record<number, AspectText>> = {
  [Aspect.EnipCommand]: (a) => ({ command: hex4(a), name: commandName(a) }),
  [Aspect.CipClass]: (a) => ({ class: className(a) }),
  [Aspect.CipClassService]: (a, b) => ({ class: className(a), service: hex2(b), name: serviceName(a, b) }),
  [Aspect.CipSymbol]: (a, b, text) => ({ access: a === 0 ? 'read' : 'write', symbol: text(b) }),
  [Aspect.PcccCommand]: (a, b) => ({
    command: hex2(a),
    ...(b >= 0 && { function: hex2(b) }),
    name: pcccName(((a & 0x0f) << 8) | Math.max(b, 0)),
  }),
  [Aspect.CipIoConnection]: (a, b) => ({ originatorToTarget: a, targetToOriginator: b }),
};
