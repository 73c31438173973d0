/**
 * Operational alerts about the sensor's own interfaces: one that fell silent, and one that is back.
 *
 * In captures only the packets tell the time: a hole between two of them is silence of the one interface there is. On a
 * network each interface is watched by itself, and silence is told while it lasts.
 */
import type { Finding, Judge } from './judge.ts';
import { moment, type Scene } from './scene.ts';

const SILENT = 'no-traffic-detected-on-sensor-interface';
const BACK = 'traffic-detected-on-sensor-interface';

/** An interface, as far as its silence goes. */
export interface WatchedInterface {
  readonly name: string;
  /** Packet second of its last packet; null when it never had one. */
  readonly lastSecond: number | null;
  /** Seconds since then. */
  readonly quiet: number;
}

export class SensorTrafficEngine {
  readonly #judge: Judge;
  #lastPacket = 0;
  #silent = false;
  /** Interfaces of a network that are silent, by name; undefined while captures are read. */
  #silentInterfaces: Set<string> | undefined;

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  /** A packet of a capture came in, in another second than the one before. */
  packetAt(scene: Scene): void {
    if (this.#silentInterfaces !== undefined) return;
    const { windowSeconds } = this.#judge.threshold(SILENT);
    const gap = scene.seconds - this.#lastPacket;
    if (this.#lastPacket !== 0 && gap >= windowSeconds && !this.#silent) {
      this.#silent = true;
      this.#raise(SILENT, moment(this.#lastPacket + windowSeconds), '');
    }
    if (this.#silent) {
      this.#silent = false;
      this.#raise(BACK, scene, '');
    }
    if (scene.seconds > this.#lastPacket) this.#lastPacket = scene.seconds;
  }

  /** Looks at the interfaces of a network. True when one of them is silent: then its next packet is to be told by {@link back}. */
  look(interfaces: readonly WatchedInterface[]): boolean {
    this.#silentInterfaces ??= new Set();
    const { windowSeconds } = this.#judge.threshold(SILENT);
    for (const { name, lastSecond, quiet } of interfaces) {
      // One that never carried traffic has lost none.
      if (lastSecond === null || quiet < windowSeconds || this.#silentInterfaces.has(name)) continue;
      this.#silentInterfaces.add(name);
      this.#raise(SILENT, moment(lastSecond + windowSeconds), name);
    }
    return this.#silentInterfaces.size > 0;
  }

  /** A packet came in on an interface. False when no interface is silent any more. */
  back(name: string, seconds: number, nanoseconds: number): boolean {
    if (this.#silentInterfaces?.delete(name)) this.#raise(BACK, { ...moment(seconds), nanoseconds }, name);
    return (this.#silentInterfaces?.size ?? 0) > 0;
  }

  #raise(type: string, scene: Scene, name: string): void {
    const on = name === '' ? 'the monitoring interface' : `the monitoring interface ${name}`;
    const minutes = this.#judge.threshold(SILENT).windowSeconds / 60;
    const said: Pick<Finding, 'message' | 'seen'> =
      type === SILENT
        ? { message: `No packet arrived on ${on} for ${minutes} minutes.`, seen: 'silence' }
        : { message: `Packets arrive again on ${on}.`, seen: 'the first packet after the silence' };
    this.#judge.raise(scene, {
      type,
      source: 0,
      destination: 0,
      protocol: 0,
      expected: 'steady traffic',
      ...said,
      ...(name === '' ? {} : { parameters: { interface: name }, parameterKey: name }),
    });
  }
}
