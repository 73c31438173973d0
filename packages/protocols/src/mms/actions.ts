/** What a confirmed request does that an engine cares about, and the requests that wait for their answer. */
import type { ActionName, FactParameters, Facts } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { Service } from './names.ts';
import { subject, variableNames } from './objects.ts';

export const MMS = PROTOCOLS.mms.index;

/** Services of domains and program invocations that change or move them. */
export const isProgramService = (service: number): boolean =>
  service >= Service.InitiateDownloadSequence && service <= Service.Kill && service !== 37;

interface Deed {
  readonly action: ActionName;
  readonly text: string;
}

const DEEDS: Readonly<Record<number, Deed>> = {
  [Service.Identify]: { action: 'identity.request', text: 'Identify' },
  [Service.Rename]: { action: 'configuration.write', text: 'Rename of an object' },
  [Service.DefineNamedVariable]: { action: 'configuration.write', text: 'Definition of variable' },
  [Service.DefineScatteredAccess]: { action: 'configuration.write', text: 'Definition of scattered access' },
  [Service.DeleteVariableAccess]: { action: 'configuration.write', text: 'Deletion of variables' },
  [Service.DefineNamedVariableList]: { action: 'configuration.write', text: 'Definition of variable list' },
  [Service.DeleteNamedVariableList]: { action: 'configuration.write', text: 'Deletion of variable lists' },
  [Service.DefineNamedType]: { action: 'configuration.write', text: 'Definition of type' },
  [Service.DeleteNamedType]: { action: 'configuration.write', text: 'Deletion of types' },
  [Service.InitiateDownloadSequence]: { action: 'program.download', text: 'Download of domain' },
  [Service.InitiateUploadSequence]: { action: 'program.upload', text: 'Upload of domain' },
  [Service.LoadDomainContent]: { action: 'program.download', text: 'Load of domain' },
  [Service.StoreDomainContent]: { action: 'program.upload', text: 'Store of domain' },
  [Service.DeleteDomain]: { action: 'program.delete', text: 'Deletion of domain' },
  [Service.CreateProgramInvocation]: { action: 'configuration.write', text: 'Creation of program invocation' },
  [Service.DeleteProgramInvocation]: { action: 'program.delete', text: 'Deletion of program invocation' },
  [Service.Start]: { action: 'controller.start', text: 'Start of program invocation' },
  [Service.Stop]: { action: 'controller.stop', text: 'Stop of program invocation' },
  [Service.Resume]: { action: 'controller.start', text: 'Resume of program invocation' },
  [Service.Reset]: { action: 'controller.reset', text: 'Reset of program invocation' },
  [Service.Kill]: { action: 'controller.stop', text: 'Kill of program invocation' },
  [Service.ObtainFile]: { action: 'file.write', text: 'Transfer of file' },
  [Service.InitializeJournal]: { action: 'configuration.write', text: 'Clearing of a journal' },
  [Service.FileOpen]: { action: 'file.read', text: 'Opening of file' },
  [Service.FileRename]: { action: 'file.write', text: 'Renaming of file' },
  [Service.FileDelete]: { action: 'file.delete', text: 'Deletion of file' },
};

/** What a request does; `subject` is empty when it names nothing. */
export interface Intent {
  readonly action: ActionName;
  readonly text: string;
  readonly subject: string;
}

/** The action behind a request whose contents are `bytes[start, end)`, or undefined for the many that only read. */
export function intentOf(bytes: Uint8Array, service: number, start: number, end: number): Intent | undefined {
  if (service === Service.Write) return writeIntent(variableNames(bytes, start, end));
  const deed = DEEDS[service];
  if (!deed) return undefined;
  const name = service === Service.Identify ? '' : subject(bytes, service, start, end);
  return { action: deed.action, text: name ? `${deed.text} ${name}` : deed.text, subject: name };
}

/**
 * Functional constraints of IEC 61850-7-2 whose attributes act on the process, and those that configure the device.
 * Others (report and log control blocks) a client writes for itself.
 */
const PROCESS = new Set(['CO', 'SP', 'SV', 'OR', 'BL']);
const CONFIGURATION = new Set(['CF', 'SG', 'SE', 'DC', 'EX', 'GO', 'GS', 'MS', 'US']);

/** `domain/LN$FC$object$attribute` is IEC 61850's; other names are variables of the process. */
function writeIntent(names: readonly string[]): Intent | undefined {
  let process: string | undefined;
  for (const name of names) {
    const [, constraint, ...path] = name.split('$');
    if (constraint !== undefined && CONFIGURATION.has(constraint))
      return { action: 'configuration.write', text: `Write to ${name}`, subject: name };
    const last = path.at(-1) ?? '';
    // selection and cancellation of a control act on nothing yet
    const acts = constraint === undefined || (PROCESS.has(constraint) && last !== 'SBO' && last !== 'SBOw' && last !== 'Cancel');
    if (acts) process ??= name;
  }
  return process === undefined ? undefined : { action: 'control.operate', text: `Write to ${process}`, subject: process };
}

/** Requests of one connection that may wait; the oldest is forgotten first. ICCP and IEC 61850 negotiate 20 or fewer. */
const MOST_WAITING = 32;
const FREE = -1;

/** Requests that wait for their answer, by invoke id and direction. Nothing is allocated for those without an intent. */
export class Outstanding {
  readonly #invokes = new Int32Array(MOST_WAITING);
  readonly #services = new Int16Array(MOST_WAITING).fill(FREE);
  readonly #toServer = new Uint8Array(MOST_WAITING);
  readonly #intents: (Intent | undefined)[] = Array.from({ length: MOST_WAITING }, () => undefined);
  #next = 0;

  /** Service and intent of the request that `take` found last. */
  service = FREE;
  intent: Intent | undefined = undefined;

  add(facts: Facts, invoke: number, service: number, intent: Intent | undefined): void {
    const at = this.#next;
    this.#next = (at + 1) % MOST_WAITING;
    this.#invokes[at] = invoke;
    this.#services[at] = service;
    this.#toServer[at] = facts.toServer ? 1 : 0;
    this.#intents[at] = intent;
  }

  /** The request that a message of the other side answers: true when it was seen. Each is found once. */
  take(facts: Facts, invoke: number): boolean {
    const asked = facts.toServer ? 0 : 1;
    this.service = FREE;
    this.intent = undefined;
    for (let at = 0; at < MOST_WAITING; at++) {
      if (this.#services[at] === FREE || this.#invokes[at] !== invoke || this.#toServer[at] !== asked) continue;
      this.service = this.#services[at];
      this.intent = this.#intents[at];
      this.#services[at] = FREE;
      this.#intents[at] = undefined;
      return true;
    }
    return false;
  }

  forget(): void {
    this.#services.fill(FREE);
    this.#intents.fill(undefined);
  }
}

export function tellIntent(facts: Facts, intent: Intent, phase: 'requested' | 'accepted' | 'refused'): void {
  const { action, text, subject: name } = intent;
  const parameters: FactParameters = name ? { name } : {};
  facts.tell({ is: 'action', protocol: MMS, action, phase, text, parameters });
  if (phase !== 'accepted' || !name) return;
  if (action === 'file.read' || action === 'file.write')
    facts.tell({ is: 'transfer', protocol: MMS, direction: action === 'file.read' ? 'read' : 'write', name, text });
}
