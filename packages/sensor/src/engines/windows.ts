/**
 * Windows machines that are used from afar: services and tasks made and started over SMB and DCE/RPC, and the marks that tools
 * and malware leave in doing so. PsExec copies PSEXESVC.exe to ADMIN$, makes a service of that name and talks with it through
 * pipes whose names begin so; NotPetya copies perfc.dat.
 */
import type { RemoteFact, TransferFact } from '@annunciator/protocols/facts';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import { SensorAspect } from '../baseline/aspects.ts';
import type { Baseline } from '../baseline/baseline.ts';
import type { Judge } from './judge.ts';
import type { Scene } from './scene.ts';

const PSEXEC = /^psexesvc/i;
const PSEXEC_FILE = /\\psexesvc[^\\]*$/i;
/** Administrative shares: of the system folder and of drives. */
const ADMINISTRATIVE = /^(?:admin|[a-z])\$\\/i;
const PERFC = /\\perfc(?:\.dat)?$/i;

export class WindowsEngine {
  readonly #judge: Judge;
  readonly #baseline: Baseline;

  constructor(judge: Judge, baseline: Baseline) {
    this.#judge = judge;
    this.#baseline = baseline;
  }

  remote(scene: Scene, fact: RemoteFact, intern: (text: string) => number): void {
    const { what, name, image } = fact;
    if ((what === 'pipe' || what === 'service-create') && PSEXEC.test(name)) this.#psexec(scene, fact.protocol, fact.text);
    const starts = what === 'service-create' || what === 'service-start';
    if (starts && name !== '') this.#new(scene, fact, 'unauthorized-windows-service', SensorAspect.WindowsService, name, intern);
    if (image) this.#new(scene, fact, 'unauthorized-windows-process', SensorAspect.WindowsProcess, image, intern);
  }

  transfer(scene: Scene, fact: TransferFact): void {
    if (fact.protocol !== PROTOCOLS.smb.index || fact.direction !== 'write' || !ADMINISTRATIVE.test(fact.name)) return;
    if (PSEXEC_FILE.test(fact.name)) this.#psexec(scene, fact.protocol, fact.text);
    if (!PERFC.test(fact.name)) return;
    this.#judge.raise(scene, {
      type: 'suspicion-of-notpetya-malware-illegal-smb-transaction-detected',
      source: scene.sender,
      destination: scene.receiver,
      sourcePort: scene.senderPort,
      destinationPort: scene.receiverPort,
      protocol: fact.protocol,
      message: `${this.#judge.label(scene.sender)} ${fact.text} on ${this.#judge.label(scene.receiver)}, as NotPetya does to spread.`,
      expected: 'no file of this name in an administrative share',
      seen: fact.name,
      parameters: { file: fact.name },
      parameterKey: fact.name,
    });
  }

  #psexec(scene: Scene, protocol: number, text: string): void {
    this.#judge.raise(scene, {
      type: 'suspicion-of-remote-code-execution-with-psexec',
      source: scene.actor,
      destination: scene.target,
      protocol,
      message: `${this.#judge.label(scene.actor)} ${text} on ${this.#judge.label(scene.target)}, as PsExec does to run programs there.`,
      expected: 'no service, file or pipe of PsExec',
      seen: text,
    });
  }

  #new(scene: Scene, fact: RemoteFact, type: string, aspect: number, name: string, intern: (text: string) => number): void {
    const interned = intern(name);
    if (this.#baseline.check(scene.target, 0, aspect, interned, 0)) return;
    this.#judge.raise(scene, {
      type,
      source: scene.actor,
      destination: scene.target,
      protocol: fact.protocol,
      message: `${this.#judge.label(scene.actor)} ${fact.text} on ${this.#judge.label(scene.target)}, where it was not known.`,
      expected: `only the ${aspect === SensorAspect.WindowsService ? 'services' : 'programs'} known to be started there from afar`,
      seen: name,
      parameters: { name },
      parameterKey: name,
      learn: [this.#baseline.learnable(scene.target, 0, aspect, interned, 0)],
    });
  }
}
