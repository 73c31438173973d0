/**
 * Jobs that load, read back, start and stop programs: download 0x1a to 0x1c, upload 0x1d to 0x1f, program invocation
 * 0x28, stop 0x29. Rare, so the plain way is taken.
 */
import { text } from '@annunciator/packet/bytes';
import { type ActionName, Aspect, type FactParameters, type Facts } from '../facts.ts';
import { BLOCK_LENGTH, type Block, piService, readBlock } from './blocks.ts';
import { Func, FUNCTION_NAMES, HEX } from './names.ts';
import { S7, violate, type WaitingActions } from './report.ts';

/** Blocks named in one service; a parameter block of 64 KiB could name thousands. */
const MOST_BLOCKS = 32;

function countBlock(facts: Facts, block: Block | undefined): void {
  if (block && facts.countsFields) facts.field('s7comm.data.blockcontrol.block_type', block.type);
}

/** File name after function (1), status (1), error (2) and session (4): length, then text. Undefined when it does not fit. */
function readFileName(
  bytes: Uint8Array,
  parameters: number,
  data: number,
): { name: string; block: Block | undefined; next: number } | undefined {
  const at = parameters + 8;
  if (at >= data) return undefined;
  const next = at + 1 + bytes[at];
  if (next > data) return undefined;
  const block = bytes[at] === BLOCK_LENGTH + 1 ? readBlock(bytes, at + 2, next) : undefined;
  return { name: text(bytes, at + 1, next, 64), block, next };
}

function describe(func: number, name: string, block: Block | undefined): { text: string; parameters: FactParameters } {
  const parameters: Record<string, string | number> = { function: HEX[func], file: name };
  if (block) {
    parameters.block = block.name;
    parameters.blockType = block.type;
    parameters.blockNumber = block.number;
  }
  return { text: `${FUNCTION_NAMES[func]} of ${block?.name ?? name} (function ${HEX[func]})`, parameters };
}

function readTransfer(
  facts: Facts,
  waiting: WaitingActions,
  reference: number,
  bytes: Uint8Array,
  func: number,
  parameters: number,
  data: number,
): void {
  // Upload and End upload name a session instead of a file
  if (func === Func.Upload || func === Func.EndUpload) {
    if (data - parameters < 8)
      violate(facts, 's7comm.parameter-truncated', `${FUNCTION_NAMES[func]} has ${data - parameters} bytes of parameters, 8 are needed.`);
    return;
  }
  const file = readFileName(bytes, parameters, data);
  if (!file) {
    violate(facts, 's7comm.file-name', `The file name of ${FUNCTION_NAMES[func]} does not fit ${data - parameters} bytes of parameters.`);
    return;
  }
  countBlock(facts, file.block);
  if (func !== Func.RequestDownload && func !== Func.StartUpload) return;
  const upload = func === Func.StartUpload;
  const { text: phrase, parameters: about } = describe(func, file.name, file.block);
  waiting.request(facts, reference, upload ? 'program.upload' : 'program.download', phrase, about);
  facts.tell({ is: 'transfer', protocol: S7, direction: upload ? 'read' : 'write', name: file.block?.name ?? file.name, text: phrase });
}

/** Blocks of _INSE, _INS2, _DELE: number of blocks (1), unused (1), eight characters each. */
function readBlocks(facts: Facts, bytes: Uint8Array, start: number, end: number): string[] {
  const names: string[] = [];
  const count = Math.min(bytes[start] ?? 0, MOST_BLOCKS);
  for (let index = 0, at = start + 2; index < count; index++, at += BLOCK_LENGTH) {
    const block = readBlock(bytes, at, end);
    if (!block) break;
    countBlock(facts, block);
    names.push(block.name);
  }
  return names;
}

function readService(facts: Facts, waiting: WaitingActions, reference: number, bytes: Uint8Array, parameters: number, data: number): void {
  const argument = parameters + 10;
  const argumentEnd = argument + ((bytes[parameters + 8] << 8) | bytes[parameters + 9]);
  const nameEnd = argumentEnd + 1 + bytes[argumentEnd];
  if (argument > data || argumentEnd >= data || nameEnd > data) {
    violate(facts, 's7comm.parameter-truncated', `The service of a PI-Service job does not fit ${data - parameters} bytes of parameters.`);
    return;
  }
  const name = text(bytes, argumentEnd + 1, nameEnd, 64);
  if (facts.countsFields) facts.field('s7comm.param.pistart.servicename', name);
  facts.use(Aspect.S7Control, facts.intern(name), 0);
  const service = piService(name);
  const about: Record<string, string | number> = { function: HEX[Func.PlcControl], service: name };
  let says = service.says;
  if (service.action === 'program.download' || service.action === 'program.delete') {
    const blocks = readBlocks(facts, bytes, argument, argumentEnd);
    if (blocks.length > 0) {
      about.block = blocks.join(', ');
      says += ` (${about.block})`;
    }
  } else if (service.action === 'controller.start') {
    about.mode = 'RUN';
    about.kind = text(bytes, argument, Math.min(argumentEnd, argument + 1)) === 'C' ? 'cold' : 'warm';
  }
  if (service.action)
    waiting.request(facts, reference, service.action, `PI service ${name}: ${says} (function ${HEX[Func.PlcControl]})`, about);
}

function readStop(facts: Facts, waiting: WaitingActions, reference: number, bytes: Uint8Array, parameters: number, data: number): void {
  const at = parameters + 6;
  const name = at < data && at + 1 + bytes[at] <= data ? text(bytes, at + 1, at + 1 + bytes[at], 64) : '';
  if (name === '')
    violate(facts, 's7comm.parameter-truncated', `The service of a PLC stop does not fit ${data - parameters} bytes of parameters.`);
  else if (facts.countsFields) facts.field('s7comm.param.pistart.servicename', name);
  const action: ActionName = 'controller.stop';
  waiting.request(facts, reference, action, `PLC stop (function ${HEX[Func.PlcStop]})`, {
    function: HEX[Func.PlcStop],
    service: name,
    mode: 'STOP',
  });
}

/** Reads the parameters of a job of the functions above; others are left alone. */
export function readControlJob(
  facts: Facts,
  waiting: WaitingActions,
  reference: number,
  bytes: Uint8Array,
  func: number,
  parameters: number,
  data: number,
): void {
  if (func >= Func.RequestDownload && func <= Func.EndUpload) readTransfer(facts, waiting, reference, bytes, func, parameters, data);
  else if (func === Func.PlcControl) readService(facts, waiting, reference, bytes, parameters, data);
  else if (func === Func.PlcStop) readStop(facts, waiting, reference, bytes, parameters, data);
}
