/** Addresses and values of Modbus messages, for custom rules (Modbus application protocol V1.1b3, clause 6). */
import { u16 } from '@annunciator/packet/bytes';
import { Detail } from '../details.ts';
import type { Facts } from '../facts.ts';

/** States what a request writes; `at` is its function code. */
export function requestDetails(facts: Facts, bytes: Uint8Array, at: number, end: number): void {
  const body = at + 1;
  switch (bytes[at]) {
    case 5:
      if (body + 4 <= end) write(facts, u16(bytes, body), bytes[body + 2] === 0xff ? 1 : 0);
      return;
    case 6:
      if (body + 4 <= end) write(facts, u16(bytes, body), u16(bytes, body + 2));
      return;
    case 8:
      if (body + 2 <= end) facts.detail(Detail.ModbusSubfunction, u16(bytes, body));
      return;
    case 15: {
      const count = u16(bytes, body + 2);
      for (let coil = 0; coil < count && body + 5 + (coil >> 3) < end; coil++)
        write(facts, u16(bytes, body) + coil, (bytes[body + 5 + (coil >> 3)] >> (coil & 7)) & 1);
      return;
    }
    case 16:
      registers(facts, bytes, u16(bytes, body), body + 5, u16(bytes, body + 2), end);
      return;
    case 23:
      registers(facts, bytes, u16(bytes, body + 4), body + 9, u16(bytes, body + 6), end);
      return;
    default:
  }
}

/** States the values that an answer brings; which registers they are, only the request tells. */
export function responseDetails(facts: Facts, bytes: Uint8Array, at: number, end: number): void {
  const code = bytes[at];
  const stop = Math.min(end, at + 2 + bytes[at + 1]);
  if (code === 8 && at + 3 <= end) facts.detail(Detail.ModbusSubfunction, u16(bytes, at + 1));
  if (code === 3 || code === 4 || code === 23)
    for (let value = at + 2; value + 2 <= stop; value += 2) facts.detail(Detail.ModbusValue, u16(bytes, value));
}

function registers(facts: Facts, bytes: Uint8Array, first: number, start: number, count: number, end: number): void {
  for (let index = 0; index < count && start + 2 * index + 2 <= end; index++) write(facts, first + index, u16(bytes, start + 2 * index));
}

function write(facts: Facts, address: number, value: number): void {
  facts.detail(Detail.ModbusAddress, address);
  facts.detail(Detail.ModbusValue, value);
}
